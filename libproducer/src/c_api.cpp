// SPDX-License-Identifier: Apache-2.0
// The C interface, on top of the C++ one. See lmlog/lmlog.h.
#include <lmlog/lmlog.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <exception>
#include <new>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include <lmlog/clock.hpp>
#include <lmlog/formats/registry.hpp>
#include <lmlog/logger.hpp>
#include <lmlog/runtime_site.hpp>
#include <lmlog/session.hpp>

#include "libproducer/src/complaint.hpp"
#include "libproducer/src/process.hpp"
#include "lmlog_version.hpp"

namespace {

using lmlog::Level;
using lmlog::Logger;
using lmlog::LogOutcome;
using lmlog::RuntimeArgument;
using lmlog::RuntimeSite;
using lmlog::RuntimeSiteOptions;
using lmlog::RuntimeValue;
using lmlog::SessionOptions;
using lmlog::ValueType;
using lmlog::detail::complain_once;
using lmlog::detail::LoggerState;
using lmlog::detail::Process;
using lmlog::detail::Topic;

static_assert(sizeof(lmlog_session_options) == 56 && sizeof(lmlog_site_options) == 64);
static_assert(sizeof(lmlog_argument) == 16 && sizeof(lmlog_value) == 24);
static_assert(LMLOG_LEVEL_TRACE == int(Level::trace) && LMLOG_LEVEL_FATAL == int(Level::fatal));
static_assert(LMLOG_TYPE_BOOL == int(ValueType::boolean) && LMLOG_TYPE_STRING == int(ValueType::string));
static_assert(LMLOG_STORED == int(LogOutcome::stored) && LMLOG_REFUSED == int(LogOutcome::refused));
static_assert(LMLOG_LOSS_REASONS == lmlog::formats::kLossReasons);

constexpr std::size_t kMaxValues = 255;  // a statement has no more arguments

// A session's handle is its number, not an address: one that was closed is known to be none.
constinit std::atomic<std::uintptr_t> open_session{0};
constinit std::atomic<std::uintptr_t> last_session{0};

constexpr std::int32_t kNoLevel = -1;

lmlog_session* handle_of(std::uintptr_t number) noexcept { return reinterpret_cast<lmlog_session*>(number); }

bool is_open(const lmlog_session* session) noexcept {
  return session != nullptr && reinterpret_cast<std::uintptr_t>(session) == open_session.load();
}

std::string_view text_of(const char* text) noexcept { return text != nullptr ? text : ""; }

bool is_level(std::int32_t level) noexcept { return level >= LMLOG_LEVEL_TRACE && level <= LMLOG_LEVEL_FATAL; }

Logger logger_of(const lmlog_logger* logger) noexcept {
  return Logger(reinterpret_cast<LoggerState*>(const_cast<lmlog_logger*>(logger)));
}

const RuntimeSite* site_of(const lmlog_site* site) noexcept { return reinterpret_cast<const RuntimeSite*>(site); }

/// What the caller's structure has of ours: members that its version did not know are zero.
template <class Options> bool copy_known(const Options* from, Options& to) noexcept {
  if (from == nullptr || from->size < 8) return false;
  std::memcpy(&to, from, std::min<std::size_t>(from->size, sizeof(to)));
  return true;
}

bool fill(const lmlog_session_options& from, SessionOptions& to) {
  if (from.level_is_set != 0 && !is_level(from.level)) return false;
  if (from.clock > LMLOG_CLOCK_USER_NS || from.policy > LMLOG_POLICY_OVERWRITE) return false;
  to.service = text_of(from.service);
  if (from.level_is_set != 0) to.level = static_cast<Level>(from.level);
  if (from.ring_bytes != 0) to.ring_bytes = from.ring_bytes;
  if (from.clock == LMLOG_CLOCK_COARSE) to.clock = lmlog::Clock::coarse;
  if (from.clock == LMLOG_CLOCK_USER_NS) to.clock = lmlog::Clock::user_ns;
  if (from.policy == LMLOG_POLICY_BLOCK) to.policy = lmlog::Policy::block;
  if (from.policy == LMLOG_POLICY_OVERWRITE) to.policy = lmlog::Policy::overwrite;
  if (from.block_timeout_ns != 0)
    to.block_timeout = std::chrono::nanoseconds(std::max<std::int64_t>(from.block_timeout_ns, 0));
  if (from.max_string != 0) to.max_string = static_cast<std::size_t>(from.max_string);
  return true;
}

/// False when the type is none.
bool convert(const lmlog_value& from, RuntimeValue& to) noexcept {
  switch (from.type) {
    case LMLOG_TYPE_BOOL:
      to = from.as.u != 0;
      return true;
    case LMLOG_TYPE_CHAR:
      to = static_cast<char>(static_cast<unsigned char>(from.as.u));
      return true;
    case LMLOG_TYPE_I8:
    case LMLOG_TYPE_I16:
    case LMLOG_TYPE_I32:
    case LMLOG_TYPE_I64:
      to = from.as.i;
      return true;
    case LMLOG_TYPE_U8:
    case LMLOG_TYPE_U16:
    case LMLOG_TYPE_U32:
    case LMLOG_TYPE_U64:
      to = from.as.u;
      return true;
    case LMLOG_TYPE_F32:
    case LMLOG_TYPE_F64:
      to = from.as.f;
      return true;
    case LMLOG_TYPE_POINTER:
      to = from.as.pointer;
      return true;
    case LMLOG_TYPE_STRING:
      to = from.as.text != nullptr ? RuntimeValue(std::string_view(from.as.text, static_cast<std::size_t>(from.bytes)))
                                   : RuntimeValue(static_cast<const char*>(nullptr));
      return true;
    default:
      return false;
  }
}

/// Calls `log` with the values as C++ has them.
template <class Log> std::int32_t with_values(const lmlog_value* values, std::size_t count, Log log) noexcept {
  if (count > kMaxValues || (values == nullptr && count != 0)) return LMLOG_REFUSED;
  // Raw storage: a call with two values does not fill room for 255.
  alignas(RuntimeValue) std::byte room[kMaxValues * sizeof(RuntimeValue)];
  auto* const converted = reinterpret_cast<RuntimeValue*>(room);
  for (std::size_t i = 0; i < count; ++i) {
    auto* const value = new (converted + i) RuntimeValue(false);
    if (!convert(values[i], *value)) return LMLOG_REFUSED;
  }
  return static_cast<std::int32_t>(log(std::span<const RuntimeValue>(converted, count)));
}

/// Null without memory. Types of arguments come from `values` where the options declare none.
lmlog_site* make_site(const lmlog_site_options& options, const lmlog_value* values, std::size_t value_count) noexcept {
  std::array<RuntimeArgument, kMaxValues + 1> arguments;  // one more: so many are too many, and the site says so
  const bool declared = options.arguments != nullptr;
  const std::size_t wanted = declared ? static_cast<std::size_t>(options.argument_count) : value_count;
  const std::size_t count = std::min(wanted, arguments.size());
  for (std::size_t i = 0; i < count; ++i) {
    arguments[i].type = static_cast<ValueType>(declared ? options.arguments[i].type : values[i].type);
    if (declared) arguments[i].field = text_of(options.arguments[i].field);
  }
  // A level beyond all of them is one that the site refuses.
  const auto level = static_cast<Level>(is_level(options.level) ? options.level : LMLOG_LEVEL_FATAL + 1);
  const RuntimeSiteOptions rest{.file = text_of(options.file),
                                .line = options.line,
                                .function = text_of(options.function),
                                .logger = logger_of(options.logger),
                                .time_given = options.time_given != 0};
  auto* const site = new (std::nothrow)
      RuntimeSite(level, text_of(options.format), std::span<const RuntimeArgument>(arguments.data(), count), rest);
  return reinterpret_cast<lmlog_site*>(site);
}

/// The macros look at no result: that a statement of theirs logs nothing is said here.
void complain_of_refused(const lmlog_site* site, const lmlog_site_options& options) noexcept {
  const char* const error = lmlog_site_error(site);
  char text[512];
  const int bytes = std::snprintf(text, sizeof(text), "%s:%u: a record is refused: %s",
                                  options.file != nullptr ? options.file : "?", static_cast<unsigned>(options.line),
                                  error != nullptr ? error : "its values are not of the types of the first call");
  if (bytes > 0) complain_once(Topic::statement, {text, std::min(static_cast<std::size_t>(bytes), sizeof(text) - 1)});
}

}  // namespace

