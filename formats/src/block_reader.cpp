// SPDX-License-Identifier: Apache-2.0
// The block reader: nothing of a frame is used before its checksum fits.
#include "lmlog/formats/block_reader.hpp"

#include <algorithm>
#include <cstring>
#include <numeric>
#include <tuple>
#include <utility>

#include "formats/src/block_directory.hpp"
#include "formats/src/checksum.hpp"
#include "formats/src/column_integer.hpp"
#include "formats/src/column_string.hpp"
#include "formats/src/part.hpp"
#include "lmlog/formats/mutant.hpp"

namespace lmlog::formats {
namespace {

auto key_of(const ColumnEntry& column) noexcept { return std::tuple(column.site, column.run, column.argument); }

}  // namespace

Result<BlockReader> BlockReader::open(std::string block_bytes, std::uint64_t offset) {
  const Error malformed{ErrorCode::damaged, "a block fails its checks", offset, block_bytes.size()};
  PartHeader header;
  if (block_bytes.size() < sizeof(header)) return malformed;
  std::memcpy(&header, block_bytes.data(), sizeof(header));
  if (!part_header_fits(header) || header.type != static_cast<std::uint16_t>(PartType::block)) return malformed;
  if (part_bytes(header) > block_bytes.size()) return malformed;

  BlockReader reader;
  std::string body;
  const auto stored = view(block_bytes).subspan(sizeof(header), static_cast<std::size_t>(stored_body_bytes(header)));
  if (!open_part_body(header, stored, body)) return malformed;
  auto directory = parse_block_directory(view(body));
  if (!directory) return Error{ErrorCode::damaged, directory.error().text, offset, block_bytes.size()};
  if (stored_frame_bytes(*directory) != block_bytes.size() - part_bytes(header)) return malformed;

  reader.directory_ = *std::move(directory);
  reader.bytes_ = std::move(block_bytes);
  reader.offset_ = offset;
  std::uint64_t at = part_bytes(header);
  for (const FrameEntry& frame : reader.directory_.frames) {
    reader.frame_offsets_.push_back(at);
    at += frame.stored_bytes;
  }
  reader.inflated_.resize(reader.directory_.frames.size());
  const auto& columns = reader.directory_.columns;
  reader.by_key_.resize(columns.size());
  std::iota(reader.by_key_.begin(), reader.by_key_.end(), 0u);
  std::sort(reader.by_key_.begin(), reader.by_key_.end(),
            [&columns](std::uint32_t a, std::uint32_t b) { return key_of(columns[a]) < key_of(columns[b]); });
  return reader;
}

Result<Column> BlockReader::column(std::size_t index) {
  Column out;
  if (auto status = read_column(index, out); !status) return status.error();
  return out;
}

Status BlockReader::read_column(std::size_t index, Column& out) {
  const ColumnEntry& entry = directory_.columns[index];
  const auto type = static_cast<ArgType>(entry.type);
  const bool known = is_number_encoding(entry.encoding) || is_string_encoding(entry.encoding);
  if (!known) {
    return Error{ErrorCode::unsupported, "a column has encoding " + std::to_string(entry.encoding) +
                                             ", which this program does not know: use a newer lmlog"};
  }
  auto inflated = frame(entry.frame);
  if (!inflated) return inflated.error();
  const auto bytes =
      view(**inflated).subspan(static_cast<std::size_t>(entry.offset), static_cast<std::size_t>(entry.bytes));
  const auto encoding = static_cast<Encoding>(entry.encoding);
  out.type = type;
  out.numbers.clear();
  out.strings.clear();
  out.truncated.clear();
  bool good = false;
  if (is_variable(type)) {
    good =
        is_string_encoding(entry.encoding) && decode_strings(encoding, bytes, entry.values, out.strings, out.truncated);
    out.storage = *std::move(inflated);
  } else {
    good = is_number_encoding(entry.encoding) && decode_numbers(type, encoding, bytes, entry.values, out.numbers);
    out.storage.reset();
  }
  if (!good) return frame_error(entry.frame, "a column is malformed");
  return Done{};
}

std::optional<std::size_t> BlockReader::find_column(std::uint32_t site, std::uint32_t run,
                                                    std::uint32_t argument) const noexcept {
  const auto wanted = std::tuple(site, run, argument);
  const auto at = std::lower_bound(
      by_key_.begin(), by_key_.end(), wanted,
      [this](std::uint32_t index, const auto& key) { return key_of(directory_.columns[index]) < key; });
  if (at == by_key_.end() || key_of(directory_.columns[*at]) != wanted) return std::nullopt;
  return *at;
}

Status BlockReader::verify_frames() {
  for (std::size_t i = 0; i < inflated_.size(); ++i) {
    if (auto got = frame(i); !got) return got.error();
  }
  return Done{};
}

Result<std::shared_ptr<const std::string>> BlockReader::frame(std::size_t index) {
  if (inflated_[index]) return inflated_[index];
  const FrameEntry& entry = directory_.frames[index];
  const auto stored = view(bytes_).subspan(static_cast<std::size_t>(frame_offsets_[index]),
                                           static_cast<std::size_t>(entry.stored_bytes));
  if (!mutant(Mutant::frame_unchecked) && !checksum_fits(stored, entry.check))
    return frame_error(index, "a frame of columns fails its checksum");
  auto inflated = std::make_shared<std::string>();
  if (!inflate(stored, entry.inflated_bytes, *inflated))
    return frame_error(index, "a frame of columns cannot be inflated");
  inflated_[index] = std::move(inflated);
  return inflated_[index];
}

Error BlockReader::frame_error(std::size_t index, std::string text) const {
  return {ErrorCode::damaged, std::move(text), offset_ + frame_offsets_[index], directory_.frames[index].stored_bytes};
}

}  // namespace lmlog::formats
