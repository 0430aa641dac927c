// SPDX-License-Identifier: Apache-2.0
#include "scenarios/language/regexes.hpp"

#include <fmt/format.h>
#include <re2/re2.h>

namespace serin {
namespace {

constexpr std::size_t most_patterns = 1000;
constexpr std::int64_t most_memory = 2 << 20;  // of one pattern's automata

std::unique_ptr<re2::RE2> compile(std::string_view pattern) {
    re2::RE2::Options options;
    options.set_log_errors(false);
    options.set_max_mem(most_memory);
    return std::make_unique<re2::RE2>(re2::StringPiece(pattern.data(), pattern.size()), options);
}

std::string mistake_of(const re2::RE2& regex) {
    return regex.ok() ? std::string{}
                      : fmt::format("`{}` is not a regular expression: {}", regex.pattern(), regex.error());
}

}  // namespace

Regexes::Regexes() = default;
Regexes::~Regexes() = default;

Result<const re2::RE2*> Regexes::compiled(const std::string& pattern) {
    const auto known = patterns_.find(pattern);
    if (known != patterns_.end()) return known->second.get();
    auto regex = compile(pattern);
    if (!regex->ok()) return fail(mistake_of(*regex), "RE2 syntax: no backreferences, no look-around");
    if (patterns_.size() >= most_patterns) patterns_.clear();
    return patterns_.emplace(pattern, std::move(regex)).first->second.get();
}

std::string regex_mistake(std::string_view pattern) {
    return mistake_of(*compile(pattern));
}

}  // namespace serin
