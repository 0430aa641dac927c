// SPDX-License-Identifier: Apache-2.0
#include "reports/alerts/channels/heartbeat.hpp"

#include <utility>

namespace serin {
namespace {

namespace asio = boost::asio;

class Heartbeats final : public HttpChannel {
public:
    Heartbeats(ArmedChannel armed, ChannelHouse house) : HttpChannel(std::move(armed), std::move(house)) {}

    [[nodiscard]] ChannelTraits traits() const override {
        return {.dedups = true, .provable = true, .updates = false, .needs_refresh = false, .pages = false};
    }

    asio::awaitable<SendResult> send(const Notice&, Deadline) override {
        co_return result(Took::refused, "a heartbeat tells of no incident");
    }

    asio::awaitable<SendResult> beat(Deadline deadline) override {
        if (const auto wait = budget_.refuse(house_.clock.now())) co_return held_back(*wait);
        HttpAsk ping{.url = armed_.urls.front().reveal(),
                     .headers = {{"Content-Type", "text/plain"}},
                     .body = "serin " + house_.vantage};
        const Answer answer = co_await ask(std::move(ping), deadline);
        co_return heartbeat_result(answer, house_.redactor);
    }

private:
    CallBudget budget_{1, between_beats};
};

}  // namespace

SendResult heartbeat_result(const Answer& answer, const Redactor& redactor) {
    SendResult result = result_of(answer, redactor, Took::proven);
    if (!answer.good()) return result;
    if (answer.body.contains("(not found)")) result.took = Took::broken;
    if (answer.body.contains("(rate limited)")) {
        result.took = Took::retry;
        if (!result.retry_after) result.retry_after = between_beats;
    }
    return result;
}

std::unique_ptr<Channel> make_heartbeat_channel(ArmedChannel armed, ChannelHouse house) {
    return std::make_unique<Heartbeats>(std::move(armed), std::move(house));
}

}  // namespace serin
