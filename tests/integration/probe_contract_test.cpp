// SPDX-License-Identifier: Apache-2.0
// What the engine may rely on, told once and asked of both: the fake probes, on which the engine is tested, and the
// real ones, against a server that does the same thing on a wire.
#include <boost/asio/io_context.hpp>
#include <catch2/catch.hpp>

#include "net/real_clock.hpp"
#include "net/task_group.hpp"
#include "probes/http.hpp"
#include "probes/websocket.hpp"
#include "tests/support/bad_websocket_server.hpp"
#include "tests/support/fake_probes.hpp"
#include "tests/support/on_loop.hpp"

namespace serin::test {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;

constexpr Duration soon = 300ms;    // for what never comes
constexpr Duration patience = 10s;  // for what comes
constexpr std::string_view no_failure = "-";

std::string words(const std::optional<WireFailure>& failure) {
    if (!failure) return std::string(no_failure);
    CHECK_FALSE(failure->message.empty());
    return failure->failure_class + (failure->own_fault ? " (own fault)" : "");
}

// HTTP

/// What is asked of both probes. The URL and the deadline are the target's to give.
using Look = std::function<asio::awaitable<void>(HttpProbe&, Clock&, HttpRequest, std::string&)>;

asio::awaitable<void> look_once(HttpProbe& probe, Clock&, HttpRequest request, std::string& told) {
    const HttpObservation seen = co_await probe.observe(request);
    told = words(seen.failure) + " status=" + std::to_string(seen.status) + " body=" + seen.body;
    for (const auto& [name, value] : seen.headers) {
        if (name.starts_with("X-")) told.append(" ").append(name).append("=").append(value);
    }
    told += seen.sent != Steady{} ? " sent" : " unsent";
    if (seen.ended >= request.deadline.at) told += " at the deadline";
    CHECK(seen.started != Steady{});
    CHECK(seen.started <= seen.ended);
    CHECK((seen.sent == Steady{} || (seen.started <= seen.sent && seen.sent <= seen.ended)));
    CHECK(seen.redirects == 0);
    if (seen.failure) co_return;
    CHECK(seen.version == "1.1");
    CHECK(seen.effective_url == request.url);
    CHECK_FALSE(seen.remote.empty());
    CHECK(seen.timings.total > 0ns);
    CHECK(seen.timings.total >= seen.timings.first_byte);
}

asio::awaitable<void> observe_only(HttpProbe& probe, HttpRequest request) {
    const HttpObservation seen = co_await probe.observe(request);
    FAIL("it was not cancelled: " << words(seen.failure));
}

asio::awaitable<void> cancel_later(Clock& clock, std::function<void()>& cancel) {
    co_await sleep_until(clock, clock.now() + 50ms);
    cancel();
}

asio::awaitable<void> look_and_cancel(HttpProbe& probe, Clock& clock, HttpRequest request, std::string& told) {
    std::function<void()> cancel;
    TaskGroup group(co_await asio::this_coro::executor);
    group.spawn(cancel_later(clock, cancel));
    const bool ended = co_await run_cancellable(observe_only(probe, std::move(request)),
                                                [&](std::function<void()> given) { cancel = std::move(given); });
    co_await group.join();
    told = ended ? "ended" : "cancelled";
}

std::string told_by_fake(const Look& look, const Answer& answer, Duration within) {
    asio::io_context context;
    VirtualClock clock(context.get_executor());
    FakeHttpProbe probe(clock);
    probe.answer = [&](const HttpRequest&) { return answer; };
    HttpRequest request;
    request.url = "http://here.test/";
    request.deadline = deadline_after(clock.now(), within);
    std::string told;
    run_virtually(context, clock, look(probe, clock, std::move(request), told));
    return told;
}

/// `manners` unset: a port where nobody listens.
std::string told_by_real(const Look& look, std::optional<Manners> manners, Duration within) {
    std::string told;
    on_loop([&](asio::any_io_executor executor) -> asio::awaitable<void> {
        RealClock clock(executor);
        HttpClient client(executor);
        const auto probe = make_http_probe(client);
        const RefusedPort nobody(executor);
        const auto server = manners ? BadServer::start(executor, *manners) : nullptr;
        HttpRequest request;
        request.url = server ? server->url("/") : "http://127.0.0.1:" + std::to_string(nobody.port()) + "/";
        request.deadline = deadline_after(clock.now(), within);
        co_await look(*probe, clock, std::move(request), told);
    });
    return told;
}

Answer failing(std::string failure_class, bool bytes_left) {
    return {.failure = WireFailure{.failure_class = std::move(failure_class), .message = "it broke"},
            .bytes_left = bytes_left};
}

}  // namespace

