// SPDX-License-Identifier: Apache-2.0
#include "tests/support/raw_client.hpp"

#include <array>
#include <stdexcept>
#include <utility>

#include "net/dial.hpp"
#include "tests/support/on_loop.hpp"

namespace serin::test {

namespace asio = boost::asio;
using namespace std::chrono_literals;

asio::awaitable<AsyncStream> dial_to(asio::any_io_executor executor, const HttpServer& server) {
    const Url url = *parse_url("http://127.0.0.1:" + std::to_string(server.port()) + "/");
    const Route route;
    Dialled dialled;
    const auto failure = co_await dial(std::move(executor), url, route, in(5s), dialled);
    if (failure) throw std::runtime_error(failure->message);
    co_return std::move(*dialled.stream);
}

asio::awaitable<std::string> read_to_end(AsyncStream& stream) {
    const Alarm patience(stream.get_executor(), in(5s).at, stream.closer());
    std::string all;
    std::array<char, 4096> buffer;
    while (true) {
        const AsyncStream::Read read = co_await stream.read_some(asio::buffer(buffer));
        all.append(buffer.data(), read.bytes);
        if (read.error) break;
    }
    co_return patience.went_off() ? all + " [and never ended]" : all;
}

asio::awaitable<std::string> read_until(AsyncStream& stream, std::string text) {
    const Alarm patience(stream.get_executor(), in(5s).at, stream.closer());
    std::string all;
    std::array<char, 4096> buffer;
    while (all.find(text) == std::string::npos) {
        const AsyncStream::Read read = co_await stream.read_some(asio::buffer(buffer));
        all.append(buffer.data(), read.bytes);
        if (read.error) co_return all + " [ended]";
    }
    co_return all;
}

std::string answer_to(HttpServer::Options options, std::string bytes) {
    std::string answer;
    with_server(std::move(options), [&](asio::any_io_executor executor, HttpServer& server) -> asio::awaitable<void> {
        AsyncStream stream = co_await dial_to(std::move(executor), server);
        co_await stream.write_all(bytes);
        answer = co_await read_to_end(stream);
    });
    return answer;
}

std::string status_line(const std::string& answer) {
    return answer.substr(0, answer.find("\r\n"));
}

}  // namespace serin::test
