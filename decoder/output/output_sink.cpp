// SPDX-License-Identifier: Apache-2.0
// Writes until everything is out, or it makes no sense any more.
#include "decoder/output/output_sink.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

#include "decoder/read/file_source.hpp"

namespace lmlog::decoder {
namespace {

// The default of /proc/sys/fs/pipe-max-size. With the usual 64 KiB, writer and reader change places for every 130
// records: 3 M of them took 23,600 context switches, and take 500 with this.
constexpr int kPipeBytes = 1 << 20;

}  // namespace

OutputSink::OutputSink(int descriptor) noexcept : descriptor_(descriptor) {
  (void)::fcntl(descriptor, F_SETPIPE_SZ, kPipeBytes);  // fails harmlessly on what is no pipe
}

bool OutputSink::flush() {
  std::string_view left = buffer_;
  while (!left.empty() && !is_closed_ && error_.empty()) {
    const ssize_t n = ::write(descriptor_, left.data(), left.size());
    if (n >= 0) {
      left.remove_prefix(static_cast<std::size_t>(n));
    } else if (errno == EPIPE) {
      is_closed_ = true;
    } else if (errno != EINTR) {
      error_ = "standard output cannot be written: " + system_reason(errno);
    }
  }
  const bool all = left.empty();
  buffer_.clear();
  return all;
}

}  // namespace lmlog::decoder