const char* lmlog_version(void) { return LMLOG_VERSION; }

lmlog_session* lmlog_session_open(const lmlog_session_options* options) {
  try {
    lmlog_session_options known{};
    if (options != nullptr && !copy_known(options, known)) return nullptr;
    SessionOptions wanted;
    if (!fill(known, wanted)) return nullptr;
    if (!Process::instance().begin_explicit(std::move(wanted))) return nullptr;
    const std::uintptr_t number = last_session.fetch_add(1) + 1;
    open_session = number;
    return handle_of(number);
  } catch (const std::exception&) {
    return nullptr;
  }
}

void lmlog_session_close(lmlog_session* session) {
  auto number = reinterpret_cast<std::uintptr_t>(session);
  if (number != 0 && open_session.compare_exchange_strong(number, 0)) Process::instance().end_explicit();
}

size_t lmlog_session_id(const lmlog_session* session, char* out, size_t bytes) {
  try {
    const std::string id = is_open(session) ? Process::instance().session_id() : std::string{};
    if (out != nullptr && bytes != 0) {
      const std::size_t fits = std::min(id.size(), bytes - 1);
      std::memcpy(out, id.data(), fits);
      out[fits] = '\0';
    }
    return id.size();
  } catch (const std::exception&) {
    if (out != nullptr && bytes != 0) *out = '\0';
    return 0;
  }
}

