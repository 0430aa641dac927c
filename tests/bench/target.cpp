// SPDX-License-Identifier: Apache-2.0
// The service that the benchmarks load: HTTP/1.1 and a minimal chat on one epoll thread of the loopback interface.
// Prints its port, then serves until its standard input ends or its time is over, whichever comes first: it cannot
// outlive a benchmark.
//
//   target [SECONDS]             at most SECONDS (default 900)
//
//   GET /ok                      200 {"status":"ok","id":"…"}
//   GET /delay/MS                the same, after MS milliseconds
//   POST /v1/messages            {"to","text"} → 201 {"id"}; pushed to every websocket of that user
//   DELETE /v1/messages/ID       204
//   GET /ws?user=NAME            websocket; without a user it gets every message
//   GET /stats                   {"requests","connections","peak_connections"}
//   GET /truth                   [µs from accept to answer] of the delayed requests, the latest 100,000
#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <functional>
#include <iterator>
#include <map>
#include <queue>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "tests/bench/measure.hpp"
#include "tests/bench/target_wire.hpp"

namespace serin::test {
namespace {

using Clock = std::chrono::steady_clock;
constexpr std::ptrdiff_t most_truths = 100'000;

struct Connection {
    std::uint64_t serial = 0;  ///< file descriptors are reused, serials are not
    Clock::time_point accepted;
    std::string in, out;
    std::string user;  ///< of a websocket
    bool websocket = false;
    bool close_when_sent = false;
    bool waits_to_send = false;
};

struct Delayed {
    Clock::time_point due;
    int fd = -1;
    std::uint64_t serial = 0;
    bool operator>(const Delayed& other) const { return due > other.due; }
};

class Target {
public:
    /// Binds and listens; port() is 0 when that failed.
    Target();
    [[nodiscard]] int port() const { return port_; }
    void serve(Clock::time_point until);

private:
    void accept_all();
    void receive(int fd);
    /// Handles all that is complete in the buffer; false when the connection was dropped.
    bool handle_buffered(int fd, Connection& connection);
    void answer(int fd, Connection& connection, const TargetRequest& request);
    void post_message(Connection& sender, const TargetRequest& request);
    bool handle_frame(Connection& connection);
    void send_due();
    /// Sends what it can; drops the connection when all was said and it should close, or when it broke.
    bool flush(int fd, Connection& connection);
    void watch(int fd, std::uint32_t events, int operation) const;
    void drop(int fd);
    [[nodiscard]] int milliseconds_to(Clock::time_point until) const;

    int epoll_ = ::epoll_create1(EPOLL_CLOEXEC);
    int listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    int port_ = 0;
    std::unordered_map<int, Connection> connections_;
    std::multimap<std::string, int, std::less<>> subscribers_;  ///< user → websocket
    std::priority_queue<Delayed, std::vector<Delayed>, std::greater<>> delayed_;
    std::uint64_t accepted_ = 0, requests_ = 0, messages_ = 0;
    std::size_t peak_ = 0;
    std::vector<std::int64_t> truth_;  ///< microseconds
};

Target::Target() {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    auto* generic = reinterpret_cast<sockaddr*>(&address);
    socklen_t size = sizeof address;
    if (epoll_ < 0 || listener_ < 0 || ::bind(listener_, generic, size) != 0 || ::listen(listener_, 4096) != 0 ||
        ::getsockname(listener_, generic, &size) != 0) {
        return;
    }
    watch(listener_, EPOLLIN, EPOLL_CTL_ADD);
    watch(STDIN_FILENO, EPOLLIN, EPOLL_CTL_ADD);  // refused for files and /dev/null: then only the time limit ends us
    port_ = ntohs(address.sin_port);
}

void Target::serve(Clock::time_point until) {
    std::array<epoll_event, 256> events{};
    while (Clock::now() < until) {
        const int count = ::epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), milliseconds_to(until));
        for (int i = 0; i < count; ++i) {
            const int fd = events[static_cast<std::size_t>(i)].data.fd;
            if (fd == STDIN_FILENO) {
                std::array<char, 256> ignored{};
                if (::read(STDIN_FILENO, ignored.data(), ignored.size()) <= 0) return;
            } else if (fd == listener_) {
                accept_all();
            } else if (const auto found = connections_.find(fd); found != connections_.end()) {
                if (found->second.waits_to_send && !flush(fd, found->second)) continue;
                receive(fd);
            }
        }
        send_due();
    }
}

