// SPDX-License-Identifier: Apache-2.0
#include "net/server_websocket.hpp"

#include <boost/asio/this_coro.hpp>
#include <optional>
#include <utility>

#include "net/turnstile.hpp"
#include "net/websocket_stream.hpp"

namespace serin {

namespace asio = boost::asio;
using boost::system::error_code;
using std::chrono::steady_clock;

namespace {

/// How long a client has to answer our close frame.
constexpr Duration goodbye_time = std::chrono::seconds(2);

class ServerEnd final : public ServerWebsocket {
public:
    ServerEnd(AsyncStream stream, Duration write_time)
        : executor_(stream.get_executor()),
          write_time_(write_time),
          websocket_(std::move(stream)),
          writers_(executor_) {}

    WebsocketStream& stream() { return websocket_; }

    asio::awaitable<std::optional<Frame>> read() override {
        if (ended_) co_return std::nullopt;
        WebsocketStream::Message message = co_await websocket_.read();
        if (message.error) {
            ended_ = true;
            co_return std::nullopt;
        }
        co_return Frame{.at = steady_clock::now(),
                        .outgoing = false,
                        .binary = message.binary,
                        .payload = std::move(message.payload)};
    }

    asio::awaitable<bool> write(std::string payload, bool binary) override {
        const std::optional<Turnstile::Turn> turn = co_await writers_.enter(Steady::max());
        if (!turn || ended_ || closing_) co_return false;
        // A client that stops reading must not hold a writer, and all who queue behind it, for ever.
        const Alarm alarm(executor_, steady_clock::now() + write_time_, websocket_.lower().closer());
        co_return !co_await websocket_.write(payload, binary);
    }

    asio::awaitable<void> close(int code, std::string reason) override {
        if (std::exchange(closing_, true)) co_return;
        const Alarm alarm(executor_, steady_clock::now() + goodbye_time, websocket_.lower().closer());
        if (!ended_) co_await websocket_.close(code, reason);
        ended_ = true;
        co_await websocket_.lower().finish(steady_clock::now() + linger_time);
    }

    void drop() {
        ended_ = true;
        websocket_.lower().close();
    }

private:
    asio::any_io_executor executor_;
    Duration write_time_;
    bool ended_ = false;
    bool closing_ = false;
    WebsocketStream websocket_;
    Turnstile writers_;
};

}  // namespace

asio::awaitable<void> serve_websocket(AsyncStream stream, ServerRequest request, const std::string& protocol,
                                      const HttpServer::Options& options) {
    const auto end = std::make_shared<ServerEnd>(std::move(stream), options.limits.body_time);
    end->stream().set_max_message(options.websocket_max_message);
    const WebsocketStream::Upgrade upgrade{
        .host = {}, .target = request.target, .headers = request.headers, .deflate = options.websocket_compress};
    Headers answer;
    if (!protocol.empty()) answer.emplace_back("Sec-WebSocket-Protocol", protocol);
    {
        const Alarm alarm(end->stream().lower().get_executor(), steady_clock::now() + options.limits.header_time,
                          end->stream().lower().closer());
        if (co_await end->stream().accept(upgrade, answer)) {
            end->drop();
            co_return;
        }
    }
    int code = 1000;
    try {
        co_await options.websocket(std::move(request), end);
    } catch (...) {
        code = 1011;  // RFC 6455 §7.4.1: an unexpected condition
    }
    const auto state = co_await asio::this_coro::cancellation_state;
    if (state.cancelled() == asio::cancellation_type::none) co_await end->close(code, {});
    end->drop();
}

}  // namespace serin
