// SPDX-License-Identifier: Apache-2.0
#include "tests/support/fake_probes.hpp"

#include <algorithm>
#include <boost/system/system_error.hpp>
#include <stdexcept>
#include <utility>

namespace serin::test {

std::string Asked::header(std::string_view name) const {
    for (const auto& [known, value] : request.headers) {
        if (known == name) return value;
    }
    return "";
}

boost::asio::awaitable<HttpObservation> FakeHttpProbe::observe(const HttpRequest& request) {
    const std::size_t index = asked.size();
    asked.push_back(Asked{.request = request, .at = clock_.elapsed(), .cancelled = false});
    const std::optional<Sabotage> sabotage = before_call ? before_call(asked[index].line()) : std::nullopt;
    Answer given = sabotage && !sabotage->bytes_left ? Answer{} : answer(request);
    if (sabotage) {
        given.failure = sabotage->failure;
        given.bytes_left = sabotage->bytes_left;
    }
    HttpObservation seen;
    seen.started = clock_.now();
    if (given.bytes_left) seen.sent = seen.started;
    const Steady ready = seen.started + given.after;
    try {
        co_await sleep_until(clock_, std::min(ready, request.deadline.at));
    } catch (const boost::system::system_error&) {
        asked[index].cancelled = true;
        throw;
    }
    seen.ended = clock_.now();
    seen.timings.total = seen.timings.first_byte = seen.ended - seen.started;
    if (ready > request.deadline.at) {
        seen.failure = WireFailure{.failure_class = "no_response", .message = "no answer in time", .own_fault = false};
    } else if (given.failure) {
        seen.failure = std::move(given.failure);
    } else {
        seen.status = given.status;
        seen.headers = std::move(given.headers);
        seen.body = std::move(given.body);
        seen.version = "1.1";
        seen.remote = "192.0.2.1:80";
        seen.effective_url = request.url;
    }
    co_return seen;
}

std::shared_ptr<CookieJar> FakeHttpProbe::make_cookie_jar() {
    return std::make_shared<CookieJar>();
}

std::vector<std::string> FakeHttpProbe::lines() const {
    std::vector<std::string> all;
    all.reserve(asked.size());
    for (const Asked& one : asked) all.push_back(one.line());
    return all;
}

/// The client's end.
class FakeConversation final : public Conversation {
public:
    FakeConversation(VirtualClock& clock, FakeWebsocketProbe& probe, std::shared_ptr<FakeSocket> socket)
        : clock_(clock), probe_(probe), socket_(std::move(socket)) {}
    ~FakeConversation() override {
        if (!closed_) std::terminate();  // the contract: close() must have been awaited
    }

    [[nodiscard]] const FrameLog& log() const override { return socket_->log; }

    boost::asio::awaitable<std::optional<WireFailure>> send(std::string payload, bool binary, Deadline) override {
        const std::optional<Sabotage> sabotage = probe_.before_call ? probe_.before_call("send") : std::nullopt;
        if (sabotage && !sabotage->bytes_left) co_return sabotage->failure;
        if (const std::optional<CloseNote>& end = socket_->log.closed) {
            const WireFailure closed{
                .failure_class = "websocket_closed", .message = "the websocket is closed", .own_fault = false};
            co_return end->failure.value_or(closed);
        }
        socket_->log.bytes += static_cast<std::int64_t>(payload.size());
        socket_->log.frames.push_back(
            Frame{.at = clock_.now(), .outgoing = true, .binary = binary, .payload = payload});
        if (probe_.on_send) probe_.on_send(*socket_, payload);
        co_return sabotage ? std::optional(sabotage->failure) : std::nullopt;
    }

    boost::asio::awaitable<bool> wait_beyond(std::size_t seen, Steady until) override {
        if (const auto sabotage = probe_.before_call ? probe_.before_call("wait") : std::nullopt) {
            socket_->end_at_once(CloseNote{.at = {}, .code = 0, .reason = {}, .failure = sabotage->failure});
        }
        const auto enough = [&] {
            return socket_->log.frames.size() > seen || socket_->log.closed || socket_->log.overflow;
        };
        const std::unique_ptr<Bell> bell = clock_.make_bell();
        const Listening listening(*socket_, *bell);
        while (!enough()) {
            if (!co_await bell->wait_until(until)) co_return enough();
        }
        co_return true;
    }

