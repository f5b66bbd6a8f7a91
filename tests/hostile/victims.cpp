// SPDX-License-Identifier: Apache-2.0
// Made with the hand-made sessions of the collector's tests, then mapped.
#include "tests/hostile/victims.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <cstring>
#include <stdexcept>
#include <utility>

namespace lmlog::hostile {

namespace {

// Header, control words are left alone, and of the data what the first records need.
constexpr std::size_t kRestoredBytes = formats::kHeaderBytes + 512;

void lock(const MappedFile& session) {
  struct flock lock {};
  lock.l_type = F_WRLCK;
  lock.l_whence = SEEK_SET;
  lock.l_len = 1;
  if (::fcntl(session.descriptor(), F_SETLK, &lock) != 0) throw std::runtime_error("cannot lock " + session.path());
}

}  // namespace

MappedFile::MappedFile(std::string path)
    : path_(std::move(path)), descriptor_(::open(path_.c_str(), O_RDWR | O_CLOEXEC)) {
  struct stat status {};
  if (descriptor_ < 0 || ::fstat(descriptor_, &status) != 0) throw std::runtime_error("cannot open " + path_);
  bytes_ = static_cast<std::size_t>(status.st_size);
  void* const map = ::mmap(nullptr, bytes_, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor_, 0);
  if (map == MAP_FAILED) throw std::runtime_error("cannot map " + path_);
  map_ = static_cast<std::byte*>(map);
  beginning_.assign(map_, map_ + kRestoredBytes);
}

MappedFile::~MappedFile() {
  ::munmap(map_, bytes_);
  ::close(descriptor_);
}

void MappedFile::move_to(const std::string& folder) {
  std::string path = folder + path_.substr(path_.rfind('/'));
  if (::rename(path_.c_str(), path.c_str()) != 0) throw std::runtime_error("cannot move " + path_ + " to " + folder);
  path_ = std::move(path);
}

void MappedFile::restore() {
  if (::ftruncate(descriptor_, static_cast<off_t>(bytes_)) != 0) throw std::runtime_error("cannot restore " + path_);
  std::memcpy(map_, beginning_.data(), beginning_.size());
}

Victim::Victim(const std::string& staging, const std::string& folder, formats::RingPolicy policy)
    : made(staging, {.service = "victim", .policy = policy}) {
  for (std::uint32_t i = 0; i < kStatements; ++i) {
    made.statement("value {a} of {b}", {formats::ArgType::i32, formats::ArgType::string});
    catalog_ends.push_back(made.file.get<std::uint64_t>(formats::kCatalogHeadOffset));
  }
  for (int i = 0; i < 2; ++i) made.ring();
  ring_descriptor = made.rings.front()->descriptor;
  session = std::make_unique<MappedFile>(made.file.path());
  catalog.assign(session->at(kCatalogAt), session->at(kCatalogAt + catalog_ends.back()));
  for (const auto& ring : made.rings) rings.push_back(std::make_unique<MappedFile>(ring->file.path()));
  lock(*session);
  session->move_to(folder);
  for (auto& ring : rings) ring->move_to(folder);
}

void Victim::make_good() {
  session->restore();
  std::memcpy(session->at(kCatalogAt), catalog.data(), catalog.size());
  for (auto& ring : rings) ring->restore();
}

Victims::Victims(std::string folder, std::size_t sessions) : folder_(std::move(folder)) {
  for (std::size_t i = 0; i < sessions; ++i) all_.push_back(make(i));
}

std::unique_ptr<Victim> Victims::make(std::size_t index) const {
  return std::make_unique<Victim>(staging_.path(), folder_,
                                  index % 2 == 0 ? formats::RingPolicy::drop : formats::RingPolicy::overwrite);
}

void Victims::replace(std::size_t index) { all_[index] = make(index); }

}  // namespace lmlog::hostile