int Target::milliseconds_to(Clock::time_point until) const {
    const auto next = delayed_.empty() ? until : std::min(until, delayed_.top().due);
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(next - Clock::now()).count();
    return static_cast<int>(std::clamp<std::int64_t>(left, 0, 60'000));
}

void Target::watch(int fd, std::uint32_t events, int operation) const {
    epoll_event event{};
    event.events = events;
    event.data.fd = fd;
    ::epoll_ctl(epoll_, operation, fd, &event);
}

void Target::accept_all() {
    for (int fd = 0; (fd = ::accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0;) {
        const int on = 1;
        ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        connections_[fd].serial = ++accepted_;
        connections_[fd].accepted = Clock::now();
        peak_ = std::max(peak_, connections_.size());
        watch(fd, EPOLLIN | EPOLLRDHUP, EPOLL_CTL_ADD);
    }
}

void Target::receive(int fd) {
    Connection& connection = connections_[fd];
    std::array<char, 16'384> bytes{};
    const auto count = ::recv(fd, bytes.data(), bytes.size(), 0);
    if (count < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (count <= 0) return drop(fd);
    connection.in.append(bytes.data(), static_cast<std::size_t>(count));
    if (handle_buffered(fd, connection)) flush(fd, connection);
}

bool Target::handle_buffered(int fd, Connection& connection) {
    while (!connection.in.empty()) {
        if (connection.websocket) {
            if (!handle_frame(connection)) return true;
            continue;
        }
        const auto request = read_request(connection.in);
        if (!request) return true;
        if (request->method.empty()) {
            drop(fd);
            return false;
        }
        ++requests_;
        connection.close_when_sent = request->close;
        answer(fd, connection, *request);
        connection.in.erase(0, request->size);
    }
    return true;
}

void Target::answer(int fd, Connection& connection, const TargetRequest& request) {
    constexpr std::string_view ok = R"({"status":"ok","id":"c1a0b3e5"})";
    constexpr std::string_view delay = "/delay/";
    constexpr std::string_view message = "/v1/messages/";
    if (request.path == "/ok") {
        append_response(connection.out, "200 OK", ok);
    } else if (request.path.starts_with(delay)) {
        const auto wait = std::chrono::milliseconds(parse_count(request.path.substr(delay.size()), 0).value_or(0));
        delayed_.push({.due = Clock::now() + wait, .fd = fd, .serial = connection.serial});
    } else if (request.method == "POST" && request.path == "/v1/messages") {
        post_message(connection, request);
    } else if (request.method == "DELETE" && request.path.starts_with(message)) {
        append_response(connection.out, "204 No Content", {});
    } else if (request.path == "/ws" && !request.websocket_key.empty()) {
        append_upgrade(connection.out, request.websocket_key);
        connection.websocket = true;
        connection.user = request.query.starts_with("user=") ? request.query.substr(5) : "";
        subscribers_.emplace(connection.user, fd);
    } else if (request.path == "/stats") {
        append_response(
            connection.out, "200 OK",
            fmt::format(R"({{"requests":{},"connections":{},"peak_connections":{}}})", requests_, accepted_, peak_));
    } else if (request.path == "/truth") {
        append_response(connection.out, "200 OK", fmt::format("[{}]", fmt::join(truth_, ",")));
    } else {
        append_response(connection.out, "404 Not Found", R"({"error":"no such path"})");
    }
}

void Target::post_message(Connection& sender, const TargetRequest& request) {
    const std::string id = fmt::format("m-{}", ++messages_);
    const std::string push =
        fmt::format(R"({{"type":"message.new","id":"{}","text":"{}"}})", id, raw_json_text(request.body, "text"));
    const std::string_view to = raw_json_text(request.body, "to");
    append_response(sender.out, "201 Created", fmt::format(R"({{"id":"{}"}})", id));

    std::vector<int> receivers;  // collected first: a flush may drop a connection and so change subscribers_
    const auto collect = [&](std::string_view user) {
        const auto [first, last] = subscribers_.equal_range(user);
        for (auto it = first; it != last; ++it) receivers.push_back(it->second);
    };
    collect("");
    if (!to.empty()) collect(to);
    for (const int fd : receivers) {
        Connection& receiver = connections_[fd];
        append_frame(receiver.out, Opcode::text, push);
        flush(fd, receiver);
    }
}

/// False when no whole frame is there.
bool Target::handle_frame(Connection& connection) {
    const auto frame = read_frame(connection.in);
    if (!frame) return false;
    connection.in.erase(0, frame->size);
    if (frame->opcode == Opcode::ping) append_frame(connection.out, Opcode::pong, frame->payload);
    if (frame->opcode == Opcode::close) {
        append_frame(connection.out, Opcode::close, std::string_view(frame->payload).substr(0, 2));
        connection.close_when_sent = true;
    }
    return true;
}

void Target::send_due() {
    const auto now = Clock::now();
    while (!delayed_.empty() && delayed_.top().due <= now) {
        const Delayed next = delayed_.top();
        delayed_.pop();
        const auto found = connections_.find(next.fd);
        if (found == connections_.end() || found->second.serial != next.serial) continue;
        append_response(found->second.out, "200 OK", R"({"status":"ok","id":"c1a0b3e5"})");
        const auto accepted = found->second.accepted;
        flush(next.fd, found->second);
        if (std::ssize(truth_) == most_truths) truth_.erase(truth_.begin(), truth_.begin() + most_truths / 2);
        truth_.push_back(std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - accepted).count());
    }
}

bool Target::flush(int fd, Connection& connection) {
    while (!connection.out.empty()) {
        const auto sent = ::send(fd, connection.out.data(), connection.out.size(), MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR) continue;
        if (sent < 0 && errno == EAGAIN) {
            if (!std::exchange(connection.waits_to_send, true))
                watch(fd, EPOLLIN | EPOLLRDHUP | EPOLLOUT, EPOLL_CTL_MOD);
            return true;
        }
        if (sent < 0) {
            drop(fd);
            return false;
        }
        connection.out.erase(0, static_cast<std::size_t>(sent));
        // The answer of a delayed request is still to come: only what was said ends the connection.
        if (connection.out.empty() && connection.close_when_sent) {
            drop(fd);
            return false;
        }
    }
    if (std::exchange(connection.waits_to_send, false)) watch(fd, EPOLLIN | EPOLLRDHUP, EPOLL_CTL_MOD);
    return true;
}

void Target::drop(int fd) {
    const auto found = connections_.find(fd);
    if (found->second.websocket) {
        const auto [first, last] = subscribers_.equal_range(found->second.user);
        subscribers_.erase(std::find_if(first, last, [fd](const auto& entry) { return entry.second == fd; }));
    }
    connections_.erase(found);
    ::close(fd);
}

}  // namespace
}  // namespace serin::test

int main(int argc, char** argv) {
    using namespace serin::test;
    const auto seconds = parse_count(argc > 1 ? argv[1] : "900");
    if (!seconds || argc > 2) {
        fmt::print(stderr, "usage: target [SECONDS]\n");
        return 2;
    }
    Target target;
    if (target.port() == 0) {
        std::perror("target: cannot listen on 127.0.0.1");
        return 1;
    }
    fmt::print("{}\n", target.port());
    std::fflush(stdout);
    target.serve(Clock::now() + std::chrono::seconds(*seconds));
    return 0;
}
