// SPDX-License-Identifier: Apache-2.0
#include "tests/support/bad_server.hpp"

#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <charconv>
#include <exception>
#include <utility>

#include "net/task_group.hpp"

namespace serin::test {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
constexpr auto tuple = asio::as_tuple(asio::use_awaitable);

const tcp::endpoint any_port(asio::ip::address_v4::loopback(), 0);

void reset_socket(tcp::socket& socket) {
    boost::system::error_code ignored;
    socket.set_option(asio::socket_base::linger(true, 0), ignored);
    socket.close(ignored);
}

template <class Stream>
class StreamLine final : public Line {
public:
    explicit StreamLine(Stream stream) : stream_(std::move(stream)) {}

    asio::awaitable<std::string> read_some() override {
        std::array<char, 16384> buffer;
        const auto [error, length] = co_await stream_.async_read_some(asio::buffer(buffer), tuple);
        co_return std::string(buffer.data(), error ? 0 : length);
    }
    asio::awaitable<bool> write(std::string bytes) override {
        const auto [error, length] = co_await asio::async_write(stream_, asio::buffer(bytes), tuple);
        co_return !error;
    }
    void reset() override { reset_socket(stream_.lowest_layer_socket()); }

private:
    Stream stream_;
};

struct Plain : tcp::socket {
    explicit Plain(tcp::socket socket) : tcp::socket(std::move(socket)) {}
    tcp::socket& lowest_layer_socket() { return *this; }
};
struct Secure : asio::ssl::stream<tcp::socket> {
    Secure(tcp::socket socket, asio::ssl::context& context)
        : asio::ssl::stream<tcp::socket>(std::move(socket), context) {}
    tcp::socket& lowest_layer_socket() { return next_layer(); }
};

std::size_t announced_length(const std::string& headers) {
    const std::string name = "\r\nContent-Length: ";
    const std::size_t at = headers.find(name);
    std::size_t length = 0;
    if (at != std::string::npos)
        std::from_chars(headers.data() + at + name.size(), headers.data() + headers.size(), length);
    return length;
}

}  // namespace

asio::awaitable<std::string> Line::read_request() {
    std::size_t end = 0;
    while (true) {
        end = read_ahead_.find("\r\n\r\n");
        if (end != std::string::npos &&
            read_ahead_.size() >= end + 4 + announced_length(read_ahead_.substr(0, end + 2)))
            break;
        const std::string more = co_await read_some();
        if (more.empty()) co_return std::string();
        read_ahead_ += more;
    }
    const std::size_t length = end + 4 + announced_length(read_ahead_.substr(0, end + 2));
    std::string request = read_ahead_.substr(0, length);
    read_ahead_.erase(0, length);
    co_return request;
}

asio::awaitable<void> Line::outlast() {
    while (true) {
        const std::string more = co_await read_some();
        if (more.empty()) co_return;
    }
}

struct BadServer::Impl {
    Impl(const asio::any_io_executor& executor, Manners wanted)
        : manners(std::move(wanted)), acceptor(executor, any_port) {
        if (!manners.tls) return;
        tls.emplace(asio::ssl::context::tls_server);
        tls->use_certificate_chain(asio::buffer(manners.tls->certificate));
        tls->use_private_key(asio::buffer(manners.tls->key), asio::ssl::context::pem);
        if (!manners.client_ca) return;
        tls->add_certificate_authority(asio::buffer(*manners.client_ca));
        tls->set_verify_mode(asio::ssl::verify_peer | asio::ssl::verify_fail_if_no_peer_cert);
    }

    Manners manners;
    tcp::acceptor acceptor;
    std::optional<asio::ssl::context> tls;
    int accepted = 0;
    int open = 0;
    std::vector<std::string> requests;
};

namespace {

/// Takes down every request on its way to the manners.
class RecordedLine final : public Line {
public:
    RecordedLine(std::shared_ptr<Line> line, std::vector<std::string>& requests)
        : line_(std::move(line)), requests_(requests) {}
    asio::awaitable<std::string> read_some() override {
        std::string bytes = co_await line_->read_some();
        if (starts_request_ && !bytes.empty()) requests_.emplace_back();
        starts_request_ = false;
        if (!bytes.empty()) requests_.back() += bytes;
        co_return bytes;
    }
    asio::awaitable<bool> write(std::string bytes) override {
        starts_request_ = true;
        return line_->write(std::move(bytes));
    }
    void reset() override { line_->reset(); }

private:
    std::shared_ptr<Line> line_;
    std::vector<std::string>& requests_;
    bool starts_request_ = true;
};

struct Opened {
    explicit Opened(int& count) : count_(count) { ++count_; }
    ~Opened() { --count_; }
    Opened(const Opened&) = delete;
    Opened& operator=(const Opened&) = delete;

private:
    int& count_;
};

template <class Impl>
asio::awaitable<void> serve_one(std::shared_ptr<Impl> impl, tcp::socket socket) {
    const Opened opened(impl->open);
    std::shared_ptr<Line> line;
    if (impl->tls) {
        Secure secure(std::move(socket), *impl->tls);
        const auto [error] = co_await secure.async_handshake(asio::ssl::stream_base::server, tuple);
        if (error) {
            // The alert has been sent; reading on keeps it from being overtaken by a reset.
            std::array<char, 512> rest;
            while (true) {
                const auto [ended, length] = co_await secure.next_layer().async_read_some(asio::buffer(rest), tuple);
                if (ended) co_return;
            }
        }
        line = std::make_shared<StreamLine<Secure>>(std::move(secure));
    } else {
        line = std::make_shared<StreamLine<Plain>>(Plain(std::move(socket)));
    }
    co_await impl->manners.serve(std::make_shared<RecordedLine>(line, impl->requests));
}

template <class Impl>
asio::awaitable<void> accept_all(std::shared_ptr<Impl> impl) {
    TaskGroup lines(impl->acceptor.get_executor());
    while (impl->acceptor.is_open()) {
        auto [error, socket] = co_await impl->acceptor.async_accept(tuple);
        if (error) continue;
        ++impl->accepted;
        lines.spawn(serve_one(impl, std::move(socket)));
    }
    lines.cancel();
    co_await lines.join();
}

}  // namespace

std::unique_ptr<BadServer> BadServer::start(const asio::any_io_executor& executor, Manners manners) {
    auto impl = std::make_shared<Impl>(executor, std::move(manners));
    asio::co_spawn(executor, accept_all(impl), [](const std::exception_ptr& thrown) {
        if (thrown) std::rethrow_exception(thrown);
    });
    return std::unique_ptr<BadServer>(new BadServer(std::move(impl)));
}

BadServer::~BadServer() {
    impl_->acceptor.close();
}
std::uint16_t BadServer::port() const {
    return impl_->acceptor.local_endpoint().port();
}
std::string BadServer::url(const std::string& path) const {
    return (impl_->tls ? "https://127.0.0.1:" : "http://127.0.0.1:") + std::to_string(port()) + path;
}
int BadServer::accepted() const {
    return impl_->accepted;
}
int BadServer::open() const {
    return impl_->open;
}
const std::vector<std::string>& BadServer::requests() const {
    return impl_->requests;
}

struct RefusedPort::Impl {
    explicit Impl(const asio::any_io_executor& executor) : socket(executor, any_port) {}
    tcp::socket socket;  // bound, and never listening
};
RefusedPort::RefusedPort(const asio::any_io_executor& executor) : impl_(std::make_unique<Impl>(executor)) {}
RefusedPort::~RefusedPort() = default;
std::uint16_t RefusedPort::port() const {
    return impl_->socket.local_endpoint().port();
}

}  // namespace serin::test
