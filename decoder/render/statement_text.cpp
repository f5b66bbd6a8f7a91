// SPDX-License-Identifier: Apache-2.0
// Prepares the parts of JSON and text records that do not change from record to record.
#include "decoder/render/statement_text.hpp"

#include <fmt/format.h>

#include <cstring>

#include "decoder/render/escape.hpp"
#include "lmlog/formats/byte_io.hpp"

namespace lmlog::decoder {
namespace {

std::string hex(std::string_view bytes) {
  std::string out;
  for (const char c : bytes) fmt::format_to(std::back_inserter(out), "{:02x}", static_cast<unsigned char>(c));
  return out;
}

void add(std::vector<JsonMember>& members, std::string_view key, std::string_view text) {
  if (!text.empty()) members.push_back({std::string(key), json_string(text)});
}

/// `,"key":value` for each member.
std::string joined(const std::vector<JsonMember>& members) {
  std::string out;
  for (const auto& member : members) out += ",\"" + member.key + "\":" + member.value;
  return out;
}

bool all_zero(std::string_view bytes) { return bytes.find_first_not_of('\0') == std::string_view::npos; }

/// Body of a context record: trace id, span id, flags, and n pairs of strings.
std::vector<JsonMember> context_members(std::string_view body) {
  std::vector<JsonMember> members;
  formats::ByteReader in(std::as_bytes(std::span(body.data(), body.size())));
  const std::string_view trace = in.text(16);
  const std::string_view span = in.text(8);
  const auto flags = in.take<std::uint8_t>();
  (void)in.bytes(3);
  const auto pairs = in.take<std::uint32_t>();
  const auto text = [&in] { return in.text(in.take<std::uint32_t>() & formats::kLengthMask); };
  std::string object;
  for (std::uint32_t i = 0; i < pairs && in.ok(); ++i) {
    const std::string_view key = text();
    const std::string_view value = text();
    if (!in.ok()) break;
    object += (object.empty() ? "{" : ",") + json_string(key) + ":" + json_string(value);
  }
  if (!object.empty()) members.push_back({"context", object + "}"});
  if (!trace.empty() && !all_zero(trace)) {
    add(members, "trace_id", hex(trace));
    if (!all_zero(span)) add(members, "span_id", hex(span));
    members.push_back({"trace_flags", std::to_string(flags)});
  }
  return members;
}

}  // namespace

StatementText::StatementText(const StatementRef& reference)
    : layout(ArgumentLayout::of(*reference.statement)),
      message(*reference.statement),
      level(reference.statement->level),
      severity(fmt::format("{:<6} ", formats::severity_name(reference.statement->level))) {
  const formats::Statement& s = *reference.statement;
  const Session& of = *reference.session;
  add(source_members, "severity", formats::severity_name(s.level));
  source_members.push_back({"severity_number", std::to_string(formats::severity_number(s.level))});
  add(source_members, "service", of.service());
  add(source_members, "host", of.host());
  source_members.push_back({"pid", std::to_string(of.descriptor().pid)});
  if (const std::string name = of.catalog().logger_name(s.logger_id); !name.empty()) {
    add(logger_members, "logger", name);
    logger = joined(logger_members);
    logger_label = " ";
    append_terminal_text(logger_label, name);
    logger_label += "]";
  }
  add(statement_members, "template", s.format);
  if (!reference.is_loss) {
    add(statement_members, "site", fmt::format("{:016x}", s.site_hash));
    add(statement_members, "file", s.file);
    if (s.line != 0) statement_members.push_back({"line", std::to_string(s.line)});
    add(statement_members, "function", s.function);
  }
  source = joined(source_members);
  statement = joined(statement_members);
  session = ",\"session\":\"" + of.id().hex() + "\"";
  for (std::size_t i = 0; i < s.arguments.size(); ++i) {
    field_keys.push_back(json_string(s.arguments[i].name) + ":");
    append_terminal_text(names.emplace_back(), s.arguments[i].name);
    if (s.arguments[i].in_message() && !message.is_malformed()) continue;
    unshown.emplace_back(i, " " + names.back() + "=");
  }
}

ThreadText::ThreadText(const ThreadContext& of) {
  if (of.is_known) {
    thread_members.push_back({"tid", std::to_string(of.tid)});
    add(thread_members, "thread", of.name);
  }
  if (!of.context.empty()) context_members = decoder::context_members(of.context);
  thread = joined(thread_members);
  context = joined(context_members);
  label = "[";
  append_terminal_text(label, of.is_known ? (of.name.empty() ? std::to_string(of.tid) : of.name) : "-");
  label += "]";
}

const StatementText& text_of(const StatementRef& reference) {
  if (!reference.text) reference.text = std::make_shared<const StatementText>(reference);
  return *reference.text;
}

const ThreadText& text_of(const ThreadContext& context) {
  if (!context.text) context.text = std::make_shared<const ThreadText>(context);
  return *context.text;
}

}  // namespace lmlog::decoder
