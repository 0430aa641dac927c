// SPDX-License-Identifier: Apache-2.0
#include "net/url.hpp"

#include <algorithm>
#include <charconv>

namespace serin {

namespace {

std::string lower(std::string_view text) {
    std::string result(text);
    for (char& c : result) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    return result;
}

std::uint16_t usual_port(std::string_view scheme) {
    if (scheme == "http" || scheme == "ws") return 80;
    if (scheme == "https" || scheme == "wss") return 443;
    return 0;
}

std::optional<unsigned char> hex_byte(std::string_view two) {
    unsigned value = 0;
    const auto [end, error] = std::from_chars(two.data(), two.data() + two.size(), value, 16);
    if (error != std::errc() || end != two.data() + 2) return std::nullopt;
    return static_cast<unsigned char>(value);
}

/// A request line is split at blanks, and a line break in it would start a header.
bool has_blank_or_control(std::string_view text) {
    return std::ranges::any_of(text, [](char c) { return static_cast<unsigned char>(c) <= ' ' || c == 0x7f; });
}

}  // namespace

std::string host_and_port(std::string_view host, std::uint16_t port) {
    const bool v6 = host.find(':') != std::string_view::npos;
    return (v6 ? "[" + std::string(host) + "]" : std::string(host)) + ":" + std::to_string(port);
}

std::string Url::authority() const {
    std::string text = host_and_port(host, port);
    if (default_port) text.resize(text.rfind(':'));
    return text;
}

std::optional<std::uint16_t> parse_port(std::string_view digits) {
    std::uint16_t port = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
    if (digits.empty() || error != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
    return port;
}

std::optional<Url> parse_url(std::string_view text) {
    if (has_blank_or_control(text)) return std::nullopt;
    const auto colon = text.find("://");
    if (colon == std::string_view::npos || colon == 0) return std::nullopt;
    Url url;
    url.scheme = lower(text.substr(0, colon));
    text.remove_prefix(colon + 3);
    text = text.substr(0, text.find('#'));

    const auto authority_end = std::min(text.find_first_of("/?"), text.size());
    std::string_view authority = text.substr(0, authority_end);
    url.target = text.substr(authority_end);
    if (!url.target.starts_with('/')) url.target.insert(0, "/");

    if (const auto at = authority.rfind('@'); at != std::string_view::npos) {
        url.credentials = percent_decode(authority.substr(0, at), Plus::stays);
        authority.remove_prefix(at + 1);
    }
    std::string_view port;
    if (authority.starts_with('[')) {
        const auto bracket = authority.find(']');
        if (bracket == std::string_view::npos) return std::nullopt;
        url.host = authority.substr(1, bracket - 1);
        port = authority.substr(bracket + 1);
    } else {
        const auto separator = std::min(authority.find(':'), authority.size());
        url.host = authority.substr(0, separator);
        port = authority.substr(separator);
    }
    if (url.host.empty()) return std::nullopt;
    url.port = usual_port(url.scheme);
    if (!port.empty() && !port.starts_with(':')) return std::nullopt;
    if (port.size() > 1) {
        const std::optional<std::uint16_t> written = parse_port(port.substr(1));
        if (!written) return std::nullopt;
        url.default_port = *written == url.port;
        url.port = *written;
    } else if (url.port == 0) {
        return std::nullopt;
    }
    return url;
}

std::string percent_decode(std::string_view text, Plus plus) {
    std::string result;
    result.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '%' && i + 2 < text.size()) {
            if (const auto byte = hex_byte(text.substr(i + 1, 2))) {
                result += static_cast<char>(*byte);
                i += 2;
                continue;
            }
        }
        result += text[i] == '+' && plus == Plus::blank ? ' ' : text[i];
    }
    return result;
}

}  // namespace serin