TEST_CASE("contract: the fake and the real HTTP probe tell the same of the same target") {
    struct Case {
        std::string told;
        Look look;
        Answer fake;
        std::optional<Manners> real;
        Duration within = patience;
    };
    const std::string missing = "HTTP/1.1 404 Not Found\r\nContent-Length: 4\r\n\r\ngone";
    const std::vector<Case> cases{
        {.told = "- status=200 body=hello X-Kind=polite sent",
         .look = look_once,
         .fake = {.body = "hello", .headers = {{"X-Kind", "polite"}}},
         .real = answers(ok("hello", "X-Kind: polite\r\n"))},
        {.told = "- status=404 body=gone sent",
         .look = look_once,
         .fake = {.status = 404, .body = "gone"},
         .real = answers(missing)},
        {.told = "- status=204 body= sent",
         .look = look_once,
         .fake = {.status = 204},
         .real = answers("HTTP/1.1 204 No Content\r\n\r\n")},
        {.told = "no_response status=0 body= sent at the deadline",
         .look = look_once,
         .fake = {.after = 60s},
         .real = hangs(),
         .within = soon},
        {.told = "connection_refused status=0 body= unsent",
         .look = look_once,
         .fake = failing("connection_refused", false),
         .real = std::nullopt},
        {.told = "empty_reply status=0 body= sent",
         .look = look_once,
         .fake = failing("empty_reply", true),
         .real = answers_then_closes("")},
        {.told = "cancelled", .look = look_and_cancel, .fake = {.after = 60s}, .real = hangs()},
    };
    for (const Case& each : cases) {
        CHECK(told_by_fake(each.look, each.fake, each.within) == each.told);
        CHECK(told_by_real(each.look, each.real, each.within) == each.told);
    }
}

// Websockets

namespace {

using Talk = std::function<asio::awaitable<void>(Conversation&, Clock&, std::string&)>;

std::string words(const FrameLog& log) {
    std::string told;
    std::int64_t bytes = 0;
    Steady last{};
    for (const Frame& frame : log.frames) {
        told += std::string(frame.outgoing ? " >" : " <") + (frame.binary ? "binary:" : "") + frame.payload;
        bytes += static_cast<std::int64_t>(frame.payload.size());
        CHECK(frame.at != Steady{});
        CHECK(frame.at >= last);
        last = frame.at;
    }
    CHECK(log.bytes == bytes);
    if (log.overflow) told += " overflow";
    if (!log.closed) return told + " open";
    CHECK(log.closed->at >= last);
    told += " closed code=" + std::to_string(log.closed->code) + " " + log.closed->reason;
    return told + " " + words(log.closed->failure);
}

asio::awaitable<void> listen_for_two(Conversation& conversation, Clock& clock, std::string& told) {
    const Steady until = clock.now() + patience;
    while (conversation.log().frames.size() < 2) {
        const std::size_t seen = conversation.log().frames.size();
        if (!co_await conversation.wait_beyond(seen, until)) break;
    }
    told += words(conversation.log());
}

asio::awaitable<void> listen_to_the_end(Conversation& conversation, Clock& clock, std::string& told) {
    const Steady until = clock.now() + patience;
    while (!conversation.log().closed) {
        const std::size_t seen = conversation.log().frames.size();
        if (!co_await conversation.wait_beyond(seen, until)) break;
    }
    told += words(conversation.log());
    // At once, for nothing more can come.
    told += co_await conversation.wait_beyond(1000, until) ? " | look again" : " | nothing";
    told += " | send: " + words(co_await conversation.send("late", false, deadline_after(clock.now(), patience)));
    told += words(conversation.log());
}

asio::awaitable<void> listen_in_vain(Conversation& conversation, Clock& clock, std::string& told) {
    const Steady until = clock.now() + soon;
    told += co_await conversation.wait_beyond(0, until) ? " look again" : " nothing";
    CHECK(clock.now() >= until);
    told += words(conversation.log());
}

asio::awaitable<void> speak(Conversation& conversation, Clock& clock, std::string& told) {
    const Deadline deadline = deadline_after(clock.now(), patience);
    told += " send: " + words(co_await conversation.send("hello", false, deadline));
    told += " send: " + words(co_await conversation.send("raw", true, deadline));
    told += words(conversation.log());
}

asio::awaitable<void> talk_to(WebsocketProbe& probe, Clock& clock, WebsocketRequest request, Talk talk,
                              std::string& told) {
    const Connected connected = co_await probe.connect(request);
    told = words(connected.failure) + " status=" + std::to_string(connected.handshake.status);
    CHECK((connected.conversation == nullptr) == connected.failure.has_value());
    CHECK(connected.handshake.started <= connected.handshake.ended);
    if (!connected.conversation) co_return;
    CHECK_FALSE(connected.handshake.remote.empty());
    co_await talk(*connected.conversation, clock, told);
    co_await connected.conversation->close(deadline_after(clock.now(), soon));
    const FrameLog& log = connected.conversation->log();
    told += log.closed ? " | closed" : " | open";
}

std::string told_by_fake(const Talk& talk, const std::function<void(FakeWebsocketProbe&)>& prepare) {
    asio::io_context context;
    VirtualClock clock(context.get_executor());
    FakeWebsocketProbe probe(clock);
    prepare(probe);
    WebsocketRequest request;
    request.url = "ws://here.test/ws";
    request.deadline = deadline_after(clock.now(), patience);
    std::string told;
    run_virtually(context, clock, talk_to(probe, clock, std::move(request), talk, told));
    return told;
}

std::string told_by_real(const Talk& talk, const Manners& manners) {
    std::string told;
    on_loop([&](asio::any_io_executor executor) -> asio::awaitable<void> {
        RealClock clock(executor);
        const auto probe = make_websocket_probe(executor, clock);
        const auto server = BadServer::start(executor, manners);
        WebsocketRequest request;
        request.url = "ws://127.0.0.1:" + std::to_string(server->port()) + "/ws";
        request.deadline = deadline_after(clock.now(), patience);
        co_await talk_to(*probe, clock, std::move(request), talk, told);
    });
    return told;
}

}  // namespace

