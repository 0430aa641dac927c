// SPDX-License-Identifier: Apache-2.0
// What commands ask of a running `serin serve`.
#pragma once
#include <expected>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "core/secret.hpp"
#include "core/time.hpp"
#include "runner/command_line.hpp"

namespace serin {

inline constexpr OptionRule server_option{.name = "server", .about = "send to this `serin serve`", .value = "URL"};
inline constexpr OptionRule token_option{
    .name = "token-env", .about = "the environment variable that holds the bearer token for --server", .value = "NAME"};
inline constexpr OptionRule ca_option{
    .name = "ca", .about = "PEM file of the roots that --server's certificate is checked with", .value = "FILE"};

struct Server {
    std::string url;  ///< without a slash at its end
    std::string ca;
    std::optional<Secret> token;
};
/// What --server, --token-env and --ca name.
[[nodiscard]] Result<Server> server_of(const CommandLine& line);

struct ServerCall {
    std::string method = "POST";
    std::string path;  ///< "/api/v1/changes": escaped
    std::string body;  ///< JSON; empty: none
    std::string what;  ///< "change d-1": for people
    const char* scope = "";
    Duration timeout = std::chrono::seconds(10);
};
struct ServerRefusal {
    Error error;
    int status = 0;  ///< 0: there was no answer
    /// It was understood and is not to be: nothing that another try would change.
    [[nodiscard]] bool decided() const { return status == 404 || status == 409; }
};
/// One after the other over one connection, up to the first that is refused; the answers' bodies.
[[nodiscard]] std::expected<std::vector<nlohmann::json>, ServerRefusal> ask_server(
    const Server& server, const std::vector<ServerCall>& calls);
/// A segment of a path, percent-encoded (RFC 3986 §2.3: only unreserved characters stay).
[[nodiscard]] std::string path_segment(const std::string& text);

}  // namespace serin
