// SPDX-License-Identifier: Apache-2.0
// The manners of tests/support/bad_server.hpp, each a coroutine that owns what it says.
#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <chrono>
#include <utility>

#include "net/task_group.hpp"
#include "tests/support/bad_server.hpp"

namespace serin::test {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using SharedLine = std::shared_ptr<Line>;
constexpr auto tuple = asio::as_tuple(asio::use_awaitable);

Manners manners(std::function<asio::awaitable<void>(SharedLine)> serve) {
    return {.serve = std::move(serve), .tls = {}, .client_ca = {}};
}

struct Script {
    std::vector<std::string> answers;
    std::size_t next = 0;
};

asio::awaitable<void> play(SharedLine line, std::shared_ptr<Script> script) {
    while (true) {
        const std::string request = co_await line->read_request();
        if (request.empty()) co_return;
        const std::string answer = script->answers[std::min(script->next++, script->answers.size() - 1)];
        if (!co_await line->write(answer)) co_return;
    }
}

enum class After { close, reset, hang };

asio::awaitable<void> answer_once(SharedLine line, std::string raw, After after) {
    const std::string request = co_await line->read_request();
    if (request.empty()) co_return;
    co_await line->write(std::move(raw));
    if (after == After::hang) co_await line->outlast();
    if (after != After::reset) co_return;
    // The reset must not overtake the bytes: an RST empties the receiver's queue.
    asio::steady_timer pause(co_await asio::this_coro::executor, std::chrono::milliseconds(50));
    co_await pause.async_wait(tuple);
    line->reset();
}

asio::awaitable<void> reset(SharedLine line) {
    line->reset();
    co_return;
}

asio::awaitable<void> hang(SharedLine line) {
    co_await line->outlast();
}

asio::awaitable<void> speak_first(SharedLine line, std::string raw) {
    if (co_await line->write(std::move(raw))) co_await line->outlast();
}

asio::awaitable<void> drip(SharedLine line, std::string raw) {
    const std::string request = co_await line->read_request();
    if (request.empty()) co_return;
    asio::steady_timer pause(co_await asio::this_coro::executor);
    for (const char byte : raw) {
        const std::string drop(1, byte);
        if (!co_await line->write(drop)) co_return;
        pause.expires_after(std::chrono::milliseconds(5));
        const auto [cancelled] = co_await pause.async_wait(tuple);
        if (cancelled) co_return;
    }
    co_await line->outlast();
}

asio::awaitable<void> flood(SharedLine line, std::string beginning, std::string repeated) {
    const std::string request = co_await line->read_request();
    if (request.empty()) co_return;
    if (!co_await line->write(std::move(beginning))) co_return;
    while (co_await line->write(repeated)) {
    }
}

std::string frame(char type, char flags, char stream, const std::string& payload) {
    const std::string head{
        0,     static_cast<char>(payload.size() >> 8), static_cast<char>(payload.size() & 0xff), type, flags, 0, 0, 0,
        stream};
    return head + payload;
}

asio::awaitable<void> speak_http2(SharedLine line, std::string body) {
    constexpr char data = 0, headers = 1, settings = 4, end_stream = 1, end_headers = 4, ack = 1;
    const std::string hello = frame(settings, 0, 0, "");
    if (!co_await line->write(hello)) co_return;
    // libcurl sends preface, settings, window and request at once, and nothing more until it is answered.
    std::string seen;
    while (seen.find('\x84') == std::string::npos) {  // HPACK index 4: ":path: /", within the request's header block
        const std::string more = co_await line->read_some();
        if (more.empty()) co_return;
        seen += more;
    }
    const std::string status_200 = "\x88";  // HPACK index 8
    const std::string answer =
        frame(settings, ack, 0, "") + frame(headers, end_headers, 1, status_200) + frame(data, end_stream, 1, body);
    co_await line->write(answer);
    co_await line->outlast();
}

asio::awaitable<void> pump_back(SharedLine line, std::shared_ptr<tcp::socket> target) {
    std::array<char, 16384> buffer;
    while (true) {
        const auto [error, length] = co_await target->async_read_some(asio::buffer(buffer), tuple);
        if (error) co_return;
        std::string bytes(buffer.data(), length);
        if (!co_await line->write(std::move(bytes))) co_return;
    }
}

asio::awaitable<void> tunnel(SharedLine line) {
    const std::string request = co_await line->read_request();  // "CONNECT 127.0.0.1:443 HTTP/1.1"
    const std::size_t colon = request.find(':');
    if (!request.starts_with("CONNECT ") || colon == std::string::npos) co_return;
    const auto port = static_cast<std::uint16_t>(std::stoi(request.substr(colon + 1)));
    const auto executor = co_await asio::this_coro::executor;
    const auto target = std::make_shared<tcp::socket>(executor);
    const tcp::endpoint endpoint(asio::ip::address_v4::loopback(), port);
    const auto [refused] = co_await target->async_connect(endpoint, tuple);
    if (refused) co_return;
    const std::string established = "HTTP/1.1 200 Connection established\r\n\r\n";
    co_await line->write(established);
    co_await asio::this_coro::throw_if_cancelled(false);  // whatever happens below, the group is joined
    TaskGroup back(executor);
    back.spawn(pump_back(line, target));
    while (true) {
        const std::string bytes = co_await line->read_some();
        if (bytes.empty()) break;  // gone, or we are cancelled
        const auto [error, length] = co_await asio::async_write(*target, asio::buffer(bytes), tuple);
        if (error) break;
    }
    back.cancel();
    co_await back.join();
}

}  // namespace

Manners answers(std::string raw) {
    return answers_in_turn({std::move(raw)});
}
Manners answers_in_turn(std::vector<std::string> raw) {
    return manners([script = std::make_shared<Script>(Script{.answers = std::move(raw), .next = 0})](SharedLine line) {
        return play(std::move(line), script);
    });
}
Manners answers_then_closes(std::string raw) {
    return manners(
        [said = std::move(raw)](SharedLine line) { return answer_once(std::move(line), said, After::close); });
}
Manners answers_then_resets(std::string raw) {
    return manners(
        [said = std::move(raw)](SharedLine line) { return answer_once(std::move(line), said, After::reset); });
}
Manners answers_then_hangs(std::string raw) {
    return manners(
        [said = std::move(raw)](SharedLine line) { return answer_once(std::move(line), said, After::hang); });
}
Manners resets_at_once() {
    return manners(&reset);
}
Manners hangs() {
    return manners(&hang);
}
Manners speaks_first(std::string raw) {
    return manners([said = std::move(raw)](SharedLine line) { return speak_first(std::move(line), said); });
}
Manners drips(std::string raw) {
    return manners([said = std::move(raw)](SharedLine line) { return drip(std::move(line), said); });
}
Manners floods(std::string beginning, std::string repeated) {
    return manners([first = std::move(beginning), again = std::move(repeated)](SharedLine line) {
        return flood(std::move(line), first, again);
    });
}
Manners speaks_http2(std::string body) {
    return manners([said = std::move(body)](SharedLine line) { return speak_http2(std::move(line), said); });
}
Manners tunnels() {
    return manners(&tunnel);
}

std::string ok(const std::string& body, const std::string& extra_headers) {
    return "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n" + extra_headers + "\r\n" + body;
}

}  // namespace serin::test
