// SPDX-License-Identifier: Apache-2.0
// The status for people: read back from the JSON, so that it works beside any running daemon.
#include <time.h>

#include <sstream>
#include <string>

// property_tree of Boost 1.74 includes the header that warns without this.
#define BOOST_BIND_GLOBAL_PLACEHOLDERS
#include <boost/property_tree/json_parser.hpp>
#include <boost/property_tree/ptree.hpp>

#include "collector/host/clock.hpp"
#include "collector/host/notices.hpp"
#include "collector/metrics/status_report.hpp"

namespace lmlog::collector {

namespace {

using Tree = boost::property_tree::ptree;

std::string value_of(const Tree& tree, const char* path) { return printable(tree.get<std::string>(path, "?")); }

std::string members_of(const Tree& tree, const char* path) {
  std::string out;
  if (const auto child = tree.get_child_optional(path)) {
    for (const auto& [key, value] : *child)
      out += (out.empty() ? "" : ", ") + printable(key) + " " + printable(value.data());
  }
  return out.empty() ? "none" : out;
}

/// An empty text for what is as new as it should be.
std::string age_text(const std::string& written, std::int64_t now_ns, bool is_running) {
  constexpr std::int64_t kOldSeconds = 3;  // it is written every second
  std::tm parts{};
  if (::strptime(written.c_str(), "%Y-%m-%dT%H:%M:%S", &parts) == nullptr) return {};
  const std::int64_t age = now_ns / kNsPerSecond - ::timegm(&parts);
  if (age <= kOldSeconds) return {};
  return "age          this is " + std::to_string(age) +
         " s old: " + (is_running ? "the collector is stopped, or cannot write its status" : "no collector runs") +
         "\n";
}

}  // namespace

Result<std::string> status_text(const std::string& json, std::int64_t now_ns, bool is_running) {
  Tree tree;
  std::istringstream in(json);
  try {
    boost::property_tree::read_json(in, tree);
  } catch (const boost::property_tree::json_parser_error& error) {
    return Error{ErrorCode::damaged, "the status is no JSON: " + error.message()};
  }
  std::ostringstream out;
  out << age_text(tree.get<std::string>("written", ""), now_ns, is_running);
  out << "collector    pid " << value_of(tree, "pid") << " since " << value_of(tree, "since") << "\n"
      << "serves       " << value_of(tree, "sessions") << " sessions, " << value_of(tree, "rings") << " rings, "
      << value_of(tree, "lag_seconds") << " s behind\n"
      << "records      " << members_of(tree, "records") << "\n"
      << "losses       " << members_of(tree, "losses") << "\n"
      << "hot tier     " << members_of(tree, "tiers.hot") << "\n"
      << "journal      " << members_of(tree, "journal") << "\n";
  if (const auto services = tree.get_child_optional("services")) {
    for (const auto& [name, service] : *services) {
      out << "service      " << printable(name) << ": ";
      const char* separator = "";
      for (const auto& [key, value] : service) {
        out << separator << printable(key) << " " << printable(value.data());
        separator = ", ";
      }
      out << "\n";
    }
  }
  if (const std::string counts = members_of(tree, "quarantines"); counts != "none")
    out << "quarantines  " << counts << "\n";
  if (const auto quarantined = tree.get_child_optional("quarantined")) {
    for (const auto& [key, one] : *quarantined)
      out << "quarantined  " << value_of(one, "path") << ": " << value_of(one, "reason") << "\n";
  }
  const std::string error = tree.get<std::string>("last_error", "");
  if (!error.empty()) out << "last error   " << printable(error) << "\n";
  return out.str();
}

}  // namespace lmlog::collector
