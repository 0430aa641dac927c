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
#include "reports/store/store.hpp"

namespace serin {

/// Everything of `alerts:` in serin.yaml, secrets read.
struct DeskRules {
    Policy::Options policy{};
    BookRules book{};
    SendRules sending{};
    std::vector<ChannelConfig> channels{};
    Duration drill_every{};                     ///< zero: only when asked
    std::vector<std::string> drill_channels{};  ///< empty: all that page and can prove it
    std::string status_folder{}, status_title{}, status_url{};
    std::vector<Component> components{};
    std::string external_url{};  ///< of our API, for links; empty: none
    /// Is telling of this cell and failure class suppressed at that time? Called on the desk's thread; may be null.
    std::function<bool(const CellKey&, const std::string&, Wall)> in_maintenance{};
};

/// What the desk needs to know of the prober for its own dead man's switch.
struct ProberHealth {
    double due_share = 1;  ///< of the runs that were due in the last window, those that ran
    bool window_closed = false;
};

/// What became of the messages of an incident's cells and time.
struct Account {
    std::int64_t outstanding = 0;  ///< not settled yet
    DeliveryCounts counts{};
};

class Desk {
public:
    struct Parts {
        std::string database;  ///< path of the alert database
        std::string folder;    ///< of serin.yaml: secrets' files are relative to it
        std::string vantage;
        Log* log = nullptr;
        /// Of the results store: messages of an incident's cells and time; nullopt when it cannot be asked. Called on a
        /// thread of the desk's; may be null.
        std::function<std::optional<Account>(const Incident&)> account{};
        std::vector<Change> changes{};  ///< of the last week
        std::vector<Record> history{};  ///< runs of the last hours, oldest first: the policy starts with them
    };
    /// Reads secrets, opens the database, takes up what was open. An Error when a secret cannot be read or nothing can
    /// be kept at that path.
    static Result<std::unique_ptr<Desk>> open(DeskRules rules, Parts parts);
    ~Desk();

    // One thread (the control loop's); none of these waits. Runs that passed may be held back until the next health().
    void observe(const std::vector<StoreEntry>& entries);  ///< runs and gaps; the rest is passed over
    void observe(const GaugeSample& sample);
    void observe(const Heartbeat& heartbeat);
    void observe(const Change& change);
    /// `tell` is called on the desk's thread with each incident that changes; drills are left out.
    void publish_to(std::function<void(const Incident&)> tell);
    /// `tell` is called on the desk's thread when a defect of ours has ended alerting.
    void on_defect(std::function<void(const std::string&)> tell);
    /// When it last looked at the time, as it does each second: any thread.
    [[nodiscard]] Steady looked_at() const;
    /// Once a second: without it the dead man's switch is held.
    void health(const ProberHealth& health);

    // Awaited from another loop (control).
    boost::asio::awaitable<Result<void>> replace(DeskRules rules);
    boost::asio::awaitable<Result<void>> command(AlertCommand command);
    boost::asio::awaitable<std::vector<Incident>> active();
    boost::asio::awaitable<DeskFigures> figures();
    boost::asio::awaitable<StatusPage> status();
    /// Sends a drill through rule, outbox and channel, reads it back, resolves it, reads that back. No rows: there is
    /// no such channel.
    boost::asio::awaitable<std::vector<DrillRow>> drill(std::string channel);
    /// A webhook of PagerDuty. An Error: nobody of ours signed it.
    boost::asio::awaitable<Result<void>> pager_webhook(std::string body, std::string signature, std::string webhook_id);

    /// Sends what is due at once, for at most `grace`, and ends. What is left is in the database, and goes out after
    /// the next start.
    boost::asio::awaitable<void> stop(Duration grace);

private:
    struct Impl;
    explicit Desk(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace serin
