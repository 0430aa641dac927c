// SPDX-License-Identifier: Apache-2.0
// Internal to net/: libcurl's handle for one exchange after another.
#pragma once
#include <array>
#include <cstddef>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/observation.hpp"

struct curl_slist;

namespace serin {

class HttpTransfer;

/// Lines as libcurl takes them, in memory that is used again.
class CurlLines {
public:
    CurlLines();
    ~CurlLines();
    CurlLines(const CurlLines&) = delete;
    CurlLines& operator=(const CurlLines&) = delete;

    void clear();
    /// Adds one line, given in parts. No part holds a NUL.
    void add(std::initializer_list<std::string_view> parts);
    /// Null when there is no line. Until the next add() or clear().
    [[nodiscard]] curl_slist* list();

private:
    std::string text_;
    std::vector<std::size_t> starts_;
    std::vector<curl_slist> nodes_;
};

/// An easy handle that remembers what it was told. A prober asks the same thing of the same target all day: what stays
/// the same is said to libcurl once, for that costs more than half of a whole set-up.
struct HttpHandle {
    /// Throws std::bad_alloc.
    HttpHandle();
    ~HttpHandle();
    HttpHandle(const HttpHandle&) = delete;
    HttpHandle& operator=(const HttpHandle&) = delete;

    /// True when the handle has been told all of `request` that is no matter of the single exchange.
    [[nodiscard]] bool fits(const HttpRequest& request) const;
    void remember(const HttpRequest& request);
    /// As new.
    void reset();

    /// The part of a request that is the same in the next one.
    struct Shape {
        std::string method, http_version;
        Route route;
        bool https = false, has_body = false, large_body = false, reuse = false;
        int max_redirects = 0;
    };

    void* easy;                        ///< a CURL*
    HttpTransfer* transfer = nullptr;  ///< whom libcurl's callbacks mean
    std::optional<Shape> shape;        ///< unset: nothing has been told yet
    CurlLines headers, connect_to;
    std::array<char, 256> error{};  ///< libcurl's own words
};

/// Idle handles, for one thread.
class HttpHandles {
public:
    /// One that fits, if there is any among the latest.
    [[nodiscard]] std::unique_ptr<HttpHandle> take(const HttpRequest& request);
    void give_back(std::unique_ptr<HttpHandle> handle);

private:
    std::vector<std::unique_ptr<HttpHandle>> idle_;
};

/// True when a body of this size is sent in larger pieces.
[[nodiscard]] bool is_large(const std::optional<std::string>& body);
[[nodiscard]] bool is_https(std::string_view url);

}  // namespace serin
