// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "scenarios/language/loader.hpp"
#include "scenarios/language/names.hpp"
#include "scenarios/language/pages.hpp"
#include "scenarios/language/table.hpp"

namespace serin {
namespace {

/// Markdown tables end a cell at `|`, even within backticks.
std::string cell(std::string_view text) {
    std::string escaped;
    for (const char c : text) {
        if (c == '|') escaped += '\\';
        escaped += c;
    }
    return escaped;
}

std::string key_table(const std::vector<Key>& keys) {
    std::string page = "| key | value | default | meaning | example |\n|---|---|---|---|---|\n";
    for (const Key& key : keys) {
        page +=
            fmt::format("| `{}` | {} | {} | {} | `{}: {}` |\n", key.name, cell(words_for(key)),
                        key.required ? "required" : cell(key.fallback), cell(key.meaning), key.name, cell(key.example));
    }
    return page + "\n";
}

std::string step_sections() {
    std::string page =
        "## Steps\n\nA step is a mapping with exactly one of the kinds below as a key, its options, and any of the "
        "common keys.\n\n";
    page += "### Common keys\n\n" + key_table(common_step_keys());
    std::string requests;
    for (const StepKind& kind : step_kinds()) {
        if (kind.http)
            requests += fmt::format("| `{}: {}` | {} |\n", kind.name, cell(kind.keys.front().example), kind.meaning);
    }
    const StepKind& get = *step_kind("get");
    const std::vector<Key> options(get.keys.begin() + 1, get.keys.end());
    page += fmt::format(
        "### HTTP requests\n\n| step | meaning |\n|---|---|\n{}\nOptions of all of them:\n\n{}Result: `{}`\n\n",
        requests, key_table(options), fmt::join(get.fields, "`, `"));
    for (const StepKind& kind : step_kinds()) {
        if (kind.http) continue;
        page += fmt::format("### {}\n\n{}.\n\n{}", kind.name, kind.meaning, key_table(kind.keys));
        if (!kind.fields.empty()) page += fmt::format("Result: `{}`\n\n", fmt::join(kind.fields, "`, `"));
    }
    return page;
}

std::string expression_sections() {
    std::string page =
        "## Expressions\n\nLua 5.4's expressions. `!=`, `&&`, `||` and `!x` mean `~=`, `and`, `or` and `not x`. `${…}` "
        "in a text holds one.\n\n"
        "### Names of every expression\n\n| name | meaning |\n|---|---|\n";
    for (const RunName& name : run_names()) page += fmt::format("| `{}` | {} |\n", name.name, cell(name.meaning));
    page +=
        "| `iteration` | within `repeat`: 1, 2, … |\n\n"
        "A step's own `expect` and `save` see the fields of its result bare (`status`); later steps see them by its id "
        "(`sent.status`).\n\n"
        "### Functions and constants\n\n| usage | meaning |\n|---|---|\n";
    for (const BuiltinName& each : builtin_names())
        page += fmt::format("| `{}` | {} |\n", cell(each.usage), cell(each.meaning));
    return page + "\n";
}

}  // namespace

std::string reference_section(const MappingType& type) {
    return fmt::format("### {}\n\n{}\n\n{}", type.name, type.meaning, key_table(type.keys));
}

std::string reference_page() {
    std::string page =
        "# Reference\n\nMade by `serin` from the table that its loader checks files against; do not edit.\n\n## "
        "Files\n\n";
    for (const std::string_view file : {"scenario", "fragment", "targets file"})
        page += reference_section(mapping_type(file));
    page += "## Parts of files\n\n";
    for (const MappingType& type : mapping_types()) {
        if (type.name != "scenario" && type.name != "fragment" && type.name != "targets file")
            page += reference_section(type);
    }
    return page + step_sections() + expression_sections();
}

}  // namespace serin
