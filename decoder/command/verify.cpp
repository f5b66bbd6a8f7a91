// SPDX-License-Identifier: Apache-2.0
// Prints what was checked, what every service stored and lost, and the verdict as the last line.
#include "decoder/command/verify.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include "decoder/command/progress.hpp"
#include "decoder/output/output_sink.hpp"
#include "decoder/render/escape.hpp"
#include "decoder/verify/verifier.hpp"

namespace lmlog::decoder {
namespace {

std::string counted(std::uint64_t count, std::string_view noun) {
  return fmt::format("{} {}{}", count, noun, count == 1 ? "" : "s");
}

void append_services(std::string& out, const RingLedger& ledger) {
  for (const auto& [service, totals] : ledger.totals()) {
    out += "service ";
    append_terminal_text(out, service);
    fmt::format_to(std::back_inserter(out), ": {} stored", totals.stored);
    std::uint64_t attempted = totals.stored;
    for (std::uint32_t reason = 0; reason < formats::kLossReasons; ++reason) {
      if (totals.losses[reason] == 0) continue;
      const std::string_view name = formats::loss_reason_name(reason);
      const bool of_calls = reason <= static_cast<std::uint32_t>(formats::LossReason::overwritten);
      if (of_calls) attempted += totals.losses[reason];
      fmt::format_to(std::back_inserter(out), ", {} {}", totals.losses[reason],
                     name.empty() ? std::to_string(reason) : std::string(name));
    }
    fmt::format_to(std::back_inserter(out), " = {} attempted\n", attempted);
  }
}

}  // namespace

ExitCode run_verify(const VerifyArguments& arguments) {
  Report report(arguments.quiet);
  Verifier::Counts counts;
  OutputSink sink(STDOUT_FILENO);
  std::string& out = sink.buffer();
  {
    Progress progress(arguments.quiet, "bytes verified");
    Verifier verifier(report, progress);
    verifier.run(arguments.paths);
    counts = verifier.counts();
    append_services(out, verifier.ledger());
  }
  const std::string what = fmt::format(
      "{} ({}, {} of all kinds, {} bytes), {} ({}, {} ring bytes), {} ({}, {} bytes not drained)",
      counted(counts.segments, "segment"), counted(counts.blocks, "block"), counted(counts.segment_records, "record"),
      counts.segment_bytes, counted(counts.journals, "journal"), counted(counts.ranges, "range"), counts.journal_bytes,
      counted(counts.sessions, "session"), counted(counts.rings, "ring"), counts.ring_bytes);
  if (report.damaged()) {
    fmt::format_to(std::back_inserter(out), "DAMAGED: {} in {}\n", counted(report.damages(), "place"), what);
  } else if (report.io_failed()) {
    fmt::format_to(std::back_inserter(out), "INCOMPLETE: not everything could be read; {} without damage\n", what);
  } else {
    fmt::format_to(std::back_inserter(out), "OK: {}\n", what);
  }
  sink.flush();
  if (!sink.error().empty()) report.io("stdout", sink.error());
  return report.exit_code(true);
}

}  // namespace lmlog::decoder
