// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>

namespace serin::test {

/// Runs `io` until `work` has ended, and rethrows what it threw. What else runs on `io` (a server) may go on
/// afterwards.
void play(boost::asio::io_context& io, boost::asio::awaitable<void> work);

}  // namespace serin::test
