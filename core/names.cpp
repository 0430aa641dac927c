// SPDX-License-Identifier: Apache-2.0
#include "core/names.hpp"

#include <algorithm>
#include <cstdint>

#include "core/utf8.hpp"

namespace serin {
namespace {

/// Insertions, deletions, replacements and swaps of neighbours (optimal string alignment), three rows at a time.
std::size_t edit_distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> before(b.size() + 1), above(b.size() + 1), row(b.size() + 1);
    for (std::size_t j = 0; j <= b.size(); ++j) above[j] = j;
    for (std::size_t i = 1; i <= a.size(); ++i) {
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t replace = above[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
            row[j] = std::min({above[j] + 1, row[j - 1] + 1, replace});
            const bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
            if (swapped) row[j] = std::min(row[j], before[j - 2] + 1);
        }
        std::swap(before, above);
        std::swap(above, row);
    }
    return above[b.size()];
}

}  // namespace

std::string nearest(std::string_view typed, const std::vector<std::string>& candidates) {
    // Long input is no slip of the keys, and the distance is quadratic.
    if (typed.empty() || typed.size() > 64) return {};
    std::size_t best = std::clamp<std::size_t>(typed.size() / 3, 1, 3) + 1;
    std::string found;
    for (const std::string& candidate : candidates) {
        if (candidate.empty() || candidate.size() > typed.size() + 3) continue;
        const std::size_t distance = edit_distance(typed, candidate);
        if (distance >= best || distance >= typed.size()) continue;
        best = distance;
        found = candidate;
    }
    return found;
}

std::string did_you_mean(std::string_view typed, const std::vector<std::string>& candidates, std::string_view what) {
    if (const std::string near = nearest(typed, candidates); !near.empty()) return "did you mean `" + near + "`?";
    std::string all = "known " + std::string(what) + ":";
    if (candidates.empty()) return all + " none";
    const char* separator = " ";
    for (const std::string& candidate : candidates) {
        all += separator + candidate;
        separator = ", ";
    }
    return all;
}

bool valid_utf8(std::string_view text) {
    for (std::size_t at = 0; at < text.size();) {
        const CodePoint here = code_point_at(text, at);
        if (!here.valid) return false;
        at += here.bytes;
    }
    return true;
}

std::string clipped(std::string_view text, std::size_t bytes) {
    if (text.size() <= bytes) return std::string(text);
    std::size_t end = bytes;
    while (end > 0 && (static_cast<std::uint8_t>(text[end]) & 0xC0) == 0x80) --end;
    return std::string(text.substr(0, end)) + "… (" + std::to_string(text.size()) + " bytes)";
}

}  // namespace serin
