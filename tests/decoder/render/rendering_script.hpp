// SPDX-License-Identifier: Apache-2.0
// A small language for tests of renderers: a statement, its arguments and its thread as one record.
#pragma once

#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "decoder/read/row_batch.hpp"
#include "decoder/render/statement_text.hpp"
#include "lmlog/formats/byte_io.hpp"
#include "lmlog/formats/record.hpp"
#include "tests/formats/ring_script.hpp"

namespace lmlog::decoder::script {

namespace fs = formats::script;

/// A record that was never in a ring.
class RecordScript {
 public:
  explicit RecordScript(formats::Level level, std::string_view format,
                        std::initializer_list<fs::ArgumentScript> arguments, const fs::Arguments& values = {},
                        std::string_view service = "orders")
      : script_(fs::id_of(0x10), formats::ClockKind::user_ns, service) {
    const std::uint32_t id = script_.statement(level, format, arguments);
    session_ = std::make_shared<Session>(script_.descriptor(), 1000);
    if (!session_->catalog().append(script_.catalog_bytes()).ok()) std::abort();
    batch_.ring = std::make_shared<RingIdentity>(fs::id_of(0x20), 1000, session_);
    batch_.bytes = values.bytes();
    row_.statement = session_->statement(id);
    row_.thread = &thread_;
    row_.time = 1'795'383'855'123'456'789;
    row_.position = 88;
    row_.body_bytes = static_cast<std::uint32_t>(batch_.bytes.size());
    thread_.is_known = true;
    thread_.tid = 7;
    thread_.name = "worker";
  }

  [[nodiscard]] Row& row() { return row_; }
  [[nodiscard]] ThreadContext& thread() { return thread_; }
  [[nodiscard]] Record record() const { return {&row_, &batch_}; }
  [[nodiscard]] const StatementText& text() const { return text_of(*row_.statement); }

 private:
  fs::SessionScript script_;
  std::shared_ptr<Session> session_;
  RowBatch batch_;
  Row row_;
  ThreadContext thread_;
};

}  // namespace lmlog::decoder::script
