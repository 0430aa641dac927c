// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

#include "core/ascii.hpp"
#include "core/observation.hpp"

namespace serin {

/// Header names are case-insensitive (RFC 9110 §5.1).
[[nodiscard]] inline bool same_header(std::string_view a, std::string_view b) {
    return equal_ignoring_case(a, b);
}

[[nodiscard]] inline bool has_header(const Headers& headers, std::string_view name) {
    return std::ranges::any_of(headers, [&](const auto& header) { return same_header(header.first, name); });
}

/// A later header of the same name replaces an earlier one: a step's own beats its actor's.
inline void put_header(Headers& headers, std::string name, std::string value) {
    std::erase_if(headers, [&](const auto& header) { return same_header(header.first, name); });
    headers.emplace_back(std::move(name), std::move(value));
}

}  // namespace serin
