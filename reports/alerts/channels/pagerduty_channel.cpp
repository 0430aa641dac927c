// SPDX-License-Identifier: Apache-2.0
#include <map>
#include <utility>

#include "reports/alerts/channels/pagerduty.hpp"

namespace serin {
namespace {

namespace asio = boost::asio;

constexpr std::size_t most_calls = 100;        // a minute and routing key; the vendor takes 120
constexpr std::size_t kept_for_pages = 50;     // of these: a flood of changes must not hold up a page
constexpr std::size_t most_remembered = 1000;  // incidents that webhooks spoke of
constexpr std::string_view events_path = "/v2/enqueue";

class PagerDuty final : public HttpChannel {
public:
    PagerDuty(ArmedChannel armed, ChannelHouse house, std::shared_ptr<CallBudget> budget)
        : HttpChannel(std::move(armed), std::move(house)), budget_(std::move(budget)) {
        events_ = address("");
        if (events_.empty()) events_ = "https://events.pagerduty.com";
        if (events_.ends_with(events_path)) events_.resize(events_.size() - events_path.size());
        api_ = armed_.config.api_url.empty() ? pager_api_of(events_) : armed_.config.api_url;
        while (api_.ends_with('/')) api_.pop_back();
    }

    [[nodiscard]] ChannelTraits traits() const override {
        return {.dedups = true,
                .provable = has_token() || !armed_.inbound_keys.empty(),
                .updates = true,
                .needs_refresh = false,
                .pages = true};
    }

    asio::awaitable<SendResult> send(const Notice& notice, Deadline deadline) override {
        if (const auto wait = budget_->refuse(house_.clock.now())) co_return held_back(*wait);
        forget_before(notice);
        HttpAsk event{
            .url = events_ + std::string(events_path),
            .headers = {{"Content-Type", "application/json"}},
            .body = pager_event(notice, words(notice, house_.clock.wall()), armed_.config, link(notice), armed_.key)};
        const Answer answer = co_await ask(std::move(event), deadline);
        SendResult result = pager_result(answer, house_.redactor);
        if (result.took == Took::accepted) result.reference = notice.dedup_key();
        co_return result;
    }

    asio::awaitable<SendResult> read_back(const Notice& notice, Deadline deadline) override {
        const auto known = heard_.find(notice.incident.id);
        const bool heard_of = known != heard_.end();
        if (heard_of && pager_proves(known->second.incidents, notice))
            co_return result(Took::proven, "its webhook told us");
        if (!has_token())
            co_return result(Took::accepted,
                             heard_of ? pager_lacks(known->second.incidents, notice) : "no webhook has told us of it");
        HttpAsk question{.method = "GET",
                         .url = api_ + "/incidents?incident_key=" + url_escape(notice.dedup_key()) +
                                "&statuses%5B%5D=triggered&statuses%5B%5D=acknowledged&statuses%5B%5D=resolved",
                         .headers = {{"Accept", "application/vnd.pagerduty+json;version=2"},
                                     {"Authorization", "Token token=" + armed_.api_token.reveal()}}};
        const Answer answer = co_await ask(std::move(question), deadline);
        // What goes wrong here is no fault of the notice: it was accepted.
        if (!answer.good()) co_return unread(answer);
        const std::optional<PagerIncidents> incidents = pager_incidents(answer.body);
        if (!incidents) co_return result(Took::accepted, "it cannot be read back: that is no list of incidents");
        if (!pager_proves(*incidents, notice)) co_return result(Took::accepted, pager_lacks(*incidents, notice));
        co_return result(Took::proven, "read back over REST");
    }

    asio::awaitable<SendResult> tell(const Change& change, Deadline deadline) override {
        if (!armed_.config.changes) co_return result(Took::proven, "");
        if (armed_.key.reveal().starts_with('R'))
            co_return result(Took::refused, "a routing key that starts with R takes no change events");
        if (const auto wait = budget_->refuse(house_.clock.now(), kept_for_pages)) co_return held_back(*wait);
        HttpAsk event{.url = events_ + "/v2/change/enqueue",
                      .headers = {{"Content-Type", "application/json"}},
                      .body = pager_change(change, armed_.key, house_.vantage)};
        const Answer answer = co_await ask(std::move(event), deadline);
        co_return pager_result(answer, house_.redactor);
    }

    void heard(const PagerEvent& event) override {
        if (event.incident_id.empty()) return;
        if (heard_.size() >= most_remembered && !heard_.contains(event.incident_id)) heard_.erase(heard_.begin());
        auto& [seen, at] = heard_[event.incident_id];
        if (event.occurred_at < at) return;  // its webhooks keep no order
        at = event.occurred_at;
        if (event.event == "triggered" || event.event == "reopened" || event.event == "unacknowledged")
            seen = {.triggered = 1};
        else if (event.event == "acknowledged")
            seen = {.acknowledged = 1};
        else if (event.event == "resolved")
            seen = {.resolved = 1};
    }

private:
    /// Of an incident, by its webhooks.
    struct Heard {
        PagerIncidents incidents{};
        Wall at{};
    };

    /// What was heard of the wave before proves nothing of this one; nor does what we are about to change.
    void forget_before(const Notice& notice) {
        const auto known = heard_.find(notice.incident.id);
        if (known == heard_.end()) return;
        const bool acts = notice.kind == NoticeKind::acknowledged || notice.kind == NoticeKind::resolved;
        const bool rings = known->second.incidents.triggered > 0;
        if (notice.kind == NoticeKind::reopened || (acts && rings)) known->second.incidents = {};
    }
    [[nodiscard]] bool has_token() const { return !armed_.api_token.reveal().empty(); }
    [[nodiscard]] SendResult unread(const Answer& answer) const {
        SendResult result = this->result(Took::accepted, "it cannot be read back: " + said_of(answer, house_.redactor));
        result.retry_after = answer.retry_after;
        return result;
    }

    std::string events_{}, api_{};
    std::shared_ptr<CallBudget> budget_;
    std::map<std::string, Heard> heard_{};
};

}  // namespace

std::shared_ptr<CallBudget> pager_budget() {
    return std::make_shared<CallBudget>(most_calls, std::chrono::minutes(1));
}

std::unique_ptr<Channel> make_pagerduty_channel(ArmedChannel armed, ChannelHouse house,
                                                std::shared_ptr<CallBudget> budget) {
    return std::make_unique<PagerDuty>(std::move(armed), std::move(house), std::move(budget));
}

}  // namespace serin
