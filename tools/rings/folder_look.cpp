// SPDX-License-Identifier: Apache-2.0
// Lists the folder, opens each session and then its rings, and keeps going where one of them cannot be read.
#include "tools/rings/folder_look.hpp"

#include <dirent.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "lmlog/formats/descriptors.hpp"
#include "lmlog/formats/file_names.hpp"
#include "lmlog/formats/ring_protocol.hpp"
#include "lmlog/formats/session_catalog.hpp"

#include "tools/rings/ring_look.hpp"
#include "tools/rings/shared_file.hpp"

namespace lmlog::tools {
namespace {

using formats::Error;
using formats::ErrorCode;
using formats::Id128;

struct Listing {
  std::map<Id128, std::string> sessions;                         // id to file name
  std::map<std::pair<Id128, std::uint32_t>, std::string> rings;  // session and number to file name
};

formats::Result<Listing> list(const std::string& folder) {
  const std::unique_ptr<DIR, int (*)(DIR*)> handle(::opendir(folder.c_str()), &::closedir);
  if (!handle) {
    const int why = errno;
    return Error{
        why == ENOENT ? ErrorCode::not_found : ErrorCode::io,
        std::string("cannot list it: ") + std::strerror(why) +
            (why == EACCES ? "; run as the user who owns it, or as root" : "; name the folder that the services use")};
  }
  Listing out;
  while (const dirent* entry = ::readdir(handle.get())) {
    const std::string name = entry->d_name;
    if (const auto id = formats::session_id_of_name(name)) out.sessions.emplace(*id, name);
    if (const auto ring = formats::parse_ring_name(name))
      out.rings.emplace(std::pair(ring->session, ring->number), name);
  }
  return out;
}

/// Number of different sites in the catalog, as far as it can be read.
std::uint64_t count_sites(const SharedFile& file, const formats::SessionDescriptor& descriptor, std::string& damage) {
  const auto head = formats::read_head([&] { return file.value_at<std::uint64_t>(formats::kCatalogHeadOffset); });
  if (!head || *head > descriptor.catalog_bytes || *head % 8 != 0) {
    damage = "its catalog's head is impossible: statements are not counted";
    return 0;
  }
  std::vector<std::byte> bytes(static_cast<std::size_t>(*head));
  bytes.resize(file.read_at(descriptor.catalog_offset, bytes));
  formats::SessionCatalog catalog(descriptor, file.uid());
  if (const auto status = catalog.append(bytes); !status) damage = "in its catalog " + status.error().text;
  std::set<std::uint64_t> sites;
  for (std::uint32_t id = formats::kFirstStatementId; id < catalog.id_limit(); ++id)
    if (const auto* statement = catalog.find(id)) sites.insert(statement->site_hash);
  return sites.size();
}

class FolderReader {
 public:
  explicit FolderReader(const std::string& folder) : folder_(folder) {}

  [[nodiscard]] FolderLook take() && { return std::move(out_); }

  void session(const Id128& id, const std::string& name, const Listing& listing) {
    const std::string path = folder_ + '/' + name;
    auto file = SharedFile::open(path);
    if (!file) return complain(path, file.error());
    std::array<std::byte, formats::kDescriptorBytes> header{};
    const std::size_t got = file->read_at(0, header);
    const auto descriptor = formats::parse_session_descriptor(std::span(header).first(got), file->bytes());
    if (!descriptor) return complain(path, descriptor.error());
    if (descriptor->session_id != id)
      return complain(path, {ErrorCode::damaged, "its header names another session than its file name"});

    SessionSummary summary;
    summary.id = id;
    summary.service = formats::service_of(*descriptor);
    // The lock first: a process that ends during the look is shown alive, with what it had stored by then.
    const auto holder = file->lock_holder();
    summary.alive = holder.has_value();
    summary.pid = holder.value_or(0) != 0 ? *holder : descriptor->pid;
    summary.uid = file->uid();
    summary.closed = file->value_at<std::uint32_t>(formats::kSessionStateOffset) ==
                     static_cast<std::uint32_t>(formats::SessionState::closed);
    summary.started_ns = descriptor->start_realtime_ns;
    summary.clock = descriptor->clock;
    std::string damage;
    summary.sites = count_sites(*file, *descriptor, damage);
    if (!damage.empty()) complain(path, {ErrorCode::damaged, damage});
    if (const auto losses = file->value_at<formats::LossCounts>(formats::kSessionLossesOffset))
      summary.calls = calls_lost(*losses);
    for (auto ring = listing.rings.lower_bound({id, 0}); ring != listing.rings.end() && ring->first.first == id; ++ring)
      add_ring(ring->first.second, ring->second, summary);
    out_.sessions.push_back(std::move(summary));
  }

  void ring_without_session(const std::string& name) {
    complain(folder_ + '/' + name, {ErrorCode::damaged, "its session file is missing: it cannot be read without"});
  }

 private:
  void add_ring(std::uint32_t number, const std::string& name, SessionSummary& session) {
    const std::string path = folder_ + '/' + name;
    const auto file = SharedFile::open(path);
    if (!file) return complain(path, file.error());
    if (file->uid() != session.uid)
      return complain(path, {ErrorCode::damaged, "it belongs to another user than its session: not read"});
    auto look = look_at_ring(*file, session.id, number);
    if (!look) return complain(path, look.error());
    if (!look->complaint.empty()) complain(path, {ErrorCode::damaged, look->complaint});
    session.calls += look->ring.calls;
    session.rings.push_back(std::move(look->ring));
  }

  /// A file that vanished between listing and opening was removed by its collector: nothing to complain about.
  void complain(const std::string& path, const Error& error) {
    if (error.code == ErrorCode::not_found) return;
    out_.problems.push_back({path, error.text, error.code != ErrorCode::io});
  }

  std::string folder_;
  FolderLook out_;
};

}  // namespace

formats::Result<FolderLook> look_at_folder(const std::string& folder) {
  auto listing = list(folder);
  if (!listing) return listing.error();
  const auto homeless = [&listing](const auto& ring) { return !listing->sessions.contains(ring.first.first); };
  // A listing is no snapshot: a session may have come or gone while it was made. One that is missing twice is missing.
  if (std::any_of(listing->rings.begin(), listing->rings.end(), homeless)) {
    listing = list(folder);
    if (!listing) return listing.error();
  }
  FolderReader reader(folder);
  for (const auto& [id, name] : listing->sessions) reader.session(id, name, *listing);
  for (const auto& ring : listing->rings)
    if (homeless(ring)) reader.ring_without_session(ring.second);
  FolderLook out = std::move(reader).take();
  std::sort(out.sessions.begin(), out.sessions.end(), [](const SessionSummary& a, const SessionSummary& b) {
    return std::tie(a.started_ns, a.id) < std::tie(b.started_ns, b.id);
  });
  return out;
}

}  // namespace lmlog::tools
