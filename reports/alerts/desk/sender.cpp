// SPDX-License-Identifier: Apache-2.0
#include "reports/alerts/desk/sender.hpp"

#include <algorithm>
#include <boost/asio/awaitable.hpp>
#include <boost/system/system_error.hpp>
#include <utility>

namespace serin {

namespace asio = boost::asio;

namespace {

constexpr int most_in_flight = 8;  // on one channel
constexpr Duration send_time = std::chrono::seconds(15);
constexpr double delay_bounds[] = {0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 3600};

}  // namespace

Sender::Sender(Parts parts, SendRules rules, std::uint64_t seed)
    : parts_(std::move(parts)),
      plan_(std::move(rules), seed),
      bell_(parts_.clock.make_bell()),
      sending_(parts_.executor) {}

void Sender::replace(Channels channels) {
    channels_ = std::move(channels);
    for (const auto& [name, channel] : channels_) {
        const ChannelTraits traits = channel->traits();
        plan_.know_channel(name, {.provable = traits.provable, .pages = traits.pages});
    }
    std::erase_if(figures_, [&](const auto& each) { return !channels_.contains(each.first); });
    bell_->ring();
}

void Sender::add(std::vector<OutboxRow> rows) {
    if (rows.empty()) return;
    plan_.add(std::move(rows));
    bell_->ring();
}

void Sender::acknowledged(const std::string& incident_id) {
    store(plan_.acknowledged(incident_id, parts_.clock.wall()));
}

asio::awaitable<void> Sender::serve() {
    while (!stopping_) {
        const Wall now = parts_.clock.wall();
        line_up(now);
        start();
        Steady until = Steady::max();
        if (const std::optional<Wall> next = plan_.next_due())
            until = deadline_after(parts_.clock.now(), std::max(Duration::zero(), Duration(*next - now))).at;
        co_await bell_->wait_until(until);
    }
    // What is due already is tried once more; nothing that waits for its time.
    line_up(parts_.clock.wall());
    start();
    while (sending_.running() > 0 && parts_.clock.now() < stop_at_) {
        co_await bell_->wait_until(stop_at_);
        line_up(parts_.clock.wall());
        start();
    }
    sending_.cancel();
    co_await sending_.join();
}

void Sender::stop(Steady until) {
    stopping_ = true;
    stop_at_ = until;
    bell_->ring();
}

/// Pages overtake what is no page; of one incident and channel there is never more than one here.
void Sender::line_up(Wall now) {
    for (OutboxRow& row : plan_.due(now)) {
        std::deque<OutboxRow>& waiting = lanes_[row.channel].waiting;
        const auto place = std::ranges::find_if(
            waiting, [&](const OutboxRow& other) { return row.notice.page && !other.notice.page; });
        waiting.insert(place, std::move(row));
    }
}

void Sender::start() {
    for (auto& [name, lane] : lanes_) {
        while (!lane.waiting.empty() && lane.in_flight < most_in_flight) {
            OutboxRow row = std::move(lane.waiting.front());
            lane.waiting.pop_front();
            if (std::vector<OutboxRow> changed = plan_.withdraw(row.id, parts_.clock.wall()); !changed.empty()) {
                store(std::move(changed));
                continue;
            }
            ++lane.in_flight;
            sending_.spawn(send(std::move(row)));
        }
    }
}

void Sender::store(std::vector<OutboxRow> rows) {
    if (rows.empty()) return;
    AlertBatch batch;
    batch.rows = std::move(rows);
    parts_.commits.write(std::move(batch), nullptr);
}

asio::awaitable<void> Sender::send(OutboxRow row) {
    SendResult result;
    const auto found = channels_.find(row.channel);
    const std::shared_ptr<Channel> channel = found == channels_.end() ? nullptr : found->second;
    if (channel == nullptr) {
        result = {
            .took = Took::refused, .said = "there is no such channel any more", .retry_after = {}, .reference = {}};
    } else {
        try {
            // A little more than the channel gives itself, so that it can say what went wrong.
            const Duration time = std::max(send_time, channel->timeout() + std::chrono::seconds(1));
            const Deadline deadline = deadline_after(parts_.clock.now(), time);
            if (row.state == OutboxRow::State::accepted) {
                result = co_await channel->read_back(row.notice, deadline);
            } else {
                result = co_await channel->send(row.notice, deadline);
            }
        } catch (const boost::system::system_error& error) {
            if (error.code() == boost::system::errc::operation_canceled) throw;
            result.said = std::string("a defect of Serin: ") + error.what();
        } catch (const std::exception& error) {
            result.said = std::string("a defect of Serin: ") + error.what();
        }
    }
    --lanes_[row.channel].in_flight;
    settle(row, result);
    bell_->ring();
}

void Sender::settle(const OutboxRow& row, const SendResult& result) {
    count(row, result);
    store(plan_.settle(row.id, result, parts_.clock.wall()));
    if (parts_.on_result) parts_.on_result(row, result);
    if (parts_.log == nullptr || result.took == Took::proven || result.took == Took::accepted) return;
    parts_.log->write(result.took == Took::retry ? LogLevel::warning : LogLevel::error, "notice_not_taken", result.said,
                      {{"channel", row.channel},
                       {"result", name_of(result.took)},
                       {"incident", row.notice.incident.id},
                       {"notice", row.notice.id},
                       {"attempt", std::to_string(row.attempts + 1)}});
}

void Sender::count(const OutboxRow& row, const SendResult& result) {
    DeskFigures::ChannelFigures& figures = figures_[row.channel];
    const bool reading_back = row.state == OutboxRow::State::accepted;
    if (!reading_back || result.took != Took::accepted) ++figures.took[name_of(result.took)];
    if (result.took == Took::proven) figures.last_proven_at = parts_.clock.wall();
    if (reading_back || (result.took != Took::proven && result.took != Took::accepted)) return;
    const double delay = std::max(0.0, std::chrono::duration<double>(parts_.clock.wall() - row.notice.made_at).count());
    if (figures.delay_buckets.empty()) {
        for (const double bound : delay_bounds) figures.delay_buckets.emplace_back(bound, 0);
    }
    for (auto& [bound, n] : figures.delay_buckets) n += delay <= bound ? 1 : 0;
    figures.delay_sum += delay;
    ++figures.delay_count;
}

void Sender::fill(DeskFigures& figures, Wall now) const {
    figures.outbox_pending = plan_.pending();
    figures.pages_untaken = plan_.untaken();
    if (const std::optional<Wall> oldest = plan_.oldest())
        figures.outbox_oldest = std::max(Duration::zero(), Duration(now - *oldest));
    const auto health = plan_.health();
    for (const auto& [name, channel] : channels_) {
        DeskFigures::ChannelFigures one;
        if (const auto counted = figures_.find(name); counted != figures_.end()) one = counted->second;
        if (const auto seen = health.find(name); seen != health.end()) {
            one.broken = seen->second.broken;
            one.circuit_open = seen->second.circuit_open;
        }
        figures.channels[name] = std::move(one);
    }
}

}  // namespace serin
