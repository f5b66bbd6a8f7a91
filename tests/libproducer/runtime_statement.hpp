// SPDX-License-Identifier: Apache-2.0
// A statement made while the program runs that is asked for without a record (RuntimeSite has no such call).
#pragma once

#include <cstdint>
#include <string>
#include <utility>

#include <lmlog/log_call.hpp>
#include <lmlog/statement.hpp>

namespace lmlog::testing {

/// Registered for as long as it lives. It has no arguments.
class RuntimeStatement {
 public:
  explicit RuntimeStatement(std::string format)
      : format_(std::move(format)),
        description_{&cell_, {format_, __FILE__, "runtime", __LINE__, formats::Level::info, false}, nullptr, 0, 16, 0,
                     hash()} {}
  RuntimeStatement(const RuntimeStatement&) = delete;
  RuntimeStatement& operator=(const RuntimeStatement&) = delete;

  /// What a log call does first: true when a record of the statement could be written now.
  [[nodiscard]] bool Admit() const {
    return detail::admit(cell_, formats::Level::info) && detail::make_room(description_, nullptr, 0) != 0;
  }

 private:
  [[nodiscard]] std::uint64_t hash() const {
    formats::SiteHasher hasher(static_cast<std::uint8_t>(formats::Level::info), 0);
    return hasher.finish(format_);
  }

  std::string format_;
  detail::StatementCell cell_;
  detail::StatementDescription description_;
  detail::Registrar registrar_{description_};
};

}  // namespace lmlog::testing
