// SPDX-License-Identifier: Apache-2.0
#include "net/http_handle.hpp"

#include <curl/curl.h>

#include <algorithm>
#include <new>
#include <utility>

#include "core/ascii.hpp"

namespace serin {
namespace {

static_assert(CURL_ERROR_SIZE == 256);

/// A burst's handles are not kept for ever.
constexpr std::size_t max_idle = 128;

/// How many idle handles are looked at for one that fits.
constexpr std::ptrdiff_t max_looks = 16;

}  // namespace

CurlLines::CurlLines() = default;
CurlLines::~CurlLines() = default;

void CurlLines::clear() {
    text_.clear();
    starts_.clear();
}

void CurlLines::add(std::initializer_list<std::string_view> parts) {
    starts_.push_back(text_.size());
    for (const std::string_view part : parts) text_ += part;
    text_ += '\0';
}

curl_slist* CurlLines::list() {
    if (starts_.empty()) return nullptr;
    nodes_.resize(starts_.size());
    for (std::size_t i = 0; i < starts_.size(); ++i) {
        nodes_[i] = {.data = text_.data() + starts_[i], .next = i + 1 < starts_.size() ? &nodes_[i + 1] : nullptr};
    }
    return nodes_.data();
}

bool is_large(const std::optional<std::string>& body) {
    return body && body->size() > 64 << 10;
}

bool is_https(std::string_view url) {
    return equal_ignoring_case(url.substr(0, 6), "https:");
}

HttpHandle::HttpHandle() : easy(curl_easy_init()) {
    if (easy == nullptr) throw std::bad_alloc();
}

HttpHandle::~HttpHandle() {
    curl_easy_cleanup(easy);
}

bool HttpHandle::fits(const HttpRequest& request) const {
    return shape && shape->method == request.method && shape->https == is_https(request.url) &&
           shape->has_body == request.body.has_value() && shape->large_body == is_large(request.body) &&
           shape->reuse == request.reuse && shape->max_redirects == request.max_redirects &&
           shape->http_version == request.http_version && shape->route == request.route;
}

void HttpHandle::remember(const HttpRequest& request) {
    shape = Shape{.method = request.method,
                  .http_version = request.http_version,
                  .route = request.route,
                  .https = is_https(request.url),
                  .has_body = request.body.has_value(),
                  .large_body = is_large(request.body),
                  .reuse = request.reuse,
                  .max_redirects = request.max_redirects};
}

void HttpHandle::reset() {
    curl_easy_reset(easy);
    shape.reset();
    headers.clear();
    connect_to.clear();
}

std::unique_ptr<HttpHandle> HttpHandles::take(const HttpRequest& request) {
    if (idle_.empty()) return std::make_unique<HttpHandle>();
    const auto looked_at = idle_.rbegin() + std::min(std::ssize(idle_), max_looks);
    const auto found = std::find_if(idle_.rbegin(), looked_at, [&](const auto& each) { return each->fits(request); });
    if (found != looked_at) std::swap(*found, idle_.back());
    std::unique_ptr<HttpHandle> taken = std::move(idle_.back());
    idle_.pop_back();
    return taken;
}

void HttpHandles::give_back(std::unique_ptr<HttpHandle> handle) {
    if (idle_.size() < max_idle) idle_.push_back(std::move(handle));
}

}  // namespace serin
