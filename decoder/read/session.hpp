// SPDX-License-Identifier: Apache-2.0
// A session as the decoder needs it: descriptor, owner, and its statements with what filters and renderers keep of
// each.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "lmlog/formats/id128.hpp"
#include "lmlog/formats/session_catalog.hpp"

namespace lmlog::decoder {

class Session;
struct StatementText;  // what renderers prepare of a statement; made on first use
struct ThreadText;     // the same of a thread and its context

/// A statement of a session, or the shape of its loss records.
struct StatementRef {
  const formats::Statement* statement = nullptr;
  const Session* session = nullptr;
  bool is_loss = false;
  mutable std::shared_ptr<const StatementText> text;
};

/// The thread that wrote a record, and the context that it had then.
struct ThreadContext {
  bool is_known = false;  // false: the ring's first records were not there to say
  std::uint32_t tid = 0;
  std::string name;
  std::string context;  // body of the context record, or empty
  mutable std::shared_ptr<const ThreadText> text;
};

/// The ring that a record comes from.
struct RingIdentity {
  formats::Id128 id;
  std::uint32_t uid = 0;
  std::shared_ptr<const Session> session;
  std::string hex;

  RingIdentity(const formats::Id128& ring, std::uint32_t owner, std::shared_ptr<const Session> of)
      : id(ring), uid(owner), session(std::move(of)), hex(ring.hex()) {}
};

/// Not thread-safe: references to statements are made on first use.
class Session {
 public:
  explicit Session(std::shared_ptr<formats::SessionCatalog> catalog);
  Session(const formats::SessionDescriptor& descriptor, std::uint32_t uid);

  [[nodiscard]] const formats::SessionDescriptor& descriptor() const noexcept { return catalog_->descriptor(); }
  [[nodiscard]] const formats::Id128& id() const noexcept { return catalog_->id(); }
  [[nodiscard]] std::uint32_t uid() const noexcept { return catalog_->uid(); }
  [[nodiscard]] std::string_view service() const noexcept;
  [[nodiscard]] std::string_view host() const noexcept;
  [[nodiscard]] formats::SessionCatalog& catalog() noexcept { return *catalog_; }
  [[nodiscard]] const formats::SessionCatalog& catalog() const noexcept { return *catalog_; }

  /// Null when the catalog does not have it. The reference lives as long as the session.
  [[nodiscard]] const StatementRef* statement(std::uint32_t id) const;
  [[nodiscard]] const StatementRef& loss_statement() const noexcept { return loss_; }

 private:
  std::shared_ptr<formats::SessionCatalog> catalog_;
  mutable std::vector<std::unique_ptr<StatementRef>> references_;  // by id - kFirstStatementId
  StatementRef loss_;
};

/// The body of a loss record as the loss statement's arguments: count and reason.
void append_loss_arguments(std::string& out, std::uint32_t reason, std::uint64_t count);

/// The shape of loss records: "{count} records lost" with the field `reason`.
[[nodiscard]] const formats::Statement& loss_shape();

}  // namespace lmlog::decoder
