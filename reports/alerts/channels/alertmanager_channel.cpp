// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "core/secret.hpp"
#include "net/task_group.hpp"
#include "reports/alerts/channels/alertmanager.hpp"
#include "reports/alerts/channels/http_sending.hpp"

namespace serin {
namespace {

namespace asio = boost::asio;

constexpr Duration time_of_a_slow_one = std::chrono::seconds(2);
constexpr std::size_t most_remembered = 10'000;

using Alerts = std::vector<ManagedAlert>;

std::string base_of(const Secret& url) {
    std::string base = url.reveal();
    while (base.ends_with('/')) base.pop_back();
    return base;
}

const std::string& incident_of(const ManagedAlert& alert) {
    return alert.labels.at("incident");
}

bool bad_request(const Answer& answer) {
    return answer.status == 400 || answer.status == 422;
}

class Alertmanager final : public HttpChannel {
public:
    Alertmanager(ArmedChannel armed, ChannelHouse house)
        : HttpChannel(std::move(armed), std::move(house)), instances_(armed_.urls.size()) {}

    [[nodiscard]] ChannelTraits traits() const override {
        return {.dedups = true, .provable = true, .updates = true, .needs_refresh = true, .pages = true};
    }
    [[nodiscard]] Duration refresh_every() const override { return alert_refresh; }
    asio::awaitable<SendResult> send(const Notice& notice, Deadline deadline) override;
    asio::awaitable<SendResult> read_back(const Notice& notice, Deadline deadline) override;
    asio::awaitable<SendResult> refresh(const std::vector<Notice>& going_on, Deadline deadline) override;

private:
    struct Instance {
        bool slow = false;            ///< gave no answer the last time: it gets less time
        std::set<std::string> bad{};  ///< incidents that it does not take
    };
    struct Ended {
        ManagedAlert alert{};
        Wall at{};
        int waves = 0;
    };
    using Labels = std::map<std::string, std::string>;
    struct Round {
        std::vector<Answer> answers{};
        std::vector<bool> asked{};
    };

    ManagedAlert alert(const Notice& notice, Wall now) {
        return alert_of(notice, words(notice, now), armed_.config, link(notice), now);
    }
    void note(const Notice& notice, const ManagedAlert& told, Wall now);
    [[nodiscard]] Alerts ended(const std::string& incident_id) const;
    Alerts batch_of(const std::vector<Notice>& going_on, Wall now);
    asio::awaitable<Answer> ask_instance(std::size_t i, HttpAsk what, Deadline deadline);
    asio::awaitable<void> post(std::size_t i, Alerts alerts, Deadline deadline, std::shared_ptr<Round> round);
    asio::awaitable<void> post_or_split(std::size_t i, Alerts alerts, Deadline deadline, std::shared_ptr<Round> round);
    asio::awaitable<void> look(std::size_t i, std::string id, Deadline deadline, std::shared_ptr<Round> round);
    asio::awaitable<SendResult> verify(const Notice& notice, std::vector<bool> which, Deadline deadline);
    [[nodiscard]] SendResult summary(const Round& round) const;
    [[nodiscard]] std::shared_ptr<Round> new_round() const {
        return std::make_shared<Round>(Round{.answers = std::vector<Answer>(instances_.size()),
                                             .asked = std::vector<bool>(instances_.size(), false)});
    }

