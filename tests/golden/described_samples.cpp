// SPDX-License-Identifier: Apache-2.0
// The table of "Type descriptions" in registry.md, line by line.
#include "tests/golden/described_samples.hpp"

#include <cstring>

namespace lmlog::golden {

using namespace lmlog::formats;

namespace {

template <class T> std::string raw(const T& value) {
  std::string out(sizeof(value), '\0');
  std::memcpy(out.data(), &value, sizeof(value));
  return out;
}

std::string u32(std::uint32_t value) { return raw(value); }
std::string text(std::string_view value) { return u32(static_cast<std::uint32_t>(value.size())) + std::string(value); }

Json list(std::initializer_list<Json> values) {
  Json out = Json::array();
  for (const Json& value : values) out.add(value);
  return out;
}

Json error(std::string_view category, int value) {
  return Json::object().add("category", category).add("value", value);
}

std::vector<DescribedSample> single_values() {
  const std::int64_t noon = 1'795'383'855'123'456'789;
  return {
      {ArgType::i64, "elapsed", "d1/1000:i8", raw(std::int64_t{-42}), false, "-42ms"},
      {ArgType::i64, "odd", "d7/3:i8", raw(std::int64_t{4}), false, "4[7/3]s"},
      {ArgType::f64, "seconds", "d1/1:f8", raw(1.5), false, "1.5s"},
      {ArgType::i64, "at", "t1/1000000000:i8", raw(noon), false, "2026-11-22T21:44:15.123456789Z"},
      {ArgType::i64, "before", "t1/1000:i8", raw(std::int64_t{-1}), false, "1969-12-31T23:59:59.999000000Z"},
      {ArgType::i64, "late", "t86400/1:i8", raw(std::int64_t{2'932'897}), false, "+10000-01-01T00:00:00.000000000Z"},
      {ArgType::i64, "never", "t3600/1:i8", raw(std::int64_t{1} << 62), false, "4611686018427387904h"},
      {ArgType::f64, "rounded", "t1/1:f8", raw(0.25), false, "1970-01-01T00:00:00.250000000Z"},
      {ArgType::u64, "user", "h", raw(std::uint64_t{0xABC}), false, "0000000000000abc"},
      {ArgType::string, "file", "P", "/tmp/a b", false, "/tmp/a b"},
      {ArgType::string, "cut_file", "P", "/tmp/a", true, "/tmp/a"},
      {ArgType::i64, "plain", "d1/1:f8", raw(std::int64_t{7}), false, 7},
      {ArgType::i64, "later", "!of a later version", raw(std::int64_t{8}), false, 8},
  };
}

std::vector<DescribedSample> structured_values() {
  const auto one = [](std::string name, std::string description, std::string bytes, Json shown) {
    return DescribedSample{ArgType::structured, std::move(name), std::move(description),
                           std::move(bytes),    false,           shown};
  };
  const std::string order = raw(std::int64_t{7}) + raw(48.0) + text("IBM") + u32(1) + text("vip");
  Json order_shown = Json::object().add("id", 7).add("px", 48.0).add("symbol", "IBM").add("tags", list({"vip"}));
  return {
      one("io", "E", raw(std::int32_t{5}) + text("generic"), error("generic", 5).add("message", "Input/output error")),
      one("own", "E", raw(std::int32_t{-3}) + text("mine"), error("mine", -3)),
      one("nothing", ".", "", Json()),
      one("some", "?i4", "\1" + u32(9), 9),
      one("none", "?i4", std::string(1, '\0'), Json()),
      one("scalars", "(bci1u1i2u2i4u4i8u8f4f8p)",
          "\1"
          "x"
          "\xFE\xFF" +
              raw(std::int16_t{-3}) + raw(std::uint16_t{65535}) + raw(std::int32_t{-4}) + u32(5) +
              raw(std::int64_t{-6}) + raw(~std::uint64_t{0}) + raw(0.5f) + raw(-0.0) + raw(std::uint64_t{0xBEEF}),
          list({true, "x", -2, 255, -3, 65535, -4, 5, -6, ~std::uint64_t{0}, 0.5, -0.0, "0xbeef"})),
      one("empty", "[i4]", u32(0), Json::array()),
      one("rows", "[[s]]", u32(2) + u32(1) + text("a\n") + u32(0), list({list({"a\n"}), Json::array()})),
      one("ids", "{u2}", u32(2) + raw(std::uint16_t{1}) + raw(std::uint16_t{2}), list({1, 2})),
      one("counts", "{s:u1}", u32(2) + text("a") + "\1" + text("b") + "\2", Json::object().add("a", 1).add("b", 2)),
      one("by_number", "{i4:?s}", u32(2) + raw(std::int32_t{-1}) + "\1" + text("x") + u32(2) + std::string(1, '\0'),
          Json::object().add("-1", "x").add("2", Json())),
      one("pairs", "{c*i1}", u32(2) + "k\1k\2", list({list({"k", 1}), list({"k", 2})})),
      one("either", "[<.i4s>]", u32(4) + std::string(1, '\0') + "\1" + u32(3) + "\2" + text("z") + "\xFF",
          list({Json(), 3, "z", Json()})),
      one("order", "@md::Order{id=i8;px=f8;symbol=s;tags={s};}", order, order_shown),
      one("orders", "[@md::Order{id=i8;px=f8;symbol=s;tags={s};}]", u32(2) + order + order,
          list({order_shown, order_shown})),
      one("times", "(d1/1000000:i8t1/1:i8hP)",
          raw(std::int64_t{3}) + raw(std::int64_t{0}) + raw(std::uint64_t{1}) + text("/p"),
          list({"3µs", "1970-01-01T00:00:00.000000000Z", "0000000000000001", "/p"})),
  };
}

Json opaque(std::string_view hex) { return Json::object().add("opaque", hex).add("type", 15); }

std::vector<DescribedSample> cut_values() {
  const auto cut = [](std::string name, std::string description, std::string bytes, Json shown) {
    return DescribedSample{ArgType::structured, std::move(name), std::move(description), std::move(bytes), true, shown};
  };
  const auto wrong = [](std::string name, std::string description, std::string bytes, Json shown) {
    return DescribedSample{ArgType::structured, std::move(name), std::move(description),
                           std::move(bytes),    false,           shown};
  };
  return {
      cut("cut_text", "[s]", u32(3) + text("abc") + u32(3) + "d", list({"abc", "d"})),
      cut("cut_length", "[s]", u32(3) + text("abc") + "\3", list({"abc"})),
      cut("cut_order", "@Order{id=i8;px=f8;side=c;}", raw(std::int64_t{7}) + "\1\2\3", Json::object().add("id", 7)),
      cut("cut_map", "{s:i4}", u32(2) + text("a") + u32(1) + text("b") + "\2\2", Json::object().add("a", 1)),
      cut("cut_optional", "(i1?i4.)", "\1\1\1", list({1})),
      cut("whole", "(i1.)", "\1", list({1})),
      cut("cut_count", "[s]", "\1\2", opaque("0102")),
      wrong("too_long", "[i1]", u32(1) + "\1\2", opaque("010000000102")),
      wrong("too_short", "[i1]", u32(2) + "\1", opaque("0200000001")),
      wrong("no_flag", "?i1", "\2\1", opaque("0201")),
      wrong("no_alternative", "<i1>", "\1\1", opaque("0101")),
      wrong("zero_bytes", "[.]", u32(1), opaque("01000000")),
      wrong("no_description", "", "\1\2", opaque("0102")),
      wrong("not_its_tag", "s", text("a"), opaque("0100000061")),
  };
}

}  // namespace

const std::vector<DescribedSample>& described_samples() {
  static const std::vector<DescribedSample> samples = [] {
    std::vector<DescribedSample> out = single_values();
    for (auto& sample : structured_values()) out.push_back(std::move(sample));
    for (auto& sample : cut_values()) out.push_back(std::move(sample));
    return out;
  }();
  return samples;
}

std::uint32_t described_statement(script::SessionScript& session) {
  std::vector<StatementParts::Arg> arguments;
  for (const auto& sample : described_samples()) {
    const auto flags = static_cast<std::uint8_t>(kArgNamed | (sample.description.empty() ? 0 : kArgDescribed));
    arguments.push_back({static_cast<std::uint8_t>(sample.type), flags, sample.name, sample.description});
  }
  return session.statement(Level::info, "values of several parts", 0, arguments, {}, "described.cpp", 5);
}

script::Arguments described_values() {
  script::Arguments out;
  for (const auto& sample : described_samples()) {
    if (is_variable(sample.type)) {
      out.string(sample.bytes, sample.is_truncated);
    } else {
      std::uint64_t bits;
      std::memcpy(&bits, sample.bytes.data(), sizeof(bits));
      out.fixed(bits);
    }
  }
  return out;
}

const Json* shown_described(std::string_view name) {
  for (const auto& sample : described_samples())
    if (sample.name == name) return &sample.shown;
  return nullptr;
}

}  // namespace lmlog::golden
