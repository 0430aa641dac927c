// SPDX-License-Identifier: Apache-2.0
// Drills: a marked incident through rule, book, outbox and channel, read back, resolved, and read back again.
#include <algorithm>
#include <boost/asio/awaitable.hpp>
#include <string>
#include <utility>

#include "reports/alerts/desk/desk_house.hpp"

namespace serin {

namespace asio = boost::asio;

namespace {

using namespace std::chrono_literals;

constexpr Duration patience = 90s;  // for each of the two proofs

bool arrived(Took took, bool provable) {
    return took == Took::proven || (took == Took::accepted && !provable);
}

}  // namespace

std::vector<std::string> DeskHouse::paging_channels() const {
    std::vector<std::string> names;
    for (const auto& [name, channel] : sender_->channels()) {
        if (channel->traits().pages) names.push_back(name);
    }
    return names;
}

std::vector<std::string> DeskHouse::drill_channels() const {
    if (!rules_.drill_channels.empty()) return rules_.drill_channels;
    std::vector<std::string> names = paging_channels();
    std::erase_if(names, [&](const std::string& name) { return !sender_->channels().at(name)->traits().provable; });
    return names;
}

/// A run of the drill's own probe, judged by the rule that judges all others.
void DeskHouse::play_drill(const std::string& channel, Verdict verdict) {
    const std::string name = std::string(drill_service) + channel;
    auto outcome = std::make_shared<Outcome>();
    outcome->scenario = name;
    outcome->run_id =
        name + "." + std::to_string(clock_.wall().time_since_epoch().count()) + "." + std::to_string(++drill_runs_);
    outcome->verdict = verdict;
    outcome->started_at = clock_.wall();
    if (verdict == Verdict::fail) {
        outcome->failure_class = "drill";
        outcome->message = "this is a drill of the channel " + channel + ": nothing is wrong";
    }
    auto key = std::make_shared<CellKey>(CellKey{.probe = name, .vantage = parts_.vantage, .target = channel});
    incoming_.emplace_back(
        Record{.key = std::move(key), .scheduled_at = outcome->started_at, .outcome = std::move(outcome)});
    observe_incoming();  // at once: the drill looks for its incident next
}

/// True when a notice of that kind has arrived on the channel; false when it was refused, or `until` has come.
asio::awaitable<bool> DeskHouse::wait_for(std::string channel, NoticeKind kind, Steady until) {
    const auto found = sender_->channels().find(channel);
    const bool provable = found != sender_->channels().end() && found->second->traits().provable;
    while (!stopping_ && clock_.now() < until) {
        const auto& took = drilling_.at(channel).took;
        if (const auto result = took.find(kind); result != took.end()) {
            if (arrived(result->second.first, provable)) co_return true;
            if (result->second.first == Took::refused || result->second.first == Took::broken) co_return false;
        }
        co_await drill_bell_->wait_until(until);
    }
    co_return false;
}

asio::awaitable<DrillRow> DeskHouse::drill_one(std::string channel) {
    DrillRow row{.channel = channel, .at = clock_.wall()};
    const auto found = sender_->channels().find(channel);
    const bool provable = found != sender_->channels().end() && found->second->traits().provable;
    drilling_[channel] = {.channel = channel, .incident_id = {}};
    const Steady begin = clock_.now();
    play_drill(channel, Verdict::fail);
    play_drill(channel, Verdict::fail);
    const std::string incident = drilling_.at(channel).incident_id;
    const bool shown =
        !incident.empty() && co_await wait_for(channel, NoticeKind::opened, deadline_after(begin, patience).at);
    if (shown) row.delivered_after = clock_.now() - begin;
    const Steady middle = clock_.now();
    play_drill(channel, Verdict::pass);
    const bool ended = shown && co_await wait_for(channel, NoticeKind::resolved, deadline_after(middle, patience).at);
    if (ended) row.resolved_after = clock_.now() - middle;
    if (!incident.empty()) {
        if (auto closed = book_->close(incident, "serin", "the drill is over", Usefulness::unknown, clock_.wall()))
            act(*std::move(closed));
    }
    row.good = shown && ended && provable;  // what was only taken proves nothing
    const std::string& said = drilling_.at(channel).said;
    if (incident.empty())
        row.said = "the rule opened no incident: a defect of Serin";
    else if (!shown)
        row.said = "did not arrive: " + (said.empty() ? "no answer" : said);
    else if (!ended)
        row.said = "arrived, but its end did not: " + (said.empty() ? "no answer" : said);
    else
        row.said =
            provable ? "read back" : "taken, but this channel cannot prove that anybody sees it: look whether it came";
    drilling_.erase(channel);
    if (stopping_) {
        row.said = "Serin is stopping: ask again";  // says nothing of the channel
    } else {
        keep(row);
    }
    co_return row;
}

void DeskHouse::keep(const DrillRow& row) {
    drilled_[row.channel] = row;
    if (row.good) drilled_well_at_[row.channel] = row.at;
    AlertBatch batch;
    batch.drills.push_back(row);
    commits_.write(std::move(batch), nullptr);
    log(row.good ? LogLevel::info : LogLevel::error, row.good ? "drill_passed" : "drill_failed",
        "drill of the channel " + row.channel + ": " + row.said, {{"channel", row.channel}});
    if (rules_.drill_every > Duration::zero())
        observe(Heartbeat{.heartbeat = std::string(drill_service) + row.channel,
                          .failed = !row.good,
                          .note = row.said,
                          .at = clock_.wall()});
}

asio::awaitable<std::vector<DrillRow>> DeskHouse::drill(std::string channel) {
    std::vector<DrillRow> rows;
    const std::vector<std::string> names = channel.empty() ? drill_channels() : std::vector<std::string>{channel};
    for (const std::string& name : names) {
        if (stopping_) break;
        if (!sender_->channels().contains(name)) {
            continue;
        } else if (!drilling_.empty()) {
            rows.push_back(
                {.channel = name, .at = clock_.wall(), .said = "another drill is going on: try again in a minute"});
        } else {
            rows.push_back(co_await drill_one(name));
        }
    }
    co_return rows;
}

asio::awaitable<void> DeskHouse::scheduled_drill(std::string channel) {
    static_cast<void>(co_await drill_one(std::move(channel)));
}

void DeskHouse::start_drills() {
    if (rules_.drill_every <= Duration::zero() || !drilling_.empty()) return;
    const Wall now = clock_.wall();
    if (now - started_at_ < std::min(Duration(1min), rules_.drill_every)) return;  // a start is busy enough
    for (const std::string& name : drill_channels()) {
        const auto last = drilled_.find(name);
        if (last != drilled_.end() && now - last->second.at < rules_.drill_every) continue;
        run_errand(scheduled_drill(name));
        return;  // one at a time
    }
}

}  // namespace serin
