// SPDX-License-Identifier: Apache-2.0
#include "tests/support/on_loop.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <exception>
#include <stdexcept>
#include <utility>

#include "net/task_group.hpp"

namespace serin::test {

namespace asio = boost::asio;

void on_loop(const std::function<asio::awaitable<void>(asio::any_io_executor)>& test) {
    asio::io_context loop(1);
    std::exception_ptr thrown;
    asio::co_spawn(loop, test(loop.get_executor()), [&](std::exception_ptr error) { thrown = std::move(error); });
    loop.run();
    if (thrown) std::rethrow_exception(thrown);
}

void with_server(HttpServer::Options options,
                 const std::function<asio::awaitable<void>(asio::any_io_executor, HttpServer&)>& client) {
    on_loop([&](asio::any_io_executor executor) -> asio::awaitable<void> {
        const auto server = HttpServer::listen(executor, std::move(options));
        if (!server) throw std::runtime_error(server.error().title);
        TaskGroup serving(executor);
        serving.spawn((*server)->serve());
        std::exception_ptr thrown;
        try {
            co_await client(executor, **server);
        } catch (...) {
            thrown = std::current_exception();
        }
        (*server)->stop();
        co_await serving.join();
        if (thrown) std::rethrow_exception(thrown);
    });
}

}  // namespace serin::test
