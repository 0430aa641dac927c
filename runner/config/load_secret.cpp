// SPDX-License-Identifier: Apache-2.0
// What may be secret, and URLs.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "runner/config/reading.hpp"
#include "runner/config/table.hpp"

namespace serin {
namespace {

bool blank_or_control(char c) {
    return static_cast<unsigned char>(c) <= ' ' || c == '\x7f';
}

/// What stands between `://` and the path.
std::string_view authority_of(std::string_view url) {
    const std::size_t begin = url.find("://");
    if (begin == std::string_view::npos) return {};
    const std::string_view rest = url.substr(begin + 3);
    return rest.substr(0, rest.find_first_of("/?#"));
}

}  // namespace

MaybeSecret maybe_secret(const YamlNode& node, const Place& owner, std::string name, ConfigReading& reading) {
    MaybeSecret made;
    if (node.is_map()) {
        const Fields where(node, config_type("secret"), owner, reading.complaints);
        made.reference = {
            .name = std::move(name), .place = node.place, .env = where.text("env"), .file = where.text("file")};
    } else {
        made.text = node.text;
    }
    return made;
}

std::string host_in(std::string_view url) {
    std::string_view host = authority_of(url);
    host.remove_prefix(host.find('@') == std::string_view::npos ? 0 : host.rfind('@') + 1);
    if (host.starts_with('[')) return std::string(host.substr(1, host.find(']') - 1));
    return std::string(host.substr(0, host.find(':')));
}

bool check_url(const YamlNode& node, std::string_view key, std::initializer_list<std::string_view> schemes,
               ConfigReading& reading) {
    if (!node.is_scalar()) return true;  // a reference
    const std::string_view scheme = std::string_view(node.text).substr(0, node.text.find("://"));
    const bool fine = std::ranges::find(schemes, scheme) != schemes.end() && !host_in(node.text).empty() &&
                      std::ranges::none_of(node.text, blank_or_control);
    if (authority_of(node.text).find('@') != std::string_view::npos) {
        reading.complaints.error(masked(node.place), "a secret must not stand in the file", "a URL with a password",
                                 fmt::format("give the whole URL by reference, as `{}: {{ env: NAME }}`", key));
        return false;
    }
    if (fine) return true;
    reading.complaints.error(node.place, fmt::format("`{}` must be an absolute URL, found {}", key, described(node)),
                             "", fmt::format("begin it with {}:// and a host", fmt::join(schemes, ":// or ")));
    return false;
}

}  // namespace serin
