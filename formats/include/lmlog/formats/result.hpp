// SPDX-License-Identifier: Apache-2.0
// Result<T>: a value, or an Error with a code of a closed list, the place in the file and a text for people.
// Used everywhere but on the producer's hot path.
#pragma once

#include <cassert>
#include <cstdint>
#include <string>
#include <utility>
#include <variant>

namespace lmlog::formats {

enum class ErrorCode : std::uint8_t {
  damaged,      // checksum, structure or bounds
  truncated,    // ends too early: a torn end
  unsupported,  // newer major version, unknown incompatible flag, kind or encoding
  not_ours,     // no file of this format
  too_large,    // above a named bound
  io,           // the system said no: errno is in the text
  invalid,      // a value given by a person: option, configuration
  not_found,
};

struct Error {
  ErrorCode code = ErrorCode::damaged;
  std::string text;          // says what, and what to do where there is something to do
  std::uint64_t offset = 0;  // byte range in the file or ring concerned; length 0: not known
  std::uint64_t length = 0;
};

template <class T> class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}

  [[nodiscard]] bool ok() const noexcept { return state_.index() == 0; }
  explicit operator bool() const noexcept { return ok(); }
  [[nodiscard]] T& value() & { return std::get<0>(state_); }
  [[nodiscard]] const T& value() const& { return std::get<0>(state_); }
  [[nodiscard]] T value() && { return std::get<0>(std::move(state_)); }
  [[nodiscard]] T* operator->() { return &std::get<0>(state_); }
  [[nodiscard]] const T* operator->() const { return &std::get<0>(state_); }
  [[nodiscard]] T& operator*() & { return std::get<0>(state_); }
  [[nodiscard]] const T& operator*() const& { return std::get<0>(state_); }
  [[nodiscard]] const Error& error() const { return std::get<1>(state_); }

 private:
  std::variant<T, Error> state_;
};

/// For operations without a value.
struct Done {};
using Status = Result<Done>;

}  // namespace lmlog::formats
