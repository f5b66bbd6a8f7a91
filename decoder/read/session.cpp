// SPDX-License-Identifier: Apache-2.0
// References to statements, made on first use, and the one statement that every session has: its losses.
#include "decoder/read/session.hpp"

#include "lmlog/formats/descriptors.hpp"

namespace lmlog::decoder {

const formats::Statement& loss_shape() {
  static const formats::Statement shape = [] {
    formats::Statement s;
    s.level = formats::Level::warn;
    s.format = "{count} records lost";
    s.arguments.push_back(
        {static_cast<std::uint8_t>(formats::ArgType::u64), formats::kArgInMessage | formats::kArgNamed, "count"});
    s.arguments.push_back({static_cast<std::uint8_t>(formats::ArgType::string), formats::kArgNamed, "reason"});
    s.fixed_bytes = 8;
    s.variable_arguments = 1;
    return s;
  }();
  return shape;
}

void append_loss_arguments(std::string& out, std::uint32_t reason, std::uint64_t count) {
  const std::string_view known = formats::loss_reason_name(reason);
  const std::string name = known.empty() ? std::to_string(reason) : std::string(known);
  const auto length = static_cast<std::uint32_t>(name.size());
  out.append(reinterpret_cast<const char*>(&count), sizeof(count));
  out.append(reinterpret_cast<const char*>(&length), sizeof(length));
  out.append(name);
}

Session::Session(std::shared_ptr<formats::SessionCatalog> catalog)
    : catalog_(std::move(catalog)), loss_{&loss_shape(), this, true, {}} {}

Session::Session(const formats::SessionDescriptor& descriptor, std::uint32_t uid)
    : Session(std::make_shared<formats::SessionCatalog>(descriptor, uid)) {}

std::string_view Session::service() const noexcept { return formats::service_of(catalog_->descriptor()); }
std::string_view Session::host() const noexcept { return formats::host_of(catalog_->descriptor()); }

const StatementRef* Session::statement(std::uint32_t id) const {
  const std::size_t index = id - formats::kFirstStatementId;
  if (index < references_.size() && references_[index]) return references_[index].get();
  const formats::Statement* statement = catalog_->find(id);
  if (statement == nullptr) return nullptr;
  if (index >= references_.size()) references_.resize(index + 1);
  references_[index] = std::make_unique<StatementRef>(StatementRef{statement, this, false, {}});
  return references_[index].get();
}

}  // namespace lmlog::decoder