    std::vector<Instance> instances_;
    std::map<std::string, ManagedAlert> told_{};  ///< by incident: the alert that goes on
    std::map<Labels, Ended> ended_{};
    std::uint64_t ends_ = 0;  ///< how often an alert ended
};

/// Remembers what is told, before it is: a refresh in between must not tell the opposite.
void Alertmanager::note(const Notice& notice, const ManagedAlert& told, Wall now) {
    const auto end = [&](ManagedAlert alert) {
        alert.ends_at = std::max(now, alert.starts_at);
        Labels labels = alert.labels;
        ended_.insert_or_assign(std::move(labels),
                                Ended{.alert = std::move(alert), .at = now, .waves = notice.incident.waves});
        ++ends_;
    };
    const auto before = told_.find(incident_of(told));
    if (before != told_.end() && before->second.labels != told.labels) end(before->second);
    if (goes_on(notice)) {
        ended_.erase(told.labels);
        told_.insert_or_assign(incident_of(told), told);
    } else {
        told_.erase(incident_of(told));
        end(told);
    }
}

Alerts Alertmanager::ended(const std::string& incident_id) const {
    Alerts alerts;
    for (const auto& [labels, end] : ended_) {
        if (labels.at("incident") == incident_id) alerts.push_back(end.alert);
    }
    return alerts;
}

asio::awaitable<Answer> Alertmanager::ask_instance(std::size_t i, HttpAsk what, Deadline deadline) {
    if (instances_[i].slow) deadline = earliest(deadline, deadline_after(house_.clock.now(), time_of_a_slow_one));
    Answer answer = co_await ask(std::move(what), deadline);
    instances_[i].slow = answer.status == 0;
    co_return answer;
}

asio::awaitable<void> Alertmanager::post(std::size_t i, Alerts alerts, Deadline deadline,
                                         std::shared_ptr<Round> round) {
    HttpAsk what{.url = base_of(armed_.urls[i]) + "/api/v2/alerts",
                 .headers = {{"Content-Type", "application/json"}},
                 .body = alerts_body(alerts)};
    round->asked[i] = true;
    round->answers[i] = co_await ask_instance(i, std::move(what), deadline);
}

/// A batch with a bad alert is answered 400, though the good ones are taken: each is then told alone, so that the bad
/// one is known by name and left out from then on.
asio::awaitable<void> Alertmanager::post_or_split(std::size_t i, Alerts alerts, Deadline deadline,
                                                  std::shared_ptr<Round> round) {
    std::erase_if(alerts, [&](const ManagedAlert& alert) { return instances_[i].bad.contains(incident_of(alert)); });
    if (alerts.empty()) co_return;
    co_await post(i, alerts, deadline, round);
    if (!bad_request(round->answers[i])) co_return;
    bool one_was_taken = false;
    Answer last_good;
    for (const ManagedAlert& alert : alerts) {
        if (deadline.passed(house_.clock.now())) break;
        if (alerts.size() > 1) co_await post(i, Alerts{alert}, deadline, round);
        if (bad_request(round->answers[i])) {
            if (instances_[i].bad.size() < most_remembered) instances_[i].bad.insert(incident_of(alert));
        } else if (round->answers[i].good()) {
            one_was_taken = true;
            last_good = round->answers[i];
        } else {
            co_return;  // it is out: the next refresh goes on
        }
    }
    if (one_was_taken) round->answers[i] = last_good;
}

asio::awaitable<void> Alertmanager::look(std::size_t i, std::string id, Deadline deadline,
                                         std::shared_ptr<Round> round) {
    HttpAsk what{.method = "GET",
                 .url = base_of(armed_.urls[i]) + "/api/v2/alerts?filter=" + url_escape("incident=\"" + id + "\"")};
    round->asked[i] = true;
    round->answers[i] = co_await ask_instance(i, std::move(what), deadline);
}

/// Best first: taken by any, else the worst that does not end the channel.
SendResult Alertmanager::summary(const Round& round) const {
    std::size_t taken = 0, asked = 0;
    SendResult worst;
    const auto rank = [](Took took) { return took == Took::retry ? 0 : took == Took::refused ? 1 : 2; };
    for (std::size_t i = 0; i < round.answers.size(); ++i) {
        if (!round.asked[i]) continue;
        ++asked;
        const Answer& answer = round.answers[i];
        const SendResult one = result(answer, Took::accepted);
        if (one.took == Took::accepted)
            ++taken;
        else if (worst.said.empty() || rank(one.took) < rank(worst.took))
            worst = one;
    }
    if (asked == 0) return {.took = Took::accepted, .said = "nothing to tell", .retry_after = {}, .reference = {}};
    if (taken == 0) return worst;
    std::string words = "taken by " + std::to_string(taken) + " of " + std::to_string(asked);
    if (!worst.said.empty()) words += "; not by another: " + worst.said;
    return result(Took::accepted, words);
}

asio::awaitable<SendResult> Alertmanager::verify(const Notice& notice, std::vector<bool> which, Deadline deadline) {
    const auto round = new_round();
    TaskGroup group(house_.executor);
    for (std::size_t i = 0; i < instances_.size(); ++i) {
        if (which[i]) group.spawn(look(i, notice.incident.id, deadline, round));
    }
    co_await group.join();
    const bool expected = goes_on(notice);
    std::size_t readable = 0, there = 0, suppressed = 0;
    for (std::size_t i = 0; i < instances_.size(); ++i) {
        if (!round->asked[i] || !round->answers[i].good()) continue;
        const Sighting seen = sighting_of(round->answers[i].body, notice.incident.id);
        readable += seen != Sighting::unreadable ? 1 : 0;
        there += seen == Sighting::active ? 1 : 0;
        suppressed += seen == Sighting::suppressed ? 1 : 0;
    }
    if (readable == 0) co_return result(Took::accepted, "it cannot be read back");
    if (!expected && there + suppressed == 0) co_return result(Took::proven, "resolved there");
    if (!expected) co_return result(Took::accepted, "it is not resolved there yet");
    if (there > 0) co_return result(Took::proven, "read back from " + std::to_string(there));
    if (suppressed > 0) co_return result(Took::accepted, "silenced or inhibited in Alertmanager: nobody is told");
    co_return result(Took::accepted, "it is not there");
}

asio::awaitable<SendResult> Alertmanager::send(const Notice& notice, Deadline deadline) {
    const Wall now = house_.clock.wall();
    const ManagedAlert told = alert(notice, now);
    note(notice, told, now);
    Alerts batch = ended(notice.incident.id);
    if (goes_on(notice)) batch.push_back(told);
    const auto round = new_round();
    TaskGroup group(house_.executor);
    for (std::size_t i = 0; i < instances_.size(); ++i) {
        instances_[i].bad.erase(notice.incident.id);
        group.spawn(post_or_split(i, batch, deadline, round));
    }
    co_await group.join();
    SendResult sum = summary(*round);
    if (sum.took != Took::accepted) co_return sum;
    std::vector<bool> takers(instances_.size(), false);
    bool any = false;
    for (std::size_t i = 0; i < takers.size(); ++i) {
        takers[i] = round->answers[i].good() && !instances_[i].bad.contains(notice.incident.id);
        any = any || takers[i];
    }
    if (!any) co_return result(Took::refused, "400: Alertmanager does not take this alert");
    SendResult proof = co_await verify(notice, takers, deadline);
    proof.said = said_of(sum.said + "; " + proof.said, house_.redactor);
    proof.reference = notice.dedup_key();
    co_return proof;
}

asio::awaitable<SendResult> Alertmanager::read_back(const Notice& notice, Deadline deadline) {
    std::vector<bool> all(instances_.size(), true);
    co_return co_await verify(notice, std::move(all), deadline);
}

Alerts Alertmanager::batch_of(const std::vector<Notice>& going_on, Wall now) {
    std::erase_if(ended_, [&](const auto& each) { return each.second.at + resolved_repeats < now; });
    std::erase_if(told_, [&](const auto& each) { return each.second.ends_at + alert_lasts < now; });
    for (const Notice& notice : going_on) {
        ManagedAlert one = alert(notice, now);
        const auto over = ended_.find(one.labels);
        if (over != ended_.end() && over->second.waves >= notice.incident.waves) continue;  // an older view of it
        if (!goes_on(notice) && notice.made_at + resolved_repeats < now) continue;
        note(notice, one, now);
    }
    Alerts batch;
    for (const Notice& notice : going_on) {
        const auto told = told_.find(notice.incident.id);
        if (told != told_.end()) batch.push_back(told->second);
    }
    for (const auto& [labels, end] : ended_) batch.push_back(end.alert);
    return batch;
}

asio::awaitable<SendResult> Alertmanager::refresh(const std::vector<Notice>& going_on, Deadline deadline) {
    const Alerts batch = batch_of(going_on, house_.clock.wall());
    if (batch.empty()) co_return result(Took::accepted, "nothing to tell");
    const std::uint64_t ends_before = ends_;
    const auto round = new_round();
    TaskGroup group(house_.executor);
    for (std::size_t i = 0; i < instances_.size(); ++i) group.spawn(post_or_split(i, batch, deadline, round));
    co_await group.join();
    if (ends_ == ends_before) co_return summary(*round);
    // Something ended while it was told that it goes on, and nobody knows which of the two came last.
    Alerts over;
    for (const auto& [labels, end] : ended_) over.push_back(end.alert);
    const auto again = new_round();
    TaskGroup second(house_.executor);
    for (std::size_t i = 0; i < instances_.size(); ++i) second.spawn(post_or_split(i, over, deadline, again));
    co_await second.join();
    co_return summary(*again);
}

}  // namespace

std::unique_ptr<Channel> make_alertmanager_channel(ArmedChannel armed, ChannelHouse house) {
    return std::make_unique<Alertmanager>(std::move(armed), std::move(house));
}

}  // namespace serin
