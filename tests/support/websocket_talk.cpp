// SPDX-License-Identifier: Apache-2.0
#include "tests/support/websocket_talk.hpp"

#include <utility>

#include "net/real_clock.hpp"

namespace serin::test {

namespace asio = boost::asio;
using namespace std::chrono_literals;

Deadline in(Duration time) {
    return deadline_after(std::chrono::steady_clock::now(), time);
}

HttpServer::Options echo() {
    HttpServer::Options options;
    options.websocket = [](ServerRequest, std::shared_ptr<ServerWebsocket> websocket) -> asio::awaitable<void> {
        while (std::optional<Frame> frame = co_await websocket->read()) {
            co_await websocket->write(std::move(frame->payload), frame->binary);
        }
    };
    return options;
}

WebsocketRequest request_to(const std::string& scheme, const std::string& host, std::uint16_t port) {
    WebsocketRequest request;
    request.url = scheme + "://" + host + ":" + std::to_string(port) + "/ws";
    request.deadline = in(5s);
    return request;
}

std::vector<std::string> Talk::received() const {
    std::vector<std::string> texts;
    for (const Frame& each : log.frames) {
        if (!each.outgoing) texts.push_back(each.payload);
    }
    return texts;
}

asio::awaitable<Talk> talk(asio::any_io_executor executor, WebsocketRequest request,
                           std::vector<std::string> messages) {
    RealClock clock(executor);
    const auto probe = make_websocket_probe(executor, clock);
    Connected connected = co_await probe->connect(request);
    Talk result{.failure = connected.failure, .handshake = connected.handshake, .log = {}};
    if (connected.failure) co_return result;
    Conversation& conversation = *connected.conversation;
    for (const std::string& message : messages) {
        const std::size_t before = conversation.log().frames.size();
        result.failure = co_await conversation.send(message, false, in(5s));
        // The message itself is in the log, and then comes what it brought about.
        while (!result.failure && !conversation.log().closed && conversation.log().frames.size() < before + 2) {
            if (!co_await conversation.wait_beyond(conversation.log().frames.size(), in(5s).at)) break;
        }
    }
    co_await conversation.close(in(2s));
    result.log = conversation.log();
    co_return result;
}

Talk talk_to(HttpServer::Options options, std::vector<std::string> messages,
             std::function<void(WebsocketRequest&)> change, const std::string& scheme) {
    Talk result;
    with_server(std::move(options), [&](asio::any_io_executor executor, HttpServer& server) -> asio::awaitable<void> {
        WebsocketRequest request = request_to(scheme, "127.0.0.1", server.port());
        if (change) change(request);
        result = co_await talk(executor, request, messages);
    });
    return result;
}

}  // namespace serin::test
