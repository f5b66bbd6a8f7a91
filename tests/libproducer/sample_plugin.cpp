// SPDX-License-Identifier: Apache-2.0
// A plugin with statements in plain, inline and template functions; it finds the library in the program that loads it.
#include <string>

#include <lmlog/lmlog.hpp>

using namespace lmlog::literals;

namespace {

inline void in_an_inline_function(int number) { LMLOG_INFO("plugin inline {}", number); }

template <class T> void in_a_template(const T& value) { LMLOG_INFO("plugin template {}", value); }

[[maybe_unused]] void never_called() { LMLOG_INFO("plugin, never called"); }

}  // namespace

inline void visible_inline(int number) {
  LMLOG_INFO("plugin visible {}", number);
  LMLOG_INFO_ONCE("plugin once {}", number);
  LMLOG_INFO_EVERY_N(3, "plugin every {}", number);
  LMLOG_INFO_PRINTF("plugin printf %d", number);
  LMLOG_EVENT(lmlog::event::error{.operation = "plugin", .code = number}, "field"_k = number);
}
template <class T> struct VisibleTemplate {
  static void log(T value) { LMLOG_INFO("plugin visible template {}", value); }
};

extern "C" void plugin_log(int number) {
  in_an_inline_function(number);
  in_a_template(number);
  in_a_template(std::to_string(number));
  visible_inline(number);
  VisibleTemplate<long>::log(number);
  for (const char* name : {"plugin.even", "plugin.odd"})
    LMLOG_LOG(lmlog::logger(name), lmlog::Level::info, "plugin logger {}", number);
}
