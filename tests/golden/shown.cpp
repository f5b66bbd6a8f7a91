// SPDX-License-Identifier: Apache-2.0
// Descriptors, statements, states and records as JSON.
#include "tests/golden/shown.hpp"

#include <algorithm>
#include <cstring>

#include "tests/golden/described_samples.hpp"

namespace lmlog::golden {
namespace {

constexpr std::string_view kClocks[] = {"", "tsc", "coarse", "user_ns", "realtime"};
constexpr std::string_view kPolicies[] = {"", "drop", "block", "overwrite"};
constexpr std::string_view kTypes[] = {"",    "bool", "char", "i8",  "u8",  "i16",     "u16",    "i32",
                                       "u32", "i64",  "u64",  "f32", "f64", "pointer", "string", "structured"};
constexpr std::string_view kKinds[] = {"",     "pad",        "thread",   "context",   "clock",     "weight",
                                       "loss", "span_begin", "span_end", "backtrace", "sub_buffer"};

std::string type_name(std::uint8_t tag) {
  return tag < std::size(kTypes) ? std::string(kTypes[tag]) : std::to_string(tag);
}

std::string reason_name(std::uint32_t reason) {
  const std::string_view name = loss_reason_name(reason);
  return name.empty() ? std::to_string(reason) : std::string(name);
}

template <class T> T take(ByteReader& in) { return in.take<T>(); }

std::string_view length_word_string(ByteReader& in) { return in.text(in.take<std::uint32_t>() & kLengthMask); }

std::string hex_of(ByteReader& in, std::size_t count) { return hex(in.bytes(count)); }

Json shown_context(std::span<const std::byte> body) {
  ByteReader in(body);
  if (std::all_of(body.begin(), body.begin() + 32, [](std::byte b) { return b == std::byte{}; }))
    return Json::object().add("none", true);
  Json out = Json::object();
  out.add("trace_id", hex_of(in, 16)).add("span_id", hex_of(in, 8)).add("flags", take<std::uint8_t>(in));
  (void)in.bytes(3);
  Json values = Json::array();
  for (auto n = take<std::uint32_t>(in); n-- > 0;) {
    const auto key = length_word_string(in);
    values.add(Json::array().add(key).add(length_word_string(in)));
  }
  return out.add("values", values);
}

Json shown_span(std::span<const std::byte> body) {
  ByteReader in(body);
  Json out = Json::object();
  out.add("trace_id", hex_of(in, 16)).add("span_id", hex_of(in, 8)).add("parent", hex_of(in, 8));
  return out.add("name", length_word_string(in));
}

std::span<const std::byte> view(std::string_view text) { return std::as_bytes(std::span(text.data(), text.size())); }

/// A fixed value from its bytes; the reader stands at it.
Json fixed_value(ArgType type, ByteReader& in) {
  switch (type) {
    case ArgType::boolean:
      return in.take<std::uint8_t>() != 0;
    case ArgType::character:
      return std::string_view(in.text(1));
    case ArgType::i8:
      return int{in.take<std::int8_t>()};
    case ArgType::u8:
      return int{in.take<std::uint8_t>()};
    case ArgType::i16:
      return in.take<std::int16_t>();
    case ArgType::u16:
      return in.take<std::uint16_t>();
    case ArgType::i32:
      return in.take<std::int32_t>();
    case ArgType::u32:
      return in.take<std::uint32_t>();
    case ArgType::i64:
      return in.take<std::int64_t>();
    case ArgType::u64:
      return in.take<std::uint64_t>();
    case ArgType::f32:
      return static_cast<double>(in.take<float>());
    case ArgType::f64:
      return in.take<double>();
    default: {  // pointer
      char text[20];
      std::snprintf(text, sizeof(text), "0x%llx", static_cast<unsigned long long>(in.take<std::uint64_t>()));
      return text;
    }
  }
}

/// Adds `fields`, and `truncated` where the producer cut a value.
void add_fields(const Statement& statement, std::string_view arguments, Json& out) {
  ByteReader fixed(view(arguments));
  ByteReader variable(view(arguments));
  (void)variable.bytes(statement.fixed_bytes);
  Json fields = Json::object();
  Json truncated = Json::array();
  for (const Argument& argument : statement.arguments) {
    const Json* const described = argument.description.empty() ? nullptr : shown_described(argument.name);
    if (!is_variable(argument.type())) {
      const Json plain = fixed_value(argument.type(), fixed);
      fields.add(argument.name, described != nullptr ? *described : plain);
      continue;
    }
    const auto word = variable.take<std::uint32_t>();
    const auto text = variable.text(word & kLengthMask);
    if ((word & kTruncatedBit) != 0) truncated.add(argument.name);
    if (described != nullptr) {
      fields.add(argument.name, *described);
    } else if (argument.type() == ArgType::string) {
      fields.add(argument.name, text);
    } else {
      fields.add(argument.name, Json::object().add("opaque", hex(text)).add("type", argument.tag));
    }
  }
  out.add("fields", fields);
  if (!truncated.empty()) out.add("truncated", truncated);
}

void add_context(const StateVector& state, Json& out) {
  if (state.context.empty()) return;
  ByteReader in(view(state.context));
  const std::string trace = hex_of(in, 16);
  const std::string span = hex_of(in, 8);
  const auto flags = take<std::uint8_t>(in);
  if (trace != std::string(32, '0')) out.add("trace_id", trace).add("trace_flags", flags);
  if (span != std::string(16, '0')) out.add("span_id", span);
  (void)in.bytes(3);
  Json values = Json::object();
  for (auto n = take<std::uint32_t>(in); n-- > 0;) {
    const auto key = length_word_string(in);
    values.add(key, length_word_string(in));
  }
  if (!values.empty()) out.add("context", values);
}

}  // namespace

std::string hex(std::span<const std::byte> bytes) {
  constexpr char digits[] = "0123456789abcdef";
  std::string out;
  for (const std::byte byte : bytes) {
    out.push_back(digits[std::to_integer<unsigned>(byte) >> 4]);
    out.push_back(digits[std::to_integer<unsigned>(byte) & 15]);
  }
  return out;
}

std::string hex(std::string_view bytes) { return hex(view(bytes)); }

std::string hex64(std::uint64_t value) {
  char text[20];
  std::snprintf(text, sizeof(text), "%016llx", static_cast<unsigned long long>(value));
  return text;
}

Json shown(const SessionDescriptor& d) {
  return Json::object()
      .add("version", std::to_string(d.major) + "." + std::to_string(d.minor))
      .add("header_bytes", d.header_bytes)
      .add("compatible", d.compatible)
      .add("session", d.session_id.hex())
      .add("file_bytes", d.file_bytes)
      .add("pid", d.pid)
      .add("clock", kClocks[d.clock])
      .add("start_realtime_ns", d.start_realtime_ns)
      .add("start_tsc", d.start_tsc)
      .add("start_monotonic_raw_ns", d.start_monotonic_raw_ns)
      .add("tsc_hz", d.tsc_hz)
      .add("control_offset", d.control_offset)
      .add("control_count", d.control_count)
      .add("catalog_offset", d.catalog_offset)
      .add("catalog_bytes", d.catalog_bytes)
      .add("boot_id", d.boot_id.hex())
      .add("ring_bytes", d.ring_bytes)
      .add("policy", kPolicies[d.policy])
      .add("service", service_of(d))
      .add("host", host_of(d))
      .add("program", program_of(d));
}

Json shown(const Statement& s) {
  Json arguments = Json::array();
  for (const Argument& argument : s.arguments) {
    const bool named = (argument.flags & kArgNamed) != 0;
    Json one = Json::object();
    one.add("type", type_name(argument.tag)).add("in_message", argument.in_message());
    one.add("named", named).add("name", named ? argument.name : "");
    if (!argument.description.empty()) one.add("description", argument.description);
    arguments.add(std::move(one));
  }
  return Json::object()
      .add("id", s.id)
      .add("site", hex64(s.site_hash))
      .add("severity", severity_name(s.level))
      .add("template", s.format)
      .add("file", s.file)
      .add("line", s.line)
      .add("function", s.function)
      .add("logger_id", s.logger_id)
      .add("time_is_given", (s.flags & kStatementTimeGiven) != 0)
      .add("arguments", arguments);
}

Json shown_statements(const SessionCatalog& catalog) {
  Json out = Json::array();
  for (std::uint32_t id = kFirstStatementId; id < catalog.id_limit(); ++id) {
    if (const Statement* statement = catalog.find(id)) out.add(shown(*statement));
  }
  return out;
}

Json shown_counts(const LossCounts& counts) {
  Json out = Json::object();
  for (std::uint32_t i = 0; i < counts.size(); ++i) {
    if (counts[i] != 0) out.add(std::to_string(i), counts[i]);
  }
  return out;
}

Json shown_by_name(const LossList& losses) {
  Json out = Json::object();
  for (const auto& [reason, count] : losses) out.add(reason_name(reason), count);
  return out;
}

Json shown(const TimeRanges& ranges) {
  return Json::object()
      .add("min_time", ranges.min_time)
      .add("max_time", ranges.max_time)
      .add("min_sort_key", ranges.min_key)
      .add("max_sort_key", ranges.max_key);
}

Json shown(const StateVector& state) {
  Json out = Json::object();
  if (state.thread != ThreadState{}) {
    out.add(
        "thread",
        Json::object().add("tid", state.thread.tid).add("epoch", state.thread.epoch).add("name", state.thread.name));
  }
  if (state.clock_kind != 0)
    out.add("clock", Json::object().add("kind", kClocks[state.clock_kind]).add("epoch", state.clock_epoch));
  if (!state.context.empty()) out.add("context", shown_context(view(state.context)));
  if (!state.spans.empty()) {
    Json spans = Json::array();
    for (const std::string& span : state.spans) spans.add(shown_span(view(span)));
    out.add("spans", spans);
  }
  if (!state.weights.empty()) {
    Json weights = Json::object();
    for (const auto& [id, weight] : state.weights) weights.add(std::to_string(id), weight);
    out.add("weights", weights);
  }
  if (state.losses != LossCounts{}) out.add("losses", shown_counts(state.losses));
  out.add("sort_key", state.sort_key).add("index", state.index);
  if (!state.carried.empty()) {
    Json unknown = Json::object();
    for (const auto& [tag, payload] : state.carried) unknown.add(std::to_string(tag), hex(payload));
    out.add("unknown", unknown);
  }
  return out;
}

Json shown_body(std::uint32_t kind, std::span<const std::byte> body) {
  ByteReader in(body);
  Json out = Json::object();
  switch (static_cast<RecordKind>(kind)) {
    case RecordKind::thread: {
      out.add("tid", take<std::uint32_t>(in)).add("epoch", take<std::uint32_t>(in));
      return out.add("name", in.text(take<std::uint32_t>(in)));
    }
    case RecordKind::context:
      return shown_context(body);
    case RecordKind::clock:
      out.add("kind", kClocks[take<std::uint32_t>(in)]).add("epoch", take<std::uint32_t>(in));
      out.add("tsc", take<std::uint64_t>(in)).add("realtime_ns", take<std::int64_t>(in));
      return out.add("monotonic_raw_ns", take<std::int64_t>(in));
    case RecordKind::weight:
      out.add("statement", take<std::uint32_t>(in));
      (void)take<std::uint32_t>(in);
      return out.add("weight", take<double>(in));
    case RecordKind::loss: {
      LossCounts counts{};
      (void)parse_losses(body, counts);
      return out.add("cumulative", shown_counts(counts));
    }
    case RecordKind::span_begin:
      return shown_span(body);
    case RecordKind::span_end:
      return out.add("span_id", hex_of(in, 8)).add("status", take<std::uint32_t>(in));
    case RecordKind::backtrace: {
      Json addresses = Json::array();
      auto n = take<std::uint32_t>(in);
      (void)take<std::uint32_t>(in);
      while (n-- > 0) addresses.add(take<std::uint64_t>(in));
      return out.add("addresses", addresses);
    }
    case RecordKind::sub_buffer: {
      out.add("position", take<std::uint64_t>(in)).add("index", take<std::uint64_t>(in));
      LossCounts counts{};
      (void)parse_losses(body.subspan(16), counts);
      return out.add("losses", shown_counts(counts));
    }
    default:
      return hex(body);
  }
}

std::uint32_t ShownRecords::clock_kind() const {
  return state_.clock_kind != 0 ? state_.clock_kind : session_->descriptor().clock;
}

Json ShownRecords::frame(std::string_view kind, std::uint64_t position, std::uint64_t length, std::uint64_t time) {
  Json out = Json::object();
  out.add("kind", kind).add("position", position).add("length", length).add("raw_time", time);
  out.add("sort_key", state_.sort_key);
  out.add("time_unix_nano", std::to_string(converter_.record_ns(time, clock_kind())));
  if (state_.thread != ThreadState{}) {
    out.add("tid", state_.thread.tid).add("epoch", state_.thread.epoch).add("thread", state_.thread.name);
  }
  return out;
}

Json ShownRecords::record(std::uint64_t position, std::uint64_t length, std::uint64_t time, std::uint32_t id,
                          std::string_view arguments, bool with_fields) {
  const LossCounts before = state_.losses;
  (void)state_.apply({position, length, time, id, view(arguments)});
  if (id < kFirstStatementId) {
    const std::string kind = id < std::size(kKinds) ? std::string(kKinds[id]) : "unknown " + std::to_string(id);
    Json out = frame(kind, position, length, time).add("body", shown_body(id, view(arguments)));
    LossList lost;
    for (std::uint32_t i = 0; i < before.size(); ++i) {
      if (state_.losses[i] > before[i]) lost.emplace_back(i, state_.losses[i] - before[i]);
    }
    if (!lost.empty()) out.add("lost", shown_by_name(lost));
    return out;
  }
  Json out = frame("statement", position, length, time);
  const Statement& statement = *session_->find(id);
  out.add("statement", id)
      .add("severity", severity_name(statement.level))
      .add("severity_number", severity_number(statement.level))
      .add("template", statement.format)
      .add("site", hex64(statement.site_hash))
      .add("file", statement.file)
      .add("line", statement.line)
      .add("function", statement.function);
  if (with_fields) add_fields(statement, arguments, out);
  add_context(state_, out);
  if (const auto weight = state_.weights.find(id); weight != state_.weights.end()) out.add("weight", weight->second);
  return out;
}

Json ShownRecords::losses(std::uint64_t cursor_position, std::uint64_t time, const LossCounts& counts) {
  LossList lost;
  for (std::uint32_t i = 0; i < counts.size(); ++i) {
    if (counts[i] > state_.losses[i]) lost.emplace_back(i, counts[i] - state_.losses[i]);
    state_.losses[i] = std::max(state_.losses[i], counts[i]);
  }
  state_.sort_key = std::max(state_.sort_key, time);
  return Json::object()
      .add("kind", "loss")
      .add("position", cursor_position)
      .add("raw_time", time)
      .add("time_unix_nano", std::to_string(converter_.record_ns(time, clock_kind())))
      .add("by_collector", true)
      .add("lost", shown_by_name(lost));
}

}  // namespace lmlog::golden