size_t lmlog_losses(uint64_t* out, size_t count) {
  if (out == nullptr) return 0;
  const lmlog::LossCounts losses = Process::instance().losses();
  const std::size_t written = std::min(count, losses.size());
  std::copy_n(losses.begin(), written, out);
  return written;
}

uint64_t lmlog_ticks(void) { return lmlog::ticks(); }

const lmlog_logger* lmlog_logger_get(const char* name) {
  return reinterpret_cast<const lmlog_logger*>(lmlog::logger(text_of(name)).state());
}

int32_t lmlog_set_level(const lmlog_logger* logger, int32_t level) {
  if (!is_level(level)) return 0;
  logger_of(logger).set_level(static_cast<Level>(level));
  return 1;
}

void lmlog_reset_level(const lmlog_logger* logger) { logger_of(logger).reset_level(); }

int32_t lmlog_level(const lmlog_logger* logger) { return static_cast<std::int32_t>(logger_of(logger).level()); }

lmlog_site* lmlog_site_new(const lmlog_site_options* options) {
  lmlog_site_options known{};
  if (!copy_known(options, known)) return nullptr;
  if (known.arguments == nullptr && known.argument_count != 0) known.level = kNoLevel;
  return make_site(known, nullptr, 0);
}

void lmlog_site_free(lmlog_site* site) { delete reinterpret_cast<RuntimeSite*>(site); }

const char* lmlog_site_error(const lmlog_site* site) {
  if (site == nullptr) return "there is no site";
  const std::string_view error = site_of(site)->error();
  return error.empty() ? nullptr : error.data();  // literals: they end with NUL
}

int32_t lmlog_site_is_on(const lmlog_site* site) { return site != nullptr && site_of(site)->is_on() ? 1 : 0; }

int32_t lmlog_site_log(const lmlog_site* site, const lmlog_value* values, size_t count) {
  if (site == nullptr) return LMLOG_REFUSED;
  return with_values(values, count, [&](std::span<const RuntimeValue> all) { return site_of(site)->log(all); });
}

int32_t lmlog_site_log_at(const lmlog_site* site, uint64_t time, const lmlog_value* values, size_t count) {
  if (site == nullptr) return LMLOG_REFUSED;
  return with_values(values, count,
                     [&](std::span<const RuntimeValue> all) { return site_of(site)->log_at(time, all); });
}

int32_t lmlog_slot_is_on(lmlog_site_slot* slot, const lmlog_logger* logger, int32_t level) {
  if (slot == nullptr || !is_level(level)) return 0;
  const lmlog_site* const site = std::atomic_ref(slot->site).load(std::memory_order_acquire);
  if (site != nullptr) return lmlog_site_is_on(site);
  return logger_of(logger).is_on(static_cast<Level>(level)) ? 1 : 0;
}

int32_t lmlog_slot_log(lmlog_site_slot* slot, const lmlog_site_options* options, const lmlog_value* values,
                       size_t count) {
  lmlog_site_options known{};
  if (slot == nullptr || !copy_known(options, known) || (values == nullptr && count != 0)) return LMLOG_REFUSED;
  std::atomic_ref ready(slot->site);
  lmlog_site* site = ready.load(std::memory_order_acquire);
  if (site == nullptr) {
    known.argument_count = 0;
    known.arguments = nullptr;
    lmlog_site* const made = make_site(known, values, count);
    // Two threads at once make two equal ones, and keep one: a lock would not survive a fork.
    if (ready.compare_exchange_strong(site, made, std::memory_order_acq_rel, std::memory_order_acquire))
      site = made;
    else
      lmlog_site_free(made);
  }
  const std::int32_t outcome = lmlog_site_log(site, values, count);
  if (outcome == LMLOG_REFUSED) complain_of_refused(site, known);
  return outcome;
}
