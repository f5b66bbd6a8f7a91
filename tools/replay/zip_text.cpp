// SPDX-License-Identifier: Apache-2.0
// Reads a zip archive in chunks and cuts them into lines.
#include "tools/replay/zip_text.hpp"

#include <zip.h>

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace lmlog::tools {
namespace {

using formats::Done;
using formats::Error;
using formats::ErrorCode;
using formats::Status;

constexpr std::size_t kChunkBytes = std::size_t{256} << 10;
constexpr std::size_t kMaxLineBytes = std::size_t{1} << 20;  // lines of data files are some ten bytes long

/// Cuts a stream of chunks into lines; a line that continues in the next chunk is kept until then.
class LineCutter {
 public:
  explicit LineCutter(const std::function<bool(std::string_view)>& take) : take_(take) {}

  /// False when the taker has had enough.
  bool add(std::string_view chunk) {
    for (std::size_t end; (end = chunk.find('\n')) != std::string_view::npos; chunk.remove_prefix(end + 1)) {
      std::string_view line = chunk.substr(0, end);
      if (!begun_.empty()) line = begun_ += line;
      if (!take_(line)) return false;
      begun_.clear();
    }
    begun_ += chunk;
    return true;
  }
  void finish() {
    if (!begun_.empty()) (void)take_(begun_);
  }
  [[nodiscard]] bool line_is_too_long() const noexcept { return begun_.size() > kMaxLineBytes; }

 private:
  const std::function<bool(std::string_view)>& take_;
  std::string begun_;
};

std::string text_of(int code) {
  zip_error_t error;
  zip_error_init_with_code(&error, code);
  const std::string out = zip_error_strerror(&error);
  zip_error_fini(&error);
  return out;
}

}  // namespace

Status for_each_line_of_zip(const std::string& path, const std::function<bool(std::string_view)>& take) {
  int code = 0;
  const std::unique_ptr<zip_t, void (*)(zip_t*)> archive(zip_open(path.c_str(), ZIP_RDONLY, &code), &zip_discard);
  if (!archive) {
    const bool refused = code == ZIP_ER_OPEN || code == ZIP_ER_READ || code == ZIP_ER_NOENT;
    return Error{refused ? ErrorCode::io : ErrorCode::damaged, "cannot open it as a zip archive: " + text_of(code)};
  }
  if (const auto entries = zip_get_num_entries(archive.get(), 0); entries != 1)
    return Error{ErrorCode::damaged, "expected exactly one file in the archive, found " + std::to_string(entries)};
  const std::unique_ptr<zip_file_t, int (*)(zip_file_t*)> file(zip_fopen_index(archive.get(), 0, 0), &zip_fclose);
  if (!file)
    return Error{ErrorCode::damaged, std::string("cannot open the file in it: ") + zip_strerror(archive.get())};

  LineCutter cutter(take);
  std::string chunk(kChunkBytes, '\0');
  for (;;) {
    const zip_int64_t n = zip_fread(file.get(), chunk.data(), chunk.size());
    if (n < 0) return Error{ErrorCode::damaged, std::string("cannot inflate it: ") + zip_file_strerror(file.get())};
    if (n == 0) break;
    if (!cutter.add(std::string_view(chunk).substr(0, static_cast<std::size_t>(n)))) return Done{};
    if (cutter.line_is_too_long()) return Error{ErrorCode::too_large, "a line is longer than 1 MiB"};
  }
  cutter.finish();
  return Done{};
}

}  // namespace lmlog::tools
