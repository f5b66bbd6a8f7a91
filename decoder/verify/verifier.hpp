// SPDX-License-Identifier: Apache-2.0
// Reads every byte of what was named and checks it: checksums, structure, and that the accounts of all rings add up.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "decoder/command/progress.hpp"
#include "decoder/read/report.hpp"
#include "decoder/read/ring_snapshot.hpp"
#include "decoder/read/segment_index.hpp"
#include "decoder/verify/ring_ledger.hpp"
#include "lmlog/formats/journal_reader.hpp"

namespace lmlog::decoder {

/// Not thread-safe. Borrows report and progress.
class Verifier {
 public:
  struct Counts {
    std::uint64_t segments = 0;
    std::uint64_t blocks = 0;
    std::uint64_t segment_records = 0;
    std::uint64_t segment_bytes = 0;
    std::uint64_t journals = 0;
    std::uint64_t ranges = 0;
    std::uint64_t journal_bytes = 0;
    std::uint64_t sessions = 0;
    std::uint64_t rings = 0;
    std::uint64_t ring_bytes = 0;  // that nobody has drained
  };

  Verifier(Report& report, Progress& progress) : report_(&report), progress_(&progress), index_(report) {}

  void run(const std::vector<std::string>& paths);

  [[nodiscard]] const Counts& counts() const noexcept { return counts_; }
  [[nodiscard]] const RingLedger& ledger() const noexcept { return ledger_; }

 private:
  void verify_session(const SessionRequest& request);
  void verify_journal(const std::string& path);
  using JournalSessions = std::vector<std::shared_ptr<Session>>;  // by number
  void verify_entry(const std::shared_ptr<FileSource>& file, std::uint32_t number, JournalSessions& sessions,
                    const formats::JournalEntry& entry);
  void verify_segment(std::uint32_t segment);

  Report* report_;
  Progress* progress_;
  SegmentIndex index_;
  RingLedger ledger_;
  Counts counts_;
  std::uint64_t bytes_done_ = 0;
};

}  // namespace lmlog::decoder
