// SPDX-License-Identifier: Apache-2.0
// Internal to the desk: what lives on its thread.
#pragma once
#include <atomic>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "net/http_client.hpp"
#include "net/loop_thread.hpp"
#include "net/real_clock.hpp"
#include "net/task_group.hpp"
#include "reports/alerts/desk/commits.hpp"
#include "reports/alerts/desk/desk.hpp"
#include "reports/alerts/desk/sender.hpp"

namespace serin {

/// Services that the desk itself speaks for: no user's name holds a colon.
inline constexpr std::string_view drill_service = "serin-drill:";      ///< and a channel's name: a drill of it
inline constexpr std::string_view channel_service = "serin-channel:";  ///< likewise: it has not been proven for long

/// What a drill waits for.
struct DrillWatch {
    std::string channel, incident_id;
    std::map<NoticeKind, std::pair<Took, Wall>> took{};  ///< the best so far of each kind
    std::string said{};
};

class DeskHouse {
public:
    DeskHouse(DeskRules rules, Desk::Parts parts, std::unique_ptr<AlertStore> store, Redactor redactor);
    ~DeskHouse();

    [[nodiscard]] boost::asio::any_io_executor executor() { return thread_.executor(); }
    /// Before anything else; not on the thread, which has nothing to do yet.
    Result<void> take_up(std::vector<ArmedChannel> armed);
    /// On the thread: begins to send and to look.
    void begin();
    boost::asio::awaitable<void> finish(Duration grace);

    // All on the thread.
    void observe(const std::vector<StoreEntry>& entries);
    void observe(const GaugeSample& sample);
    void observe(const Heartbeat& heartbeat);
    void observe(const Change& change);
    void health(const ProberHealth& health);
    void publish_to(std::function<void(const Incident&)> tell) { publish_ = std::move(tell); }
    void on_defect(std::function<void(const std::string&)> tell) { tell_defect_ = std::move(tell); }
    /// Any thread: when the desk last looked at the time.
    [[nodiscard]] Steady looked_at() const { return Steady(Steady::duration(looked_at_.load())); }
    Result<void> replace(DeskRules rules);
    /// `via`: api, or cli for one that came through the database.
    Result<void> command(const AlertCommand& command, const std::string& via, AlertBatch batch = {});
    [[nodiscard]] std::vector<Incident> active() const { return book_->active(); }
    [[nodiscard]] DeskFigures figures() const;
    [[nodiscard]] StatusPage status() const;
    boost::asio::awaitable<std::vector<DrillRow>> drill(std::string channel);
    Result<void> pager_webhook(const std::string& body, const std::string& signature, const std::string& webhook_id);

private:
    /// An Error leaves all as it was.
    Result<void> open_channels(std::vector<ArmedChannel> armed, const std::string& external_url);
    [[nodiscard]] Policy::Options policy_options(Wall now) const;
    [[nodiscard]] BookRules book_rules() const;
    [[nodiscard]] Book::Seams seams();
    void restore(AlertState state);

    void observe_incoming();
    void digest(const std::vector<FaultChange>& changes);
    /// Writes what was decided, and tells it afterwards.
    void act(Transitions transitions, AlertBatch batch = {});
    void route(Notice& notice) const;
    void after(const Transition& transition);
    void noted(const OutboxRow& row, const SendResult& result);

