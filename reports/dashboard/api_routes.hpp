// SPDX-License-Identifier: Apache-2.0
// Every address of the API in one table. docs/openapi.yaml says the same for people and programs; a test holds the two
// together.
#pragma once
#include <boost/asio/awaitable.hpp>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "net/http_server.hpp"
#include "reports/dashboard/api_query.hpp"
#include "reports/dashboard/tokens.hpp"

namespace serin {

struct ApiHouse;

/// A request that may be answered: of a known route, by somebody who may, with a query that makes sense.
struct ApiCall {
    ServerRequest request;
    std::string name;  ///< what stands for {name} or {id} in the path, decoded
    ApiQuery query;
    bool reader = true;  ///< the caller has the scope read, or needs none
    std::string caller;  ///< name of the token; empty: without one
};

using ApiHandler = boost::asio::awaitable<ServerResponse> (*)(ApiHouse&, ApiCall);

enum class ApiBody {
    none,
    json,
    optional,  ///< JSON, or nothing at all
    raw,       ///< taken as it comes: a signature decides
};

struct ApiRoute {
    std::string_view method;          ///< GET answers HEAD too
    std::string_view pattern;         ///< a segment in braces stands for any non-empty one
    std::optional<TokenScope> scope;  ///< none: for everybody
    /// Keys of the query that are known, with blanks between; nullopt: the query is not looked at.
    std::optional<std::string_view> keys;
    ApiBody body = ApiBody::none;
    ApiHandler handler = nullptr;
};
[[nodiscard]] std::span<const ApiRoute> api_routes();

struct RouteMatch {
    const ApiRoute* route = nullptr;  ///< null: see `allow`
    std::string name;                 ///< as sent
    std::string allow;                ///< methods of the path, "GET, HEAD"; empty: there is no such path
};
[[nodiscard]] RouteMatch match_route(std::string_view method, std::string_view path);

}  // namespace serin
