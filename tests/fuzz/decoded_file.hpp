// SPDX-License-Identifier: Apache-2.0
// Everything that lmlog-decode does with one file of an archive: verify, and print all records.
#pragma once

#include <sys/mman.h>
#include <unistd.h>

#include <span>
#include <string>
#include <string_view>

#include "decoder/output/record_printer.hpp"
#include "decoder/read/archive.hpp"
#include "decoder/read/merge.hpp"
#include "decoder/verify/verifier.hpp"
#include "tests/fuzz/fuzz_input.hpp"

namespace lmlog::fuzz {

/// A file without a name, and a path to it.
class NamelessFile {
 public:
  explicit NamelessFile(std::string_view bytes) : descriptor_(::memfd_create("fuzz", MFD_CLOEXEC)) {
    expect(descriptor_ >= 0 && ::write(descriptor_, bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size()),
           "the machine gives a file in memory");
  }
  ~NamelessFile() { ::close(descriptor_); }
  NamelessFile(const NamelessFile&) = delete;
  NamelessFile& operator=(const NamelessFile&) = delete;

  [[nodiscard]] std::string path() const { return "/proc/self/fd/" + std::to_string(descriptor_); }

 private:
  int descriptor_;
};

struct Decoded {
  std::uint64_t records = 0;
  std::uint64_t damages = 0;  // that verify reports
};

inline Decoded decode_file(std::string_view bytes) {
  // A file that fits into a few kilobytes may claim a million records: more of them show nothing new.
  constexpr std::uint64_t kMaxPrinted = 3000;
  const NamelessFile file(bytes);
  constexpr int kNobody = -1;  // words to it go nowhere
  Decoded out;
  decoder::Report verify_report(true, kNobody);
  decoder::Progress progress(true, "");
  decoder::Verifier verifier(verify_report, progress);
  verifier.run({file.path()});
  out.damages = verify_report.damages();

  decoder::Report report(true, kNobody);
  decoder::Archive archive({file.path()}, report);
  const decoder::RecordFilter filter;
  decoder::Merge merge(archive, filter, report);
  decoder::RecordPrinter json({}, report);
  decoder::PrinterOptions as_text;
  as_text.format = decoder::OutputFormat::text;
  decoder::RecordPrinter text(as_text, report);
  decoder::Record record;
  std::string line;
  while (merge.next(record)) {
    if (++out.records > kMaxPrinted) break;
    line.clear();
    expect(json.print(line, record) && text.print(line, record), "a record that nobody filters is printed");
  }
  return out;
}

}  // namespace lmlog::fuzz
