// SPDX-License-Identifier: Apache-2.0
#include "reports/formats/markdown.hpp"

#include <algorithm>

#include "reports/formats/escaping.hpp"

namespace serin {

std::string markdown_text(std::string_view text) {
    std::string out;
    const std::string shown = printable(text);
    for (std::size_t at = 0; at < shown.size(); ++at) {
        const char c = shown[at];
        const std::string_view rest = std::string_view(shown).substr(at);
        if (rest.starts_with("://")) {
            out += "&#58;";  // forges make links of bare addresses
        } else if (c == '.' && shown.substr(at < 3 ? 0 : at - 3, 3) == "www") {
            out += "&#46;";
        } else if (c == '<') {
            out += "&lt;";
        } else if (c == '>') {
            out += "&gt;";
        } else if (c == '&') {
            out += "&amp;";
        } else if (c == '@') {
            out += "&#64;";  // a backslash does not keep a forge from telling somebody of that name
        } else {
            if (std::string_view("\\`*_{}[]()#+!|~").find(c) != std::string_view::npos) out += '\\';
            out += c;
        }
    }
    return out;
}

std::string markdown_link(std::string_view address) {
    const bool web = address.starts_with("https://") || address.starts_with("http://");
    const bool plain = std::ranges::all_of(address, [](char c) {
        return c > 0x20 && c < 0x7f && c != '<' && c != '>' && c != '|' && c != '\\' && c != '`';
    });
    return web && plain ? "<" + std::string(address) + ">" : markdown_text(address);
}

std::string markdown_block(std::string_view text) {
    std::size_t longest = 2;
    std::size_t run = 0;
    for (const char c : text) {
        run = c == '`' ? run + 1 : 0;
        longest = std::max(longest, run);
    }
    const std::string fence(longest + 1, '`');
    std::string out = fence + "text\n";
    out += text;
    if (!out.ends_with('\n')) out += '\n';
    return out + fence + "\n";
}

}  // namespace serin
