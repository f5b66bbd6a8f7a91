// SPDX-License-Identifier: Apache-2.0
// Calls of zstd; compressing with a destination of the bound's size and a valid level cannot fail but for memory.
#include "formats/src/zstd_codec.hpp"

#include <new>

#include "lmlog/formats/segment_layout.hpp"

namespace lmlog::formats {

std::size_t Deflater::append_frame(std::string_view bytes, std::string& out) {
  if (!context_) {
    context_.reset(ZSTD_createCCtx());
    if (!context_) throw std::bad_alloc();
    ZSTD_CCtx_setParameter(context_.get(), ZSTD_c_compressionLevel, level_);
    ZSTD_CCtx_setParameter(context_.get(), ZSTD_c_contentSizeFlag, 1);
    ZSTD_CCtx_setParameter(context_.get(), ZSTD_c_checksumFlag, 0);
  }
  const std::size_t begin = out.size();
  out.resize(begin + ZSTD_compressBound(bytes.size()));
  const std::size_t stored =
      ZSTD_compress2(context_.get(), out.data() + begin, out.size() - begin, bytes.data(), bytes.size());
  if (ZSTD_isError(stored) != 0) throw std::bad_alloc();
  out.resize(begin + stored);
  return stored;
}

bool inflate(std::span<const std::byte> stored, std::uint64_t inflated_bytes, std::string& out) {
  if (inflated_bytes > kMaxInflatedBytes) return false;
  if (ZSTD_getFrameContentSize(stored.data(), stored.size()) != inflated_bytes) return false;
  if (ZSTD_findFrameCompressedSize(stored.data(), stored.size()) != stored.size()) return false;
  struct Free {
    void operator()(ZSTD_DCtx* context) const noexcept { ZSTD_freeDCtx(context); }
  };
  thread_local const std::unique_ptr<ZSTD_DCtx, Free> context(ZSTD_createDCtx());
  if (!context) throw std::bad_alloc();
  out.resize(static_cast<std::size_t>(inflated_bytes));
  const std::size_t got = ZSTD_decompressDCtx(context.get(), out.data(), out.size(), stored.data(), stored.size());
  return got == inflated_bytes;  // an error is a number that no frame has
}

}  // namespace lmlog::formats
