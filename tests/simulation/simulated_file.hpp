// SPDX-License-Identifier: Apache-2.0
// A File of the simulated disk. Made by SimulatedFiles.
#pragma once

#include <memory>
#include <string>

#include "tests/simulation/simulated_files.hpp"

namespace lmlog::collector::simulation {

[[nodiscard]] FileInfo info_of(const Node& node);

class SimulatedFile final : public File {
 public:
  SimulatedFile(SimulatedFiles& files, SimulatedClock& clock, std::shared_ptr<Node> node, std::string path);

  Result<std::uint64_t> size() const override;
  Result<std::size_t> read_at(std::uint64_t offset, std::span<std::byte> out) const override;
  Status write_at(std::uint64_t offset, std::span<const std::byte> bytes) override;
  Status sync() override;
  Status truncate(std::uint64_t bytes) override;
  Result<FileInfo> info() const override;
  /// The file's number on the disk: what the simulated Liveness goes by.
  int descriptor() const noexcept override { return static_cast<int>(node_->number); }

 private:
  SimulatedFiles& files_;
  SimulatedClock& clock_;
  std::shared_ptr<Node> node_;
  std::string path_;
};

}  // namespace lmlog::collector::simulation
