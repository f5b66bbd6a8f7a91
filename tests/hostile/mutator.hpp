// SPDX-License-Identifier: Apache-2.0
// A producer that means harm, in a process of its own: it goes on logging well, and in between spoils every word,
// length and byte of its files through its mapping, and their lengths, holes and names through system calls, while they
// are read. Good again from time to time, or readers would never get beyond the headers.
#pragma once

#include <cstdint>
#include <random>

#include "tests/hostile/victims.hpp"

namespace lmlog::hostile {

class Mutator {
 public:
  Mutator(Victims& victims, std::uint64_t seed);

  /// One deed, good or bad.
  void step();

 private:
  [[nodiscard]] std::uint64_t below(std::uint64_t bound) { return random_() % bound; }
  [[nodiscard]] std::uint64_t interesting_value(std::uint64_t near);

  void log_well(Victim& victim, std::size_t ring);
  void spoil_a_record(Victim& victim, std::size_t ring);
  void spoil_a_word(Victim& victim, std::size_t ring);
  void spoil_the_catalog(Victim& victim);
  void write_garbage(MappedFile& file);
  void change_the_length(MappedFile& file);
  void punch_a_hole(MappedFile& file);
  void change_the_name(MappedFile& file);

  void put_record(Victim& victim, std::size_t ring, std::uint64_t& head, std::uint32_t id, std::uint64_t length);

  Victims& victims_;
  std::mt19937_64 random_;
};

/// Starts a mutator as a child process that dies with this one; gives its pid.
[[nodiscard]] int start_mutator(Victims& victims, std::uint64_t seed);

}  // namespace lmlog::hostile
