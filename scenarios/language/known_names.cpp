// SPDX-License-Identifier: Apache-2.0
#include "scenarios/language/known_names.hpp"

#include <fmt/format.h>
#include <re2/re2.h>

#include <algorithm>
#include <array>

#include "scenarios/language/expression.hpp"
#include "scenarios/language/reading.hpp"
#include "scenarios/language/table.hpp"

namespace serin {
namespace {

bool begins_name(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}
bool continues_name(char c) {
    return begins_name(c) || (c >= '0' && c <= '9');
}

std::string_view name_at(std::string_view text, std::size_t at) {
    if (at >= text.size() || !begins_name(text[at])) return {};
    std::size_t end = at;
    while (end < text.size() && continues_name(text[end])) ++end;
    return text.substr(at, end - at);
}

/// The field behind a name that ends at `at`: `.x` and `["x"]` give x, a computed index gives `*`.
std::string_view field_at(std::string_view text, std::size_t at) {
    if (at + 1 >= text.size()) return {};
    if (text[at] == '.') return name_at(text, at + 1);
    if (text[at] != '[') return {};
    const char quote = text[at + 1];
    if (quote != '"' && quote != '\'') return "*";
    const std::size_t end = text.find(quote, at + 2);
    return end == std::string_view::npos ? std::string_view{} : text.substr(at + 2, end - at - 2);
}

constexpr std::array lua_keywords{"and",      "break",  "do",   "else", "elseif", "end",  "false", "for",
                                  "function", "goto",   "if",   "in",   "local",  "nil",  "not",   "or",
                                  "repeat",   "return", "then", "true", "until",  "while"};

bool is_builtin(std::string_view name) {
    const auto root = [](const BuiltinName& each) {
        return std::string_view(each.name).substr(0, std::string_view(each.name).find('.'));
    };
    return std::ranges::find(builtin_names(), name, root) != builtin_names().end();
}

bool stands_at(std::string_view text, const Place& place) {
    if (!place.known()) return false;
    const std::string_view line = place.source->line(place.line);
    const auto column = static_cast<std::size_t>(place.column - 1);
    return column <= line.size() && line.substr(column).starts_with(text);
}

bool is_result_field(std::string_view name) {
    const auto has_it = [&](const StepKind& kind) { return std::ranges::find(kind.fields, name) != kind.fields.end(); };
    return std::ranges::any_of(step_kinds(), has_it);
}

/// The first `quoted` word of a title: the name that an unknown-name mistake is about.
std::string_view quoted_word(std::string_view title) {
    const std::size_t begin = title.find('`');
    if (begin == std::string_view::npos) return {};
    return title.substr(begin + 1, title.find('`', begin + 1) - begin - 1);
}

}  // namespace

void note_used_names(std::string_view text, UsedNames& used) {
    for (std::size_t at = 0; at < text.size();) {
        const std::string_view name = name_at(text, at);
        if (name.empty()) {
            // A digit's letters (0x1F) are no name.
            const bool digit = text[at] >= '0' && text[at] <= '9';
            do ++at;
            while (digit && at < text.size() && continues_name(text[at]));
            continue;
        }
        const bool is_field = at > 0 && text[at - 1] == '.' && (at < 2 || text[at - 2] != '.');
        at += name.size();
        if (is_field) continue;
        used.emplace(name);
        if (const std::string_view field = field_at(text, at); !field.empty())
            used.insert(fmt::format("{}.{}", name, field));
    }
}

std::vector<std::string> assigned_names(std::string_view script) {
    static const RE2 assignment(R"((?m)(?:^|[;\s])(local\s+)?([A-Za-z_]\w*(?:\s*,\s*[A-Za-z_]\w*)*)\s*=(?:[^=]|$))");
    std::vector<std::string> names;
    re2::StringPiece rest(script.data(), script.size());
    std::string local, assigned;
    while (RE2::FindAndConsume(&rest, assignment, &local, &assigned)) {
        if (!local.empty()) continue;
        for (std::size_t at = 0; at < assigned.size();) {
            const std::string_view name = name_at(assigned, at);
            if (!name.empty()) names.emplace_back(name);
            at += std::max<std::size_t>(name.size(), 1);
        }
    }
    return names;
}

bool is_identifier(std::string_view text) {
    return !text.empty() && name_at(text, 0).size() == text.size();
}

void NameBook::foresee(const YamlNode& steps) {
    // Any mapping below may be a step: a name that is foreseen wrongly only changes the words of another mistake.
    for (const YamlNode& item : steps.items) foresee(item);
    for (const YamlEntry& entry : steps.entries) {
        if (entry.key == "id" && entry.value.is_scalar()) later_.try_emplace(entry.value.text, entry.value.place);
        if (entry.key == "save" || entry.key == "set") {
            for (const YamlEntry& defined : entry.value.entries) later_.try_emplace(defined.key, defined.key_place);
        }
        foresee(entry.value);
    }
}

void NameBook::define(std::string_view name, const Place& place, std::string_view what) {
    if (!is_identifier(name)) return;  // said where its shape was checked
    if (std::ranges::find(lua_keywords, name) != lua_keywords.end()) {
        complaints_.error(place, fmt::format("`{}` is a word of Lua, not a name", name), "", "choose another name");
        return;
    }
    const bool of_run = std::ranges::find(run_names(), name, &RunName::name) != run_names().end();
    if (of_run || name == "iteration" || is_builtin(name)) {
        complaints_.error(place, fmt::format("`{}` is a name that every expression has already", name), "",
                          "choose another name");
        return;
    }
    const auto [earlier, fresh] = defined_.try_emplace(std::string(name), place);
    if (!fresh && !known.unchecked) {
        complaints_.error(place, fmt::format("`{}` is defined twice", name),
                          fmt::format("first at line {}, column {}", earlier->second.line, earlier->second.column),
                          "choose another name");
        return;
    }
    if (what == "save") saves_.emplace_back(name, place);
}

void NameBook::add_explained(Mistakes mistakes) {
    for (Mistake& mistake : mistakes) {
        const std::string_view word = quoted_word(mistake.title);
        const std::string name(word.substr(0, word.find('.')));
        const auto later = later_.find(name);
        const bool unknown_name = mistake.title.starts_with("unknown name") && !known.names.contains(name);
        if (unknown_name && later != later_.end()) {
            const bool met = defined_.contains(name);
            mistake.title = met ? fmt::format("`{}` is not known here", name)
                                : fmt::format("`{}` is used before it is defined", name);
            mistake.remedy =
                fmt::format("it is defined {} at line {}", met ? "elsewhere," : "later,", later->second.line);
        }
        if (unknown_name && is_result_field(name)) {
            mistake.remedy = fmt::format(
                "only a step's own `expect` and `save` see it; give the step an id and write `id.{}`", name);
        }
        if (unknown_name && name == "secret") mistake.remedy = "declare it under `secrets`";
        if (unknown_name && (name == "vars" || name == "matrix"))
            mistake.remedy = fmt::format("declare it under `{}`", name);
        complaints_.add(std::move(mistake));
    }
}

std::optional<Expression> NameBook::expression(std::string_view text, const Place& place) {
    note_used_names(text, used_);
    Mistakes mistakes;
    std::optional<Expression> parsed = parse_expression(text, place, known, mistakes);
    if (!stands_at(text, place)) {  // folded or escaped: a column in the value is none in the file
        for (Mistake& mistake : mistakes) mistake.place = place;
        if (parsed) parsed->place = place;
    }
    add_explained(std::move(mistakes));
    return parsed;
}

Text NameBook::text(std::string_view scalar, const Place& place) {
    if (scalar.find("${") != std::string_view::npos) note_used_names(scalar, used_);
    Mistakes mistakes;
    Text parsed = parse_text(scalar, place, known, mistakes);
    add_explained(std::move(mistakes));
    return parsed;
}

void NameBook::note_unused_saves(Reading& reading) const {
    for (const auto& [name, place] : saves_) {
        if (!used_.contains(name))
            reading.unused(place, fmt::format("`{}` is saved but never used", name), "use it or remove it");
    }
}

}  // namespace serin