    boost::asio::awaitable<void> guarded(boost::asio::awaitable<void> work, std::string what);
    void run_errand(boost::asio::awaitable<void> errand);
    boost::asio::awaitable<void> watched(boost::asio::awaitable<void> errand);
    boost::asio::awaitable<void> settle_commits(Steady until);
    boost::asio::awaitable<void> look();
    void look_at_time();
    [[nodiscard]] Result<AlertCommand> still_wanted(AlertCommand command) const;
    void write_all_again(const std::string& fault);
    void take_commands(const std::vector<AlertCommand>& commands);
    void poll_commands();
    void account();
    void write_status();
    void start_drills();
    void refresh_channels();
    boost::asio::awaitable<void> refresh(std::shared_ptr<Channel> channel, std::vector<Notice> notices);
    [[nodiscard]] std::vector<Notice> going_on(const std::string& channel, bool pages) const;
    void beat_if_well();
    boost::asio::awaitable<void> beat(std::shared_ptr<Channel> channel);
    boost::asio::awaitable<void> tell(std::shared_ptr<Channel> channel, Change change);
    [[nodiscard]] std::string why_not_well() const;
    [[nodiscard]] bool clock_stepped();

    boost::asio::awaitable<DrillRow> drill_one(std::string channel);
    boost::asio::awaitable<void> scheduled_drill(std::string channel);
    boost::asio::awaitable<bool> wait_for(std::string channel, NoticeKind kind, Steady until);
    void play_drill(const std::string& channel, Verdict verdict);
    void keep(const DrillRow& row);
    [[nodiscard]] std::vector<std::string> paging_channels() const;
    /// Those that are drilled by schedule, or when nobody names one: as configured, or all that page and can prove it.
    [[nodiscard]] std::vector<std::string> drill_channels() const;

    void log(LogLevel level, std::string_view event, const std::string& message, const LogFields& fields = {}) const;
    /// From another thread of ours.
    void log_later(LogLevel level, std::string event, std::string message);

    DeskRules rules_;
    Desk::Parts parts_;
    std::unique_ptr<AlertStore> store_;
    LoopThread database_thread_{"serin-alertdb"};  ///< commits only: nothing may hold up what a page waits for
    LoopThread errands_thread_{"serin-alertio"};   ///< accounts of the results store, status files
    LoopThread thread_{"serin-alerts"};
    RealClock clock_;
    Redactor redactor_;
    Evaluator evaluator_;
    std::unique_ptr<HttpClient> http_;
    std::unique_ptr<Policy> policy_;
    std::unique_ptr<Book> book_;
    Commits commits_;
    std::unique_ptr<Sender> sender_;
    std::vector<Secret> pager_keys_;
    std::set<std::string> pager_seen_;                      ///< webhook ids; bounded
    std::map<std::string, std::set<std::string>> told_on_;  ///< incident → channels that took an opening of it
    std::map<std::string, Incident> resolved_;              ///< of the last minutes: told again to those that forget
    std::map<std::string, Incident> closed_;                ///< of the last week: for the status page
    std::map<std::string, DrillRow> drilled_;               ///< the last of each channel
    std::map<std::string, Wall> drilled_well_at_;
    std::map<std::string, DrillWatch> drilling_;  ///< by channel
    std::map<std::string, Wall> heartbeats_;
    std::map<std::string, Steady> refresh_at_, beat_at_;
    std::vector<StoreEntry> incoming_;  ///< not judged yet
    ProberHealth health_;
    std::optional<Steady> health_at_;
    std::function<void(const Incident&)> publish_;
    std::function<void(const std::string&)> tell_defect_;
    std::string defect_;
    std::atomic<Steady::rep> looked_at_{0};
    std::atomic<bool> stop_asked_{false};    ///< for the other threads
    std::set<std::int64_t> taken_commands_;  ///< whose outcome may not be stored yet
    std::int64_t next_row_id_ = 1, opened_ = 0, pages_ = 0;
    std::uint64_t drill_runs_ = 0, account_rounds_ = 0;
    bool polling_ = false, accounting_ = false, status_changed_ = true, stopping_ = false;
    Wall started_at_{};
    Steady next_account_{}, next_status_{}, next_sweep_{}, no_ticks_until_{};
    std::optional<Duration> wall_offset_;
    std::unique_ptr<Bell> bell_, drill_bell_;
    std::unique_ptr<TaskGroup> sending_, looking_, errands_, ending_;
};

}  // namespace serin
