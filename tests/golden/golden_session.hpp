// SPDX-License-Identifier: Apache-2.0
// Sessions of golden files: small ones, and the statement that has every argument type.
#pragma once

#include <cstdint>
#include <limits>

#include "tests/formats/ring_script.hpp"

namespace lmlog::golden {

using namespace lmlog::formats;

/// Gives the session's file few control words and a small catalog: a reader takes the places from the header.
inline void shrink(script::SessionScript& session, std::uint64_t control_count, std::uint64_t catalog_bytes) {
  SessionDescriptor& d = session.descriptor();
  d.control_count = control_count;
  d.catalog_offset = d.control_offset + 8 * control_count;
  d.catalog_bytes = catalog_bytes;
  d.file_bytes = d.catalog_offset + d.catalog_bytes;
}

inline std::uint32_t all_types_statement(script::SessionScript& session) {
  return session.statement(Level::debug, "{b} {c} {i8} {u8} {i16} {u16} {i32} {u32} {i64} {u64} {f32} {f64} {p} {s}",
                           {{ArgType::boolean, "b"},
                            {ArgType::character, "c"},
                            {ArgType::i8, "i8"},
                            {ArgType::u8, "u8"},
                            {ArgType::i16, "i16"},
                            {ArgType::u16, "u16"},
                            {ArgType::i32, "i32"},
                            {ArgType::u32, "u32"},
                            {ArgType::i64, "i64"},
                            {ArgType::u64, "u64"},
                            {ArgType::f32, "f32"},
                            {ArgType::f64, "f64"},
                            {ArgType::pointer, "p"},
                            {ArgType::string, "s"}},
                           "types.cpp", 77);
}

/// The least and the largest values, and some between; `n` from 0 to 3.
inline script::Arguments all_types_values(unsigned n) {
  const bool low = n % 2 == 0;
  const auto pick = [low]<class T>(T) {
    return low ? std::numeric_limits<T>::lowest() : std::numeric_limits<T>::max();
  };
  constexpr double kDoubles[] = {-0.0, 0.1, std::numeric_limits<double>::infinity(),
                                 std::numeric_limits<double>::quiet_NaN()};
  constexpr const char* kTexts[] = {"", "käse", "a \"quoted\" line\n", "last"};
  return script::Arguments()
      .fixed(!low)
      .fixed(low ? 'a' : 'Z')
      .fixed(pick(std::int8_t{}))
      .fixed(pick(std::uint8_t{}))
      .fixed(pick(std::int16_t{}))
      .fixed(pick(std::uint16_t{}))
      .fixed(pick(std::int32_t{}))
      .fixed(pick(std::uint32_t{}))
      .fixed(pick(std::int64_t{}))
      .fixed(pick(std::uint64_t{}))
      .fixed(low ? 1.5f : -0.25f)
      .fixed(kDoubles[n % 4])
      .fixed(std::uint64_t{0x7FFC'0000'1000} + n)
      .string(kTexts[n % 4], n % 4 == 3);
}

}  // namespace lmlog::golden
