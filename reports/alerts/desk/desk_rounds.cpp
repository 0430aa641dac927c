// SPDX-License-Identifier: Apache-2.0
// What the desk does as time passes.
#include <algorithm>
#include <boost/asio/awaitable.hpp>
#include <boost/system/system_error.hpp>
#include <utility>

#include "reports/alerts/desk/desk_house.hpp"
#include "reports/alerts/status/status_files.hpp"

namespace serin {

namespace asio = boost::asio;

namespace {

using namespace std::chrono_literals;

constexpr Duration round = 1s;
constexpr Duration round_while_writing = 100ms;
constexpr Duration account_each = 10s, status_each = 60s, sweep_each = 1h;
constexpr Duration kept_for = 24h * 400;
constexpr Duration resolved_for = 15min;  // repeated to an Alertmanager, which may have been away
constexpr Duration stuck_for = 5min;
constexpr Duration silent_for = 10s;
constexpr Duration shown_for = 24h * 7;  // what is closed, on the status page
constexpr Duration step = 5s;            // of the wall clock

std::string_view channel_of(std::string_view service) {
    for (const std::string_view prefix : {drill_service, channel_service}) {
        if (service.starts_with(prefix)) return service.substr(prefix.size());
    }
    return {};
}

}  // namespace

asio::awaitable<void> DeskHouse::look() {
    while (!stopping_) {
        look_at_time();
        Duration pause = commits_.idle() ? round : round_while_writing;
        if (const std::optional<Wall> due = book_->next_due())
            pause = std::clamp(Duration(*due - clock_.wall()), Duration(10ms), pause);
        co_await bell_->wait_until(deadline_after(clock_.now(), pause).at);
    }
}

void DeskHouse::look_at_time() {
    const Steady now = clock_.now();
    const Wall wall = clock_.wall();
    looked_at_.store(now.time_since_epoch().count());
    commits_.look();
    // A stepped clock makes everything look old, or new: silence is judged again when every cell has had its turn.
    if (clock_stepped()) {
        Duration longest = 1min;
        for (const ProbeRules& probe : rules_.policy.probes) longest = std::max(longest, probe.every);
        no_ticks_until_ = deadline_after(now, longest + 1min).at;
        log(LogLevel::warning, "clock_stepped", "the wall clock has stepped: silence is not judged for a while");
    }
    if (now >= no_ticks_until_) digest(policy_->tick(wall));
    act(book_->tick(wall));
    poll_commands();
    if (now >= next_account_) account();
    if (status_changed_ || now >= next_status_) write_status();
    start_drills();
    refresh_channels();
    beat_if_well();
    std::erase_if(resolved_, [&](const auto& each) {
        const std::optional<Wall>& over = each.second.recovered_at ? each.second.recovered_at : each.second.closed_at;
        return !over || wall - *over > resolved_for;
    });
    std::erase_if(
        closed_, [&](const auto& each) { return !each.second.closed_at || wall - *each.second.closed_at > shown_for; });
    if (now < next_sweep_) return;
    next_sweep_ = deadline_after(now, sweep_each).at;
    post(database_thread_.executor(), [this, wall] {
        if (const Result<void> swept = store_->sweep(wall - std::chrono::duration_cast<Wall::duration>(kept_for));
            !swept)
            log_later(LogLevel::warning, "alert_store_not_swept", swept.error().title);
    });
}

bool DeskHouse::clock_stepped() {
    const Duration offset = clock_.wall().time_since_epoch() - clock_.now().time_since_epoch();
    const bool stepped = wall_offset_ && std::chrono::abs(offset - *wall_offset_) > step;
    wall_offset_ = offset;
    return stepped;
}

/// Ledger entries that are still open, and what became of the rest: of the results store. What is only watched is asked
/// of in every sixth round.
void DeskHouse::account() {
    next_account_ = deadline_after(clock_.now(), account_each).at;
    if (!parts_.account || accounting_) return;
    const bool watched_too = ++account_rounds_ % 6 == 0;
    std::vector<Incident> incidents = book_->active();
    std::erase_if(incidents, [&](const Incident& each) {
        const bool asked = each.state == IncidentState::open || watched_too;
        return !asked || each.drill || !channel_of(each.service).empty();
    });
    if (incidents.empty()) return;
    accounting_ = true;
    post(errands_thread_.executor(), [this, incidents = std::move(incidents)] {
        std::vector<std::pair<std::string, Account>> accounts;
        for (const Incident& each : incidents) {
            if (stop_asked_.load()) return;
            if (std::optional<Account> account = parts_.account(each))
                accounts.emplace_back(each.id, *std::move(account));
        }
        post(executor(), [this, accounts = std::move(accounts)] {
            accounting_ = false;
            for (const auto& [id, account] : accounts)
                act(book_->account(id, account.outstanding, account.counts, clock_.wall()));
        });
    });
}

StatusPage DeskHouse::status() const {
    std::vector<Incident> incidents = book_->active();
    for (const auto& [id, incident] : closed_) incidents.push_back(incident);
    return status_page(rules_.status_title, rules_.components, incidents, clock_.wall());
}

void DeskHouse::write_status() {
    status_changed_ = false;
    next_status_ = deadline_after(clock_.now(), status_each).at;
    if (rules_.status_folder.empty()) return;
    post(errands_thread_.executor(), [this, page = status(), folder = rules_.status_folder, url = rules_.status_url] {
        if (stop_asked_.load()) return;
        if (const Result<void> written = write_status_files(folder, page, url); !written)
            log_later(LogLevel::error, "status_page_not_written", written.error().title);
    });
}

/// What must be told again and again: what goes on, and what ended a short while ago. To a channel that pages, only of
/// what it was told.
std::vector<Notice> DeskHouse::going_on(const std::string& channel, bool pages) const {
    std::vector<Notice> notices;
    const auto told_here = [&](const std::string& id) {
        if (!pages) return true;
        const auto found = told_on_.find(id);
        return found != told_on_.end() && found->second.contains(channel);
    };
    for (const Incident& incident : book_->active()) {
        if (incident.state != IncidentState::open || !told_here(incident.id)) continue;
        notices.push_back(
            {.id = incident.id + ".again", .kind = NoticeKind::opened, .incident = incident, .made_at = clock_.wall()});
    }
    for (const auto& [id, incident] : resolved_) {
        if (!told_here(id)) continue;
        notices.push_back(
            {.id = id + ".again", .kind = NoticeKind::resolved, .incident = incident, .made_at = clock_.wall()});
    }
    return notices;
}

void DeskHouse::refresh_channels() {
    for (const auto& [name, channel] : sender_->channels()) {
        if (!channel->traits().needs_refresh) continue;
        Steady& at = refresh_at_[name];
        if (clock_.now() < at) continue;
        at = deadline_after(clock_.now(), channel->refresh_every()).at;
        const bool pages = channel->traits().pages;
        std::vector<Notice> notices = going_on(name, pages);
        if (!notices.empty() || !pages) run_errand(refresh(channel, std::move(notices)));
    }
}

asio::awaitable<void> DeskHouse::refresh(std::shared_ptr<Channel> channel, std::vector<Notice> notices) {
    const SendResult result = co_await channel->refresh(notices, deadline_after(clock_.now(), 30s));
    if (result.took == Took::proven || result.took == Took::accepted) co_return;
    log(LogLevel::warning, "refresh_not_taken", result.said, {{"channel", channel->name()}});
}

asio::awaitable<void> DeskHouse::tell(std::shared_ptr<Channel> channel, Change change) {
    const SendResult result = co_await channel->tell(change, deadline_after(clock_.now(), 15s));
    if (result.took == Took::proven || result.took == Took::accepted) co_return;
    log(LogLevel::warning, "change_not_told", result.said, {{"channel", channel->name()}, {"change", change.id}});
}

void DeskHouse::health(const ProberHealth& health) {
    health_ = health;
    health_at_ = clock_.now();
}

/// Empty when the whole chain works: only then may the outside world hear that it does.
std::string DeskHouse::why_not_well() const {
    if (!health_at_ || clock_.now() - *health_at_ > silent_for) return "the prober does not tell how it is";
    if (!health_.window_closed) return "no window of runs has closed yet";
    if (!commits_.durable()) return "incidents cannot be stored: " + commits_.fault();
    if (sender_->plan().untaken() > 0) return "a page was refused by every channel";
    if (const std::optional<Wall> oldest = sender_->plan().oldest(); oldest && clock_.wall() - *oldest > stuck_for)
        return "the outbox does not move";
    return {};
}

void DeskHouse::beat_if_well() {
    const std::string why = why_not_well();
    for (const ChannelConfig& config : rules_.channels) {
        if (config.kind != ChannelKind::heartbeat) continue;
        Steady& at = beat_at_[config.name];
        if (clock_.now() < at) continue;
        at = deadline_after(clock_.now(), config.every).at;
        const bool enough = health_.due_share >= config.due_share;
        if (!why.empty() || !enough) {
            log(LogLevel::warning, "heartbeat_withheld", enough ? why : "too few of the due runs ran",
                {{"channel", config.name}});
            continue;
        }
        if (const auto channel = sender_->channels().find(config.name); channel != sender_->channels().end())
            run_errand(beat(channel->second));
    }
}

asio::awaitable<void> DeskHouse::beat(std::shared_ptr<Channel> channel) {
    const SendResult result = co_await channel->beat(deadline_after(clock_.now(), 10s));
    if (result.took == Took::proven || result.took == Took::accepted) co_return;
    log(LogLevel::warning, "heartbeat_not_taken", result.said, {{"channel", channel->name()}});
}

DeskFigures DeskHouse::figures() const {
    DeskFigures figures;
    for (const Incident& incident : book_->active()) {
        if (!incident.drill) ++figures.incidents[{name_of(incident.state), name_of(incident.severity)}];
    }
    figures.opened = opened_;
    figures.pages = pages_;
    figures.durable = commits_.durable();
    figures.fault = commits_.fault();
    sender_->fill(figures, clock_.wall());
    for (const auto& [name, row] : drilled_) {
        const auto channel = figures.channels.find(name);
        if (channel == figures.channels.end()) continue;
        channel->second.drilled = true;
        channel->second.last_drill_good = row.good;
        channel->second.drill_delivered_after = row.delivered_after;
        if (const auto well = drilled_well_at_.find(name); well != drilled_well_at_.end())
            channel->second.last_drill_at = well->second;
    }
    figures.heartbeats = heartbeats_;
    return figures;
}

}  // namespace serin
