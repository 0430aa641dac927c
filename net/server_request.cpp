// SPDX-License-Identifier: Apache-2.0
#include <boost/beast/core/string.hpp>

#include "net/http_server.hpp"
#include "net/url.hpp"

namespace serin {

std::string ServerRequest::path() const {
    return target.substr(0, target.find('?'));
}

std::string ServerRequest::header(std::string_view name) const {
    for (const auto& [each, value] : headers) {
        if (boost::beast::iequals(each, boost::beast::string_view(name.data(), name.size()))) return value;
    }
    return {};
}

std::optional<std::string> ServerRequest::query(std::string_view key) const {
    const auto question = target.find('?');
    if (question == std::string::npos) return std::nullopt;
    std::string_view rest = std::string_view(target).substr(question + 1);
    while (!rest.empty()) {
        const std::string_view pair = rest.substr(0, rest.find('&'));
        rest.remove_prefix(std::min(pair.size() + 1, rest.size()));
        const auto equals = std::min(pair.find('='), pair.size());
        if (percent_decode(pair.substr(0, equals), Plus::blank) == key) {
            return percent_decode(pair.substr(std::min(equals + 1, pair.size())), Plus::blank);
        }
    }
    return std::nullopt;
}

}  // namespace serin