    boost::asio::awaitable<void> close(Deadline) override {
        closed_ = true;
        if (!socket_->log.closed) {
            socket_->said_goodbye = true;
            socket_->log.closed = CloseNote{.at = clock_.now(), .code = 1000, .reason = {}, .failure = {}};
            socket_->tell();
        }
        co_return;
    }

private:
    struct Listening {
        Listening(FakeSocket& from, Bell& told) : socket(from), bell(told) { socket.listeners_.push_back(&bell); }
        ~Listening() { std::erase(socket.listeners_, &bell); }
        Listening(const Listening&) = delete;
        Listening& operator=(const Listening&) = delete;
        FakeSocket& socket;
        Bell& bell;
    };

    VirtualClock& clock_;
    FakeWebsocketProbe& probe_;
    std::shared_ptr<FakeSocket> socket_;
    bool closed_ = false;
};

void FakeSocket::tell() {
    for (Bell* const bell : listeners_) bell->ring();
}

void FakeSocket::deliver(Frame frame, Duration after) {
    clock_.after(after, [this, frame = std::move(frame)]() mutable {
        if (log.closed || log.overflow) return;
        frame.at = clock_.now();
        log.bytes += static_cast<std::int64_t>(frame.payload.size());
        log.frames.push_back(std::move(frame));
        tell();
    });
}

void FakeSocket::push(std::string payload, Duration after) {
    deliver(Frame{.at = {}, .outgoing = false, .binary = false, .payload = std::move(payload)}, after);
}

void FakeSocket::push_binary(std::string payload, Duration after) {
    deliver(Frame{.at = {}, .outgoing = false, .binary = true, .payload = std::move(payload)}, after);
}

void FakeSocket::end(CloseNote note, Duration after) {
    clock_.after(after, [this, note = std::move(note)]() mutable { end_at_once(std::move(note)); });
}

void FakeSocket::end_at_once(CloseNote note) {
    if (log.closed) return;
    note.at = clock_.now();
    log.closed = std::move(note);
    tell();
}

void FakeSocket::close(int code, std::string reason, Duration after) {
    end(CloseNote{.at = {}, .code = code, .reason = std::move(reason), .failure = {}}, after);
}

void FakeSocket::drop(Duration after) {
    WireFailure failure{.failure_class = "websocket_dropped",
                        .message = "the connection ended without a close frame",
                        .own_fault = false};
    end(CloseNote{.at = {}, .code = 0, .reason = {}, .failure = std::move(failure)}, after);
}

void FakeSocket::overflow(Duration after) {
    clock_.after(after, [this] {
        log.overflow = true;
        log.closed = CloseNote{.at = clock_.now(), .code = 1009, .reason = {}, .failure = {}};
        tell();
    });
}

boost::asio::awaitable<Connected> FakeWebsocketProbe::connect(const WebsocketRequest& request) {
    const std::optional<Sabotage> sabotage = before_call ? before_call("connect") : std::nullopt;
    Handshake handshake;
    handshake.started = handshake.sent = clock_.now();
    co_await sleep_until(clock_, std::min(clock_.now() + handshake_time, request.deadline.at));
    handshake.ended = clock_.now();
    handshake.timings.total = handshake.ended - handshake.started;
    handshake.remote = "192.0.2.1:80";
    Connected connected;
    if (refusal || sabotage) {
        handshake.status = refusal ? refusal_status : 0;
        connected.failure = refusal ? refusal : sabotage->failure;
        connected.handshake = std::move(handshake);
        co_return connected;
    }
    handshake.status = 101;
    auto socket = std::make_shared<FakeSocket>(clock_, request);
    sockets.push_back(socket);
    if (on_open) on_open(*socket);
    connected.handshake = std::move(handshake);
    connected.conversation = std::make_unique<FakeConversation>(clock_, *this, std::move(socket));
    co_return connected;
}

}  // namespace serin::test
