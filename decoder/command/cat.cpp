// SPDX-License-Identifier: Apache-2.0
// Streams the merge through the printer; the last N are searched from the end of the index.
#include "decoder/command/cat.hpp"

#include <unistd.h>

#include <algorithm>

#include "decoder/command/progress.hpp"
#include "decoder/output/last_lines.hpp"
#include "decoder/output/output_sink.hpp"
#include "decoder/read/archive.hpp"
#include "decoder/read/merge.hpp"

namespace lmlog::decoder {
namespace {

class Cat {
 public:
  explicit Cat(const CatArguments& arguments)
      : arguments_(arguments),
        report_(arguments.quiet),
        archive_(arguments.paths, report_),
        printer_(arguments.printer, report_),
        sink_(STDOUT_FILENO) {}

  [[nodiscard]] ExitCode run() {
    const bool matched = arguments_.lines ? print_last(*arguments_.lines) : print_all();
    sink_.flush();
    if (sink_.is_closed()) return ExitCode::done;
    if (!sink_.error().empty()) report_.io("stdout", sink_.error());
    return report_.exit_code(matched);
  }

 private:
  bool print_all() {
    Merge merge(archive_, arguments_.filter, report_);
    Progress progress(arguments_.quiet, "records");
    bool matched = false;
    Record record;
    while (merge.next(record)) {
      progress.count();
      if (printer_.print(sink_.buffer(), record)) matched = true;
      if (!sink_.flush_if_full()) break;
    }
    return matched;
  }

  /// Smallest sort key such that the blocks that reach it hold `records` or more; 0 when all together do not.
  std::uint64_t key_before_last(std::uint64_t records) {
    auto blocks = archive_.segments().blocks(arguments_.filter);
    std::sort(blocks.begin(), blocks.end(), [](const auto& a, const auto& b) { return a.max_key > b.max_key; });
    for (const auto& block : blocks) {
      if (block.records >= records) return block.min_key;
      records -= block.records;
    }
    return 0;
  }

  bool print_last(std::uint64_t wanted) {
    // Records with keys from some point on are all in the blocks that reach it: when they are enough, nothing before
    // can matter. How many of them match is only known when they are read, so the point moves back in large steps.
    for (std::uint64_t look_at = std::max<std::uint64_t>(2 * wanted, 100'000);; look_at *= 8) {
      RecordFilter filter = arguments_.filter;
      filter.min_key = key_before_last(look_at);
      LastLines last(wanted);
      Merge merge(archive_, filter, report_);
      Progress progress(arguments_.quiet, "records");
      std::uint64_t matched = 0;
      std::string text;
      Record record;
      while (merge.next(record)) {
        progress.count();
        text.clear();
        if (!printer_.print(text, record)) continue;
        ++matched;
        if (auto status = last.add(text); !status) {
          report_.error("--lines", status.error());
          return true;
        }
      }
      if (matched < wanted && filter.min_key != 0) continue;
      if (auto written = last.write(sink_); !written) report_.error("--lines", written.error());
      return matched != 0;
    }
  }

  const CatArguments& arguments_;
  Report report_;
  Archive archive_;
  RecordPrinter printer_;
  OutputSink sink_;
};

}  // namespace

ExitCode run_cat(const CatArguments& arguments) { return Cat(arguments).run(); }

}  // namespace lmlog::decoder
