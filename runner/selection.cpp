// SPDX-License-Identifier: Apache-2.0
#include "runner/selection.hpp"

#include <algorithm>
#include <sstream>

#include "core/names.hpp"

namespace serin {
namespace {

constexpr std::size_t longest_list = 300;  // bytes: an axis may have thousands of values

struct Pair {
    std::string axis, value;
};

/// nullopt: a word has no `=`.
std::optional<std::vector<Pair>> pairs_of(const std::string& only) {
    std::vector<Pair> pairs;
    std::istringstream words(only);
    for (std::string word; words >> word;) {
        const std::size_t equals = word.find('=');
        if (equals == std::string::npos) return std::nullopt;
        pairs.push_back({.axis = word.substr(0, equals), .value = word.substr(equals + 1)});
    }
    return pairs;
}

}  // namespace

bool selects(const std::string& only, const Cell& cell) {
    if (!only.empty() && only == cell.text()) return true;  // as reports print it, values with blanks included
    const std::optional<std::vector<Pair>> pairs = pairs_of(only);
    if (!pairs || pairs->empty()) return false;
    return std::ranges::all_of(*pairs, [&](const Pair& wanted) {
        return std::ranges::any_of(
            cell.axes, [&](const auto& axis) { return axis.first == wanted.axis && axis.second == wanted.value; });
    });
}

Selection::Selection(const std::vector<std::string>& wishes) {
    wishes_.reserve(wishes.size());
    for (const std::string& only : wishes) wishes_.push_back({.only = only});
}

bool Selection::wants(const Cell& cell) {
    bool wanted = wishes_.empty();
    for (Wish& wish : wishes_) {
        if (!selects(wish.only, cell)) continue;
        wanted = wish.met = true;
    }
    for (const auto& [name, value] : cell.axes) axes_[name].insert(value);
    return wanted;
}

std::optional<Error> Selection::unmet() const {
    const auto wish = std::ranges::find(wishes_, false, &Wish::met);
    if (wish == wishes_.end()) return std::nullopt;
    Error error{.title = "--only \"" + wish->only + "\" selects no cell", .remedy = {}};
    if (axes_.empty()) {
        error.remedy = "leave --only out: there is no matrix";
        return error;
    }
    const std::optional<std::vector<Pair>> pairs = pairs_of(wish->only);
    error.remedy = pairs && !pairs->empty() ? "no cell has all of these at once"
                                            : "write axis=value pairs of the matrix, as reports show them";
    if (!pairs) return error;
    for (const Pair& pair : *pairs) {
        const auto axis = axes_.find(pair.axis);
        if (axis == axes_.end()) {
            std::vector<std::string> names;
            names.reserve(axes_.size());
            for (const auto& [name, values] : axes_) names.push_back(name);
            error.title += ": there is no axis `" + pair.axis + "`";
            error.remedy = did_you_mean(pair.axis, names, "axes");
            return error;
        }
        if (!axis->second.contains(pair.value)) {
            const std::vector<std::string> values(axis->second.begin(), axis->second.end());
            error.title += ": `" + pair.axis + "` is never `" + pair.value + "`";
            error.remedy = clipped(did_you_mean(pair.value, values, "values"), longest_list);
            return error;
        }
    }
    return error;
}

}  // namespace serin
