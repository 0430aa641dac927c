// SPDX-License-Identifier: Apache-2.0
#include "tests/support/play.hpp"

#include <boost/asio/co_spawn.hpp>
#include <exception>
#include <utility>

namespace serin::test {

void play(boost::asio::io_context& io, boost::asio::awaitable<void> work) {
    bool ended = false;
    std::exception_ptr failure;
    boost::asio::co_spawn(io, std::move(work), [&](const std::exception_ptr& thrown) {
        ended = true;
        failure = thrown;
    });
    io.restart();
    while (!ended && io.run_one() > 0) {
    }
    if (failure) std::rethrow_exception(failure);
}

}  // namespace serin::test
