// SPDX-License-Identifier: Apache-2.0
// TOML in, Config out; everything that is no known key of the right kind within its bounds is an error.
#include "collector/config/config_file.hpp"

#include <cmath>
#include <cstdlib>
#include <optional>
#include <sstream>

#include <toml++/toml.h>

#include "collector/config/config_keys.hpp"
#include "collector/config/quantities.hpp"

namespace lmlog::collector {

namespace {

// Bounds what a wrong path (a device, a log file) can make us read.
constexpr std::uint64_t kMaxConfigBytes = 1 << 20;

Error at(const std::string& path, const toml::source_region& where, const std::string& what) {
  return {ErrorCode::invalid,
          path + ":" + std::to_string(where.begin.line) + ":" + std::to_string(where.begin.column) + ": " + what};
}

std::string full_name(const ConfigKey& key) { return std::string(key.section) + "." + std::string(key.name); }

const ConfigKey* find_key(std::string_view section, std::string_view name) {
  for (const ConfigKey& key : config_keys()) {
    if (key.section == section && key.name == name) return &key;
  }
  return nullptr;
}

bool is_section_prefix(std::string_view name) {
  for (const ConfigKey& key : config_keys()) {
    if (key.section == name || key.section.starts_with(std::string(name) + ".")) return true;
  }
  return false;
}

/// What a person should write for the key.
std::string expectation(const ConfigKey& key) {
  switch (key.kind) {
    case KeyKind::count:
      return "a whole number " + bounds_text(key);
    case KeyKind::size:
      return "a size " + bounds_text(key) + ", as in \"64KiB\" or plain bytes";
    case KeyKind::duration:
      return "a duration " + bounds_text(key) + ", as in \"250ms\", \"15m\" or \"7d\"";
    case KeyKind::money:
      return "a number " + bounds_text(key);
    case KeyKind::text:
      return "a text";
    case KeyKind::texts:
      return "a list of texts";
    case KeyKind::choice: {
      std::string words;
      for (const auto word : choices_of(key)) words += (words.empty() ? "\"" : " or \"") + std::string(word) + "\"";
      return words;
    }
  }
  return {};
}

std::optional<std::uint64_t> number_of(const ConfigKey& key, const toml::node& node) {
  if (const auto* integer = node.as_integer(); integer != nullptr && key.kind != KeyKind::duration) {
    if (integer->get() < 0) return std::nullopt;
    return static_cast<std::uint64_t>(integer->get());
  }
  const auto* text = node.as_string();
  if (text == nullptr) {
    // A duration without a unit means nothing, but nothing is zero in any unit.
    const auto* integer = node.as_integer();
    return integer != nullptr && integer->get() == 0 ? std::optional<std::uint64_t>(0) : std::nullopt;
  }
  if (key.kind == KeyKind::size) return parse_size(text->get());
  if (key.kind != KeyKind::duration) return std::nullopt;
  const auto duration = parse_duration(text->get());
  return duration ? std::optional(static_cast<std::uint64_t>(*duration)) : std::nullopt;
}

/// False when the value does not fit the key.
bool set_value(Config& config, const ConfigKey& key, const toml::node& node) {
  switch (key.kind) {
    case KeyKind::count:
    case KeyKind::size:
    case KeyKind::duration: {
      const auto value = number_of(key, node);
      if (!value || *value < key.minimum || *value > key.maximum) return false;
      key.set_number(config, *value);
      return true;
    }
    case KeyKind::money: {
      const auto value = node.value<double>();
      if (!value || std::isnan(*value) || *value < 0 || *value > static_cast<double>(key.maximum)) return false;
      key.set_money(config, *value);
      return true;
    }
    case KeyKind::text: {
      const auto* text = node.as_string();
      if (text == nullptr) return false;
      key.set_texts(config, {text->get()});
      return true;
    }
    case KeyKind::texts: {
      const auto* list = node.as_array();
      if (list == nullptr) return false;
      std::vector<std::string> texts;
      for (const auto& element : *list) {
        const auto* text = element.as_string();
        if (text == nullptr || text->get().empty()) return false;
        texts.push_back(text->get());
      }
      key.set_texts(config, std::move(texts));
      return true;
    }
    case KeyKind::choice: {
      const auto* text = node.as_string();
      const auto words = choices_of(key);
      for (std::size_t i = 0; text != nullptr && i < words.size(); ++i) {
        if (words[i] != text->get()) continue;
        key.set_number(config, i);
        return true;
      }
      return false;
    }
  }
  return false;
}

Status apply_table(Config& config, const toml::table& table, const std::string& section, const std::string& path) {
  for (const auto& [name_key, node] : table) {
    const std::string name(name_key.str());
    const std::string inner = section.empty() ? name : section + "." + name;
    if (const ConfigKey* key = find_key(section, name)) {
      if (!set_value(config, *key, node))
        return at(path, node.source(), full_name(*key) + " must be " + expectation(*key));
    } else if (is_section_prefix(inner)) {
      const auto* sub_table = node.as_table();
      if (sub_table == nullptr) return at(path, node.source(), inner + " is a section: write [" + inner + "]");
      if (auto status = apply_table(config, *sub_table, inner, path); !status) return status;
    } else {
      return at(path, name_key.source(),
                (node.is_table() ? "unknown section [" : "unknown key ") + inner + (node.is_table() ? "]" : "") +
                    ": docs/configuration.md lists all");
    }
  }
  return Done{};
}

Result<std::string> read_text(FileSystem& files, const std::string& path) {
  const auto unreadable = [](const Error& error) {
    return Error{error.code, "the configuration cannot be read: " + error.text};
  };
  auto file = files.open(path, OpenFor::reading);
  if (!file) return unreadable(file.error());
  auto info = (*file)->info();
  if (!info) return unreadable(info.error());
  if (!info->is_regular || info->bytes > kMaxConfigBytes)
    return Error{ErrorCode::invalid, path + " is no configuration file (it must be a regular file of at most 1 MiB)"};
  std::string text(static_cast<std::size_t>(info->bytes), '\0');
  auto n = (*file)->read_at(0, std::as_writable_bytes(std::span(text.data(), text.size())));
  if (!n) return unreadable(n.error());
  text.resize(*n);
  return text;
}

}  // namespace

std::string config_path(const std::string& option) {
  if (!option.empty()) return option;
  const char* folder = std::getenv("CONFIGURATION_DIRECTORY");  // NOLINT(concurrency-mt-unsafe): before any thread
  return folder != nullptr && *folder != '\0' ? std::string(folder) + "/lmlog.toml" : "/etc/lmlog/lmlog.toml";
}

Status apply_config_text(Config& config, std::string_view text, const std::string& path) {
  toml::table table;
  try {
    table = toml::parse(text, path);
  } catch (const toml::parse_error& error) {
    return at(path, error.source(), std::string(error.description()));
  }
  Config changed = config;
  if (auto status = apply_table(changed, table, "", path); !status) return status;
  config = std::move(changed);
  return Done{};
}

Result<Config> read_config(FileSystem& files, const std::string& path, bool must_exist) {
  Config config = default_config();
  std::vector<std::string> paths;
  if (const auto info = files.info(path); must_exist || info || info.error().code != ErrorCode::not_found)
    paths.push_back(path);  // one that is there and cannot be read is an error, as everything below
  const std::size_t slash = path.rfind('/');
  const std::string folder = (slash == std::string::npos ? std::string(".") : path.substr(0, slash)) + "/conf.d";
  const auto names = files.list(folder);
  if (!names && names.error().code != ErrorCode::not_found)
    return Error{names.error().code, "the configuration cannot be read: " + names.error().text};
  for (const auto& name : names ? *names : std::vector<std::string>{}) {
    if (name.ends_with(".toml") && !name.starts_with('.')) paths.push_back(folder + "/" + name);
  }
  for (const auto& one : paths) {
    auto text = read_text(files, one);
    if (!text) return text.error();
    if (auto status = apply_config_text(config, *text, one); !status) return status.error();
  }
  return config;
}

}  // namespace lmlog::collector
