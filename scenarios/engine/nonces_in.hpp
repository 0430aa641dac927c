// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>

namespace serin {

/// Calls `told` with everything in `text` that looks like a nonce of NonceMaker: "r" + 8 hex + "-" + digits + "-" + 10
/// hex. Whether it is one of ours, only NonceMaker::ours() knows.
template <class Told>
void for_each_nonce(const std::string& text, Told&& told) {
    const auto hex = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); };
    for (std::size_t at = text.find('r'); at != std::string::npos; at = text.find('r', at + 1)) {
        std::size_t end = at + 1;
        while (end < text.size() && end - at <= 8 && hex(text[end])) ++end;
        if (end - at != 9 || end >= text.size() || text[end] != '-') continue;
        const std::size_t digits = ++end;
        while (end < text.size() && end - digits < 10 && text[end] >= '0' && text[end] <= '9') ++end;
        if (end == digits || end >= text.size() || text[end] != '-') continue;
        const std::size_t mac = ++end;
        while (end < text.size() && end - mac < 10 && hex(text[end])) ++end;
        if (end - mac != 10) continue;
        told(text.substr(at, end - at));
        at = end - 1;
    }
}

}  // namespace serin