TEST_CASE("contract: the fake and the real websocket probe tell the same of the same target") {
    struct Case {
        std::string told;
        Talk talk;
        std::function<void(FakeWebsocketProbe&)> fake;
        Manners real;
    };
    const auto on_open = [](std::function<void(FakeSocket&)> act) {
        return [act = std::move(act)](FakeWebsocketProbe& probe) { probe.on_open = act; };
    };
    const std::vector<Case> cases{
        {.told = "websocket_refused status=401",
         .talk = listen_for_two,
         .fake =
             [](FakeWebsocketProbe& probe) {
                 probe.refusal = WireFailure{.failure_class = "websocket_refused", .message = "refused"};
                 probe.refusal_status = 401;
             },
         .real = answers("HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n")},
        {.told = "- status=101 <one <binary:two open | closed",
         .talk = listen_for_two,
         .fake = on_open([](FakeSocket& socket) {
             socket.push("one", 10ms);
             socket.push_binary("two", 10ms);
         }),
         .real = upgrades(frame(text, "one") + frame(binary, "two"), Afterwards::listens)},
        {.told = "- status=101 <one closed code=1013 busy - | look again | send: websocket_closed"
                 " <one closed code=1013 busy - | closed",
         .talk = listen_to_the_end,
         .fake = on_open([](FakeSocket& socket) {
             socket.push("one", 10ms);
             socket.close(1013, "busy", 10ms);
         }),
         .real = upgrades(frame(text, "one") + frame(goodbye, close_payload(1013, "busy")), Afterwards::listens)},
        {.told = "- status=101 <one closed code=0  websocket_dropped | look again | send: websocket_dropped"
                 " <one closed code=0  websocket_dropped | closed",
         .talk = listen_to_the_end,
         .fake = on_open([](FakeSocket& socket) {
             socket.push("one", 10ms);
             socket.drop(10ms);
         }),
         .real = upgrades(frame(text, "one"), Afterwards::ends)},
        {.told = "- status=101 nothing open | closed",
         .talk = listen_in_vain,
         .fake = [](FakeWebsocketProbe&) {},
         .real = upgrades("", Afterwards::listens)},
        {.told = "- status=101 send: - send: - >hello >binary:raw open | closed",
         .talk = speak,
         .fake = [](FakeWebsocketProbe&) {},
         .real = upgrades("", Afterwards::listens)},
    };
    for (const Case& each : cases) {
        CHECK(told_by_fake(each.talk, each.fake) == each.told);
        CHECK(told_by_real(each.talk, each.real) == each.told);
    }
}

}  // namespace serin::test
