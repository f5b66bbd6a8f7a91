// SPDX-License-Identifier: Apache-2.0
// Mutations of configurations by lines: sections and keys of the table with values of every kind, near their bounds and
// far from them; lines doubled, dropped and moved; now and then a further file.
#include <cstring>
#include <string_view>

#include "collector/config/config_keys.hpp"
#include "collector/config/quantities.hpp"
#include "tests/fuzz/chance.hpp"

namespace lmlog::fuzz {
namespace {

using collector::ConfigKey;
using collector::KeyKind;

std::string value_for(const ConfigKey& key, Chance& chance) {
  std::uint64_t number = chance.one_in(2) ? key.maximum : key.minimum;
  if (chance.one_in(2)) number += chance.below(3) - 1;
  if (chance.one_in(3)) number = chance.odd_value();
  switch (chance.below(8)) {
    case 0:
      return std::to_string(number);
    case 1:
      return std::to_string(static_cast<std::int64_t>(number));
    case 2:
      return '"' + collector::format_size(number) + '"';
    case 3:
      return '"' + collector::format_duration(static_cast<std::int64_t>(number)) + '"';
    case 4: {
      constexpr std::string_view kWords[] = {
          "\"fsync\"",   "\"write\"",       "nan", "inf", "-0.0", "1e309", "true", "{}", "1979-05-27T07:32:00Z",
          "\"\\u0000\"", "\"\"\"\nx\"\"\"", "''",  "0x10"};
      return std::string(kWords[chance.below(std::size(kWords))]);
    }
    case 5:
      return chance.one_in(2) ? "[\"/dev/shm/a\", \"b\"]" : "[1, [\"\"], {a = 1}]";
    case 6:
      return std::string(1 + chance.below(300), '[');
    default:
      return "\"" + std::to_string(number) + "KiB\"";
  }
}

std::string new_line(Chance& chance) {
  const auto keys = collector::config_keys();
  const ConfigKey& key = keys[chance.below(keys.size())];
  switch (chance.below(6)) {
    case 0:
      return "[" + std::string(key.section) + "]";
    case 1:
      return std::string(key.section) + "." + std::string(key.name) + " = " + value_for(key, chance);
    case 2:
      return std::string(key.section) + " = {" + std::string(key.name) + " = " + value_for(key, chance) + "}";
    default:
      return std::string(key.name) + " = " + value_for(key, chance);
  }
}

std::string mutated(std::string_view text, std::size_t room, Chance& chance) {
  std::vector<std::string> lines;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    lines.emplace_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  const auto place = [&] { return lines.begin() + static_cast<std::ptrdiff_t>(chance.below(lines.size() + 1)); };
  switch (chance.below(6)) {
    case 0:
      change_list(lines, chance);
      break;
    case 1:
      lines.insert(place(), std::string(1, '\0'));
      break;
    case 2:
      if (!lines.empty()) change_body(lines[chance.below(lines.size())], room, chance);
      break;
    default: {
      const auto keys = collector::config_keys();
      const ConfigKey& key = keys[chance.below(keys.size())];
      auto at = place();
      if (chance.one_in(2)) at = lines.insert(at, std::string(key.name) + " = " + value_for(key, chance));
      lines.insert(at, chance.one_in(2) ? "[" + std::string(key.section) + "]" : new_line(chance));
    }
  }
  std::string out;
  for (const std::string& line : lines) out += line + "\n";
  return out;
}

}  // namespace
}  // namespace lmlog::fuzz

extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, std::size_t max_size,
                                               unsigned seed) {
  lmlog::fuzz::Chance chance(seed);
  if (chance.one_in(8)) return LLVMFuzzerMutate(data, size, max_size);
  const std::size_t room = max_size > size ? std::min<std::size_t>(max_size - size, 32) : 0;
  const std::string out = lmlog::fuzz::mutated({reinterpret_cast<const char*>(data), size}, room, chance);
  if (out.size() > max_size) return LLVMFuzzerMutate(data, size, max_size);
  std::memcpy(data, out.data(), out.size());
  return out.size();
}
