// SPDX-License-Identifier: Apache-2.0
// The alert desk: policy, book, outbox and channels on a thread of their own, so that probing never waits for telling.
// What it decides it writes in one transaction, and tells afterwards; when the disk does not take it within two
// seconds it tells all the same.
#pragma once
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/log.hpp"
#include "core/record.hpp"
#include "core/result.hpp"
#include "reports/alerts/channels/channel.hpp"
#include "reports/alerts/desk/figures.hpp"
#include "reports/alerts/incidents/book.hpp"
#include "reports/alerts/outbox/alert_store.hpp"
#include "reports/alerts/outbox/send_plan.hpp"
#include "reports/alerts/policy/policy.hpp"
#include "reports/alerts/status/status_page.hpp"

namespace serin {

/// Everything of `alerts:` in serin.yaml, secrets read.
struct DeskRules {
    Policy::Options policy{};
    BookRules book{};
    SendRules sending{};
    std::vector<ChannelConfig> channels{};
    Duration drill_every{};                     ///< zero: only when asked
    std::vector<std::string> drill_channels{};  ///< empty: all that page
    std::string status_folder{}, status_title{}, status_url{};
    std::vector<Component> components{};
};

/// What the desk needs to know of the prober for its own dead man's switch.
struct ProberHealth {
    double due_share = 1;  ///< of the runs that were due in the last window, those that ran
    bool window_closed = false;
};

class Desk {
public:
    struct Parts {
        std::string database;  ///< path of the alert database
        std::string folder;    ///< of serin.yaml: secrets' files are relative to it
        std::string vantage;
        std::string external_url;
        Log* log = nullptr;
        /// Any thread.
        std::function<bool(const CellKey&, const std::string&, Wall)> in_maintenance;
        /// Of the results store: entries not settled and reconciled counts of an incident's cells and time. Called on
        /// the desk's database thread; may be null.
        std::function<std::pair<std::int64_t, DeliveryCounts>(const Incident&)> account;
        /// Tells the API's stream. Called on the desk's thread; may be null.
        std::function<void(const Incident&)> publish;
        std::vector<Change> changes;  ///< of the last week
        std::vector<Record> history;  ///< runs of the last hours, oldest first: the policy starts with them
    };
    /// Reads secrets, opens the database, takes up what was open. An Error when a secret cannot be read or nothing can
    /// be kept at that path.
    static Result<std::unique_ptr<Desk>> open(DeskRules rules, Parts parts);
    ~Desk();

    // Any thread; none of them waits.
    void observe(const Record& record);
    void observe(const Gap& gap);
    void observe(const GaugeSample& sample);
    void observe(const Heartbeat& heartbeat);
    void observe(const Change& change);
    void health(const ProberHealth& health);

    // Awaited from another loop (control).
    boost::asio::awaitable<Result<void>> replace(DeskRules rules);
    boost::asio::awaitable<Result<void>> command(AlertCommand command);
    boost::asio::awaitable<std::vector<Incident>> active();
    boost::asio::awaitable<DeskFigures> figures();
    boost::asio::awaitable<StatusPage> status();
    /// Sends a drill through rule, outbox and channel, reads it back, resolves it, reads that back.
    boost::asio::awaitable<std::vector<DrillRow>> drill(std::string channel);
    /// A webhook of PagerDuty. An Error: nobody of ours signed it.
    boost::asio::awaitable<Result<void>> pager_webhook(std::string body, std::string signature, std::string webhook_id);
    [[nodiscard]] bool knows_heartbeat(const std::string& name) const;
    [[nodiscard]] bool knows_gauge(const std::string& name) const;

    /// Sends what is due at once, for at most `grace`, and ends the threads. What is left is in the database.
    void stop(Duration grace);

private:
    struct Impl;
    explicit Desk(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace serin
