// SPDX-License-Identifier: Apache-2.0
// Probes that touch no wire: a test says what the target answers and when, in virtual time, and reads what was asked.
#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "probes/probe.hpp"
#include "tests/support/virtual_clock.hpp"

namespace serin::test {

/// What a fake target answers to one request.
struct Answer {
    int status = 200;
    std::string body = {};
    Duration after = std::chrono::milliseconds(10);
    Headers headers = {};
    std::optional<WireFailure> failure = {};
    bool bytes_left = true;  ///< false: not one byte of the request got out
};

/// How a test makes one call of a probe fail. `call` is "GET http://…", "connect", "send" or "wait" (for a frame). What
/// it throws, the call throws; the failure that it returns is what the call gives. A request of which bytes had left
/// may still have been carried out.
struct Sabotage {
    WireFailure failure;
    bool bytes_left = true;
};
using BeforeCall = std::function<std::optional<Sabotage>(const std::string& call)>;

/// A request as it was made, and when.
struct Asked {
    HttpRequest request;
    Duration at{};
    bool cancelled = false;
    [[nodiscard]] std::string line() const { return request.method + " " + request.url; }
    /// Value of the header, or "" when there is none.
    [[nodiscard]] std::string header(std::string_view name) const;
};

class FakeHttpProbe final : public HttpProbe {
public:
    explicit FakeHttpProbe(VirtualClock& clock) : clock_(clock) {}
    boost::asio::awaitable<HttpObservation> observe(const HttpRequest& request) override;
    [[nodiscard]] std::shared_ptr<CookieJar> make_cookie_jar() override;

    /// Called when a request is made; by default everything is 200 with an empty body. An answer that would come after
    /// the request's deadline becomes `no_response` at the deadline.
    std::function<Answer(const HttpRequest&)> answer = [](const HttpRequest&) { return Answer{}; };
    BeforeCall before_call;
    std::vector<Asked> asked;

    /// "POST http://…" of all requests, in order.
    [[nodiscard]] std::vector<std::string> lines() const;

private:
    VirtualClock& clock_;
};

/// The server's end of one websocket. Everything takes effect `after` from now, in virtual time.
class FakeSocket {
public:
    FakeSocket(VirtualClock& clock, WebsocketRequest asked) : request(std::move(asked)), clock_(clock) {}

    void push(std::string payload, Duration after = {});
    void push_binary(std::string payload, Duration after = {});
    void close(int code, std::string reason, Duration after = {});
    /// The connection ends without a close frame.
    void drop(Duration after = {});
    /// The client's log is full.
    void overflow(Duration after = {});

    const WebsocketRequest request;
    FrameLog log;
    bool said_goodbye = false;  ///< the client closed it in good order

private:
    friend class FakeConversation;
    void deliver(Frame frame, Duration after);
    void end(CloseNote note, Duration after);
    void end_at_once(CloseNote note);
    void tell();

    VirtualClock& clock_;
    std::vector<Bell*> listeners_;
};

class FakeWebsocketProbe final : public WebsocketProbe {
public:
    explicit FakeWebsocketProbe(VirtualClock& clock) : clock_(clock) {}
    boost::asio::awaitable<Connected> connect(const WebsocketRequest& request) override;

    Duration handshake_time = std::chrono::milliseconds(5);
    std::optional<WireFailure> refusal;  ///< of every handshake
    int refusal_status = 0;
    std::function<void(FakeSocket&)> on_open;  ///< right after the handshake
    std::function<void(FakeSocket&, const std::string&)> on_send;
    BeforeCall before_call;
    std::vector<std::shared_ptr<FakeSocket>> sockets;  ///< in order of connecting

private:
    VirtualClock& clock_;
};

}  // namespace serin::test
