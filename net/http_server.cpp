// SPDX-License-Identifier: Apache-2.0
#include "net/http_server.hpp"

#include <fmt/format.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <exception>
#include <map>
#include <utility>

#include "net/http_connection.hpp"
#include "net/request_rate.hpp"
#include "net/task_group.hpp"
#include "net/tls_server.hpp"
#include "net/wire_text.hpp"

namespace serin {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;
using std::chrono::steady_clock;

namespace {

constexpr auto as_result = asio::as_tuple(asio::use_awaitable);

/// Connections over the limit that are told so at the same time; beyond that they are just closed.
constexpr int max_refusals = 64;

/// Wait after a failed accept: a full file table does not empty itself by asking again at once.
constexpr auto accept_pause = std::chrono::milliseconds(50);

/// Connections open at once, in all and of each client.
class Census {
public:
    /// Counts a connection from its acceptance to its end.
    class Entry {
    public:
        Entry(Census& census, std::string client) : census_(&census), client_(std::move(client)) {
            ++census_->all_;
            ++census_->of_[client_];
        }
        Entry(Entry&& other) noexcept
            : census_(std::exchange(other.census_, nullptr)), client_(std::move(other.client_)) {}
        Entry& operator=(Entry&&) = delete;
        ~Entry() {
            if (census_ == nullptr) return;
            --census_->all_;
            const auto place = census_->of_.find(client_);
            if (--place->second == 0) census_->of_.erase(place);
        }

    private:
        Census* census_;
        std::string client_;
    };

    [[nodiscard]] bool has_room(const std::string& client, const ServerLimits& limits) const {
        if (all_ >= limits.max_connections) return false;
        const auto place = of_.find(client);
        return limits.max_connections_per_address <= 0 || place == of_.end() ||
               place->second < limits.max_connections_per_address;
    }
    [[nodiscard]] int all() const { return all_; }

private:
    int all_ = 0;
    std::map<std::string, int> of_;
};

}  // namespace

struct HttpServer::Impl {
    Impl(asio::any_io_executor on, Options given)
        : options(std::move(given)),
          executor(std::move(on)),
          acceptor(executor),
          pause(executor),
          rate(options.limits.requests_per_second, options.limits.request_burst),
          connections(executor) {}

    Options options;
    asio::any_io_executor executor;
    tcp::acceptor acceptor;
    asio::steady_timer pause;
    SslContext tls;
    bool stopped = false;
    RequestRate rate;
    Census open;
    Census being_refused;
    TaskGroup connections;  // last: they use all of the above

    asio::awaitable<void> accept_all();
    asio::awaitable<void> serve(AsyncStream stream, Census::Entry counted);
    asio::awaitable<void> refuse(AsyncStream stream, Census::Entry counted);
};

Result<std::unique_ptr<HttpServer>> HttpServer::listen(asio::any_io_executor executor, Options options) {
    auto impl = std::make_unique<Impl>(std::move(executor), std::move(options));
    if (impl->options.tls) {
        auto context = make_tls_server(*impl->options.tls);
        if (!context) return std::unexpected(context.error());
        impl->tls = std::move(*context);
    }
    error_code error;
    const asio::ip::address address = asio::ip::make_address(impl->options.address, error);
    if (error)
        return fail(fmt::format("`{}` is no address to listen on", impl->options.address),
                    "write an IP address, as 127.0.0.1 or ::");
    const tcp::endpoint endpoint(address, impl->options.port);
    if (impl->acceptor.open(endpoint.protocol(), error) ||
        impl->acceptor.set_option(tcp::acceptor::reuse_address(true), error) || impl->acceptor.bind(endpoint, error) ||
        impl->acceptor.listen(tcp::acceptor::max_listen_connections, error)) {
        return fail(
            fmt::format("cannot listen on {} port {}: {}", impl->options.address, impl->options.port, error.message()),
            "is another program using the port?");
    }
    return std::unique_ptr<HttpServer>(new HttpServer(std::move(impl)));
}

HttpServer::HttpServer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
HttpServer::~HttpServer() = default;

std::uint16_t HttpServer::port() const {
    error_code closed;
    return impl_->acceptor.local_endpoint(closed).port();
}

asio::awaitable<void> HttpServer::serve() {
    Impl& self = *impl_;
    // A cancelled server must still join its connections, so nothing may throw before that.
    const bool throws = co_await asio::this_coro::throw_if_cancelled();
    co_await asio::this_coro::throw_if_cancelled(false);
    co_await self.accept_all();
    self.connections.cancel();
    std::exception_ptr thrown;
    try {
        co_await self.connections.join();
    } catch (...) {
        thrown = std::current_exception();
    }
    co_await asio::this_coro::throw_if_cancelled(throws);
    if (thrown) std::rethrow_exception(thrown);
}

void HttpServer::stop() {
    impl_->stopped = true;
    error_code ignored;
    impl_->acceptor.close(ignored);
    impl_->pause.cancel();
}

asio::awaitable<void> HttpServer::Impl::accept_all() {
    const auto caller = co_await asio::this_coro::cancellation_state;
    while (!stopped && caller.cancelled() == asio::cancellation_type::none) {
        auto [error, socket] = co_await acceptor.async_accept(as_result);
        if (error) {
            if (error == asio::error::operation_aborted) continue;
            pause.expires_after(accept_pause);
            co_await pause.async_wait(as_result);
            continue;
        }
        socket.set_option(tcp::no_delay(true), error);
        AsyncStream stream(std::move(socket));
        const std::string client = client_of(stream.remote());
        if (open.has_room(client, options.limits)) {
            connections.spawn(serve(std::move(stream), Census::Entry(open, client)));
        } else if (!tls && being_refused.all() < max_refusals) {
            connections.spawn(refuse(std::move(stream), Census::Entry(being_refused, client)));
        }
    }
}

asio::awaitable<void> HttpServer::Impl::serve(AsyncStream stream, Census::Entry) {
    if (tls) {
        const Alarm alarm(executor, steady_clock::now() + options.limits.header_time, stream.closer());
        stream.add_tls(tls.get());
        if (co_await stream.tls_accept()) {
            // Without the wait a reset could overtake the alert that says what was wrong.
            co_await stream.finish(steady_clock::now() + linger_time);
            co_return;
        }
    }
    co_await serve_http(std::move(stream), options, rate);
}

asio::awaitable<void> HttpServer::Impl::refuse(AsyncStream stream, Census::Entry) {
    ServerResponse response = plain_response(503, "too many connections");
    response.headers.emplace_back("Retry-After", "1");
    co_await stream.write_all(wire_text(response, false, false));
    co_await stream.finish(steady_clock::now() + linger_time);
}

}  // namespace serin
