// SPDX-License-Identifier: Apache-2.0
// Sends what the plan says is due, and writes down what came of it.
#pragma once
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/log.hpp"
#include "net/task_group.hpp"
#include "reports/alerts/channels/channel.hpp"
#include "reports/alerts/desk/commits.hpp"
#include "reports/alerts/desk/figures.hpp"
#include "reports/alerts/outbox/send_plan.hpp"

namespace serin {

using Channels = std::map<std::string, std::shared_ptr<Channel>>;

/// One thread, the executor's.
class Sender {
public:
    struct Parts {
        boost::asio::any_io_executor executor;
        Clock& clock;
        Log* log = nullptr;
        Commits& commits;
        /// Told of each attempt; may be null.
        std::function<void(const OutboxRow&, const SendResult&)> on_result;
    };
    Sender(Parts parts, SendRules rules, std::uint64_t seed);

    /// What is on its way ends on the channel that it began with.
    void replace(Channels channels);
    [[nodiscard]] const Channels& channels() const { return channels_; }
    void replace_rules(SendRules rules) { plan_.replace_rules(std::move(rules)); }
    /// Rows that are stored (or could not be).
    void add(std::vector<OutboxRow> rows);
    void acknowledged(const std::string& incident_id);
    /// Until stop().
    boost::asio::awaitable<void> serve();
    /// serve() returns when what is under way has ended, at the latest at `until`.
    void stop(Steady until);
    void restore_told(const std::string& incident_id, const std::string& channel) {
        plan_.restore_told(incident_id, channel);
    }
    [[nodiscard]] const SendPlan& plan() const { return plan_; }
    void fill(DeskFigures& figures, Wall now) const;

private:
    struct Lane {
        std::deque<OutboxRow> waiting;
        int in_flight = 0;
    };
    void line_up(Wall now);
    void start();
    void store(std::vector<OutboxRow> rows);
    boost::asio::awaitable<void> send(OutboxRow row);
    void settle(const OutboxRow& row, const SendResult& result);
    void count(const OutboxRow& row, const SendResult& result);

    Parts parts_;
    SendPlan plan_;
    Channels channels_;
    std::map<std::string, Lane> lanes_;
    std::map<std::string, DeskFigures::ChannelFigures> figures_;
    std::unique_ptr<Bell> bell_;
    TaskGroup sending_;
    bool stopping_ = false;
    Steady stop_at_{};
};

}  // namespace serin
