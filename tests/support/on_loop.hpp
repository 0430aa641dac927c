// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <functional>

#include "net/http_server.hpp"

namespace serin::test {

/// Runs `test` and everything that it leaves behind on a loop of its own, so that servers can end after their owner has
/// gone, and work that never ends makes the test hang instead of going unnoticed. Rethrows what `test` throws.
void on_loop(const std::function<boost::asio::awaitable<void>(boost::asio::any_io_executor)>& test);

/// Runs `client` while the server that `options` describe serves, then stops and joins it.
void with_server(HttpServer::Options options,
                 const std::function<boost::asio::awaitable<void>(boost::asio::any_io_executor, HttpServer&)>& client);

}  // namespace serin::test
