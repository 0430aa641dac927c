// SPDX-License-Identifier: Apache-2.0
#include "net/websocket_client.hpp"

#include <fmt/format.h>

#include <boost/asio/error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/system/system_error.hpp>
#include <optional>

#include "net/dial.hpp"
#include "net/tls_client.hpp"
#include "net/turnstile.hpp"
#include "net/upgrade.hpp"
#include "net/websocket_ends.hpp"
#include "net/websocket_stream.hpp"
#include "net/wire_errors.hpp"

namespace serin {

namespace asio = boost::asio;
using boost::system::error_code;
using std::chrono::steady_clock;
using Failure = std::optional<WireFailure>;

namespace {

/// Cancellation is the one thing that travels as an exception; all else that ends an operation is the target's doing.
asio::awaitable<void> throw_if_cancelled() {
    const auto state = co_await asio::this_coro::cancellation_state;
    if (state.cancelled() != asio::cancellation_type::none) {
        throw boost::system::system_error(asio::error::operation_aborted);
    }
}

}  // namespace

struct WebsocketClient::Impl {
    explicit Impl(asio::any_io_executor on) : executor(on), writers(std::move(on)) {}

    asio::any_io_executor executor;
    std::optional<WebsocketStream> websocket;
    Turnstile writers;
    std::optional<CloseNote> ended;  ///< what read() gives from then on
    Failure broken;                  ///< why we dropped the connection ourselves
    std::optional<Alarm> closing_until;
    bool closing = false;

    asio::awaitable<Failure> upgrade(const WebsocketRequest& request, const Url& url, Dialled dialled,
                                     Handshake& handshake);
    CloseNote end_of(const error_code& error);
    Failure why_unusable() const;
};

WebsocketClient::WebsocketClient(asio::any_io_executor executor) : impl_(std::make_unique<Impl>(std::move(executor))) {}
WebsocketClient::~WebsocketClient() = default;

asio::awaitable<Failure> WebsocketClient::connect(const WebsocketRequest& request, Handshake& handshake) {
    handshake.started = steady_clock::now();
    Failure failure = find_mistake(request);
    if (!failure) {
        const Url url = *parse_url(request.url);  // find_mistake() looked
        Dialled dialled;
        failure = co_await dial(impl_->executor, url, request.route, request.deadline, dialled);
        handshake.timings = dialled.timings;
        handshake.remote = dialled.remote;
        if (dialled.certificate) handshake.certificate_expiry_days = dialled.certificate->expiry_days;
        if (!failure) failure = co_await impl_->upgrade(request, url, std::move(dialled), handshake);
    }
    handshake.ended = steady_clock::now();
    handshake.timings.total = handshake.ended - handshake.started;
    if (failure) {
        impl_->websocket.reset();
        co_await throw_if_cancelled();
    }
    co_return failure;
}

asio::awaitable<Failure> WebsocketClient::Impl::upgrade(const WebsocketRequest& request, const Url& url,
                                                        Dialled dialled, Handshake& handshake) {
    const auto tap = std::make_shared<StreamTap>();
    dialled.stream->watch(tap);
    websocket.emplace(std::move(*dialled.stream));
    websocket->set_max_message(request.max_frame);
    const WebsocketStream::Upgrade upgrade = make_upgrade(request, url);
    const Alarm alarm(executor, request.deadline.at, websocket->lower().closer());
    const error_code error = co_await websocket->ask(upgrade, handshake.headers);
    websocket->lower().watch(nullptr);

    handshake.sent = tap->sent;
    if (tap->first_received != Steady()) handshake.timings.first_byte = tap->first_received - tap->sent;
    if (!error) {
        handshake.status = 101;
        co_return check_agreement(request, handshake);
    }
    if (alarm.went_off()) co_return name_upgrade_failure(asio::error::timed_out, tap->received, handshake);
    if (dialled.certificate && tap->received.empty()) {
        if (auto failure = name_tls_failure(error, *dialled.certificate, url.host)) co_return failure;
        if (dialled.certificate->asked_for_ours) {
            // In TLS 1.3 the server judges our certificate after we are done, and a reset may overtake its alert.
            co_return wire_failure(
                "tls_client_certificate",
                fmt::format("{} asked for a client certificate and then ended the connection", url.host));
        }
    }
    co_return name_upgrade_failure(error, tap->received, handshake);
}

asio::awaitable<std::expected<Frame, CloseNote>> WebsocketClient::read() {
    if (!impl_->ended) {
        WebsocketStream::Message message = co_await impl_->websocket->read();
        if (!message.error) {
            co_return Frame{.at = steady_clock::now(),
                            .outgoing = false,
                            .binary = message.binary,
                            .payload = std::move(message.payload)};
        }
        if (message.error == asio::error::operation_aborted && !impl_->closing) co_await throw_if_cancelled();
        impl_->ended = impl_->end_of(message.error);
    }
    co_return std::unexpected(*impl_->ended);
}

CloseNote WebsocketClient::Impl::end_of(const error_code& error) {
    CloseNote note{
        .at = steady_clock::now(), .code = websocket->close_code(), .reason = websocket->close_reason(), .failure = {}};
    if (broken) {
        note.failure = broken;
    } else if (!closing || error != asio::error::operation_aborted) {
        note.failure = name_websocket_end(error, websocket->lower().remote());
    }
    return note;
}

Failure WebsocketClient::Impl::why_unusable() const {
    if (broken) return broken;
    if (ended && ended->failure) return ended->failure;
    if (ended || closing || !websocket) return wire_failure("websocket_closed", "the connection is closed already");
    return std::nullopt;
}

asio::awaitable<Failure> WebsocketClient::write(std::string payload, bool binary, Deadline deadline) {
    const auto late = [] { return wire_failure("timeout", "the peer did not take the message within the deadline"); };
    const std::optional<Turnstile::Turn> turn = co_await impl_->writers.enter(deadline.at);
    if (!turn) {
        co_await throw_if_cancelled();
        co_return late();
    }
    if (auto failure = impl_->why_unusable()) co_return failure;
    const Alarm alarm(impl_->executor, deadline.at, impl_->websocket->lower().closer());
    const error_code error = co_await impl_->websocket->write(payload, binary);
    if (!error) co_return std::nullopt;
    if (alarm.went_off()) {
        impl_->broken = late();  // half a frame may have left: nothing more can be said on this connection
        co_return impl_->broken;
    }
    if (error == asio::error::operation_aborted) {
        co_await throw_if_cancelled();
        if (auto failure = impl_->why_unusable()) co_return failure;
    }
    auto failure = name_websocket_end(error, impl_->websocket->lower().remote());
    co_return failure ? failure : wire_failure("websocket_closed", "the peer closed the connection");
}

asio::awaitable<void> WebsocketClient::close(Deadline deadline) {
    Impl& self = *impl_;
    if (!self.websocket) co_return;
    if (self.closing) {
        if (self.closing_until) self.closing_until->advance_to(deadline.at);
        co_return;
    }
    self.closing = true;
    AsyncStream& lower = self.websocket->lower();
    const bool broken = self.broken || (self.ended && self.ended->failure);
    if (broken) {
        lower.close();
        co_return;
    }
    self.closing_until.emplace(self.executor, deadline.at, lower.closer());
    if (!self.ended) co_await self.websocket->close(1000, {});
    co_await lower.finish(deadline_after(steady_clock::now(), linger_time).at);
    self.closing_until.reset();
}

}  // namespace serin
