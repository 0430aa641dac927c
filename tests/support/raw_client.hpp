// SPDX-License-Identifier: Apache-2.0
// A client that says bytes and hears bytes, for what an HTTP library would never send.
#pragma once
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <string>

#include "net/http_server.hpp"
#include "net/stream.hpp"
#include "tests/support/websocket_talk.hpp"  // in()

namespace serin::test {

boost::asio::awaitable<AsyncStream> dial_to(boost::asio::any_io_executor executor, const HttpServer& server);
/// Everything that comes until the server ends the connection; after 5 s " [and never ended]" is appended.
boost::asio::awaitable<std::string> read_to_end(AsyncStream& stream);
/// Reads until `text` has come; " [ended]" is appended when the end, or 5 s, came first.
boost::asio::awaitable<std::string> read_until(AsyncStream& stream, std::string text);
/// What a server with these options says to these bytes until it ends the connection.
[[nodiscard]] std::string answer_to(HttpServer::Options options, std::string bytes);

[[nodiscard]] std::string status_line(const std::string& answer);

}  // namespace serin::test
