// SPDX-License-Identifier: Apache-2.0
// Periods have the units that messages show them with.
#include "decoder/sites/type_name.hpp"

#include "decoder/render/duration_text.hpp"
#include "lmlog/formats/type_description.hpp"

namespace lmlog::decoder {

using formats::ArgType;
using formats::TypeDescription;
using formats::TypeKind;

namespace {

std::string name_of_tag(ArgType tag) {
  static constexpr std::string_view kNames[] = {"",    "bool", "char", "i8",  "u8",  "i16",     "u16",    "i32",
                                                "u32", "i64",  "u64",  "f32", "f64", "pointer", "string", "structured"};
  const auto index = static_cast<std::size_t>(tag);
  return index < std::size(kNames) ? std::string(kNames[index]) : "type " + std::to_string(index);
}

void append(std::string& out, const TypeDescription& type);

/// `list<` parts `>`.
void append_parts(std::string& out, std::string_view name, const TypeDescription& type) {
  out += name;
  for (std::size_t i = 0; i < type.parts.size(); ++i) {
    out += i == 0 ? "<" : ", ";
    append(out, type.parts[i]);
  }
  if (!type.parts.empty()) out += '>';
}

void append_structure(std::string& out, const TypeDescription& type) {
  out += type.name;
  out += " {";
  for (std::size_t i = 0; i < type.parts.size(); ++i) {
    out += (i == 0 ? "" : ", ") + type.names[i] + ": ";
    append(out, type.parts[i]);
  }
  out += '}';
}

void append(std::string& out, const TypeDescription& type) {
  switch (type.kind) {
    case TypeKind::scalar:
      out += name_of_tag(type.scalar);
      return;
    case TypeKind::string:
      out += "string";
      return;
    case TypeKind::path:
      out += "path";
      return;
    case TypeKind::hash:
      out += "hash";
      return;
    case TypeKind::duration:
    case TypeKind::time_point:
      out += type.kind == TypeKind::duration ? "duration<" : "time<";
      append_unit(out, type);
      out += '>';
      return;
    case TypeKind::error_code:
      out += "error_code";
      return;
    case TypeKind::monostate:
      out += "monostate";
      return;
    case TypeKind::optional:
      return append_parts(out, "optional", type);
    case TypeKind::sequence:
      return append_parts(out, "list", type);
    case TypeKind::set:
      return append_parts(out, "set", type);
    case TypeKind::map:
      return append_parts(out, "map", type);
    case TypeKind::multimap:
      return append_parts(out, "multimap", type);
    case TypeKind::tuple:
      return append_parts(out, "tuple", type);
    case TypeKind::variant:
      return append_parts(out, "variant", type);
    case TypeKind::structure:
      return append_structure(out, type);
  }
}

}  // namespace

std::string type_name(const formats::Argument& argument) {
  std::string out;
  if (const auto type = formats::described_type(argument.type(), argument.description)) {
    append(out, *type);
  } else {
    out = name_of_tag(argument.type());
  }
  return out;
}

}  // namespace lmlog::decoder
