// SPDX-License-Identifier: Apache-2.0
// What the daemon does beside probing: reloads, looks after its workers and its store, tells how it is.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "core/drawing.hpp"
#include "core/names.hpp"
#include "runner/schedule/timetable.hpp"
#include "runner/serve/daemon.hpp"
#include "runner/serve/desk_parts.hpp"
#include "runner/serve/machine.hpp"
#include "runner/version.hpp"

namespace serin {
namespace {

constexpr Duration look_each = std::chrono::seconds(1);
/// Later starts than this make the daemon unready: its measurements would be of itself.
constexpr Duration too_late = std::chrono::seconds(1);
/// A round of looking after the workers takes a second; one that takes longer than this hangs in one of them.
constexpr Duration too_silent = std::chrono::seconds(5);
/// The desk looks at the time each second.
constexpr Duration too_silent_desk = std::chrono::seconds(10);

}  // namespace

boost::asio::awaitable<Result<void>> Daemon::reload() {
    note(parts_.manager.reloading(parts_.clock.now()));
    const Wall read_at = parts_.clock.wall();
    LoadedConfig loaded = load_config(config_.file, read_file, parts_.vantage);
    Result<void> adopted = co_await adopt(std::move(loaded), read_at);
    if (adopted) {
        config_fault_.clear();
        config_loaded_at_ = parts_.clock.wall();
        parts_.log.write(LogLevel::info, "config_reloaded", "the new configuration is in force",
                         {{"cells", std::to_string(plans_.size())}});
    } else {
        const auto& [title, remedy, own_fault] = adopted.error();
        config_fault_ = remedy.empty() ? title : title + " (" + remedy + ")";
        ++config_faults_;
        parts_.log.write(LogLevel::error, "config_refused", "the old configuration runs on: " + config_fault_, {});
    }
    note(parts_.manager.ready(fmt::format("probing {} cells", plans_.size())));
    co_return adopted;
}

/// What a running process cannot take back: the name that its results carry, and an address that others reach.
Result<void> Daemon::check_unchangeable(const Config& next) const {
    if (next.vantage != config_.vantage)
        return fail("`vantage` was `" + config_.vantage + "` and is `" + next.vantage + "` in the new file",
                    "a process keeps its name: restart it");
    if (next.listen.tokens.empty() && !is_loopback(config_.listen.address))
        return fail("the new file has no token, but the API listens on " + config_.listen.address + " until a restart",
                    "keep a token under `listen.tokens`, or restart with another address");
    return {};
}

boost::asio::awaitable<Result<void>> Daemon::adopt(LoadedConfig loaded, Wall read_at) {
    if (!loaded.config) co_return fail(draw(loaded.mistakes, {}), "mend the file and reload; see: serin lint");
    if (Result<void> possible = check_unchangeable(*loaded.config); !possible) co_return possible;
    Standing standing = standing_;
    Result<CellPlans> plans = make_plan(*loaded.config, parts_.evaluator, standing);
    if (!plans) co_return std::unexpected(plans.error());
    // The last that can refuse: afterwards the new configuration is in force.
    Result<void> told = co_await parts_.desk.replace(desk_rules_of(*loaded.config, *plans));
    if (!told) co_return told;
    for (const Mistake& warning : loaded.mistakes)
        parts_.log.write(LogLevel::warning, "config_warning", warning.title, {{"place", warning.place.text()}});
    for (const std::string& warning : warnings_of(*plans))
        parts_.log.write(LogLevel::warning, "config_warning", warning, {});
    note_what_needs_a_restart(*loaded.config);
    // Later checks are about the address that is bound, whatever a file says.
    loaded.config->listen.address = config_.listen.address;
    loaded.config->listen.port = config_.listen.port;
    standing_ = std::move(standing);
    config_ = *std::move(loaded.config);
    plans_ = *std::move(plans);
    discovery_ = Discovery(config_.discovery, config_.discovery_every, read_at);
    process_->set_cap(config_.limits.max_in_flight);
    api_.replace_tokens(config_.listen.tokens);
    desk_control_.know(config_);
    std::erase_if(latest_, [&](const auto& cell) { return !standing_.states.contains(cell.first); });
    distribute({});
    co_return Result<void>();
}

void Daemon::note_what_needs_a_restart(const Config& next) {
    std::string keys;
    const auto note = [&](bool differs, const char* key) {
        if (differs) keys += (keys.empty() ? "" : ", ") + std::string(key);
    };
    note(next.labels != config_.labels, "the vantage's labels");
    note(next.store.path != config_.store.path, "store.path");
    note(next.store.retention.passes != config_.store.retention.passes ||
             next.store.retention.failures != config_.store.retention.failures ||
             next.store.retention.deliveries != config_.store.retention.deliveries ||
             next.store.retention.rollups != config_.store.retention.rollups,
         "store.keep");
    note(next.store.retention.max_bytes != config_.store.retention.max_bytes, "store.max_size");
    note(next.limits.max_series != config_.limits.max_series, "limits.max_series");
    note(next.log.json != config_.log.json || next.log.level != config_.log.level, "log");
    note(next.alerts.path != config_.alerts.path, "alerts.store");
    note(next.listen.address != config_.listen.address || next.listen.port != config_.listen.port, "listen");
    note(next.listen.cert != config_.listen.cert || next.listen.key != config_.listen.key ||
             next.listen.client_ca != config_.listen.client_ca,
         "listen.cert, key or client_ca");
    note(next.limits.workers != config_.limits.workers, "limits.workers");
    if (keys.empty()) return;
    parts_.log.write(LogLevel::warning, "restart_needed", "changed, but in force only after a restart: " + keys, {});
}

boost::asio::awaitable<void> Daemon::keep_house() {
    Steady next = parts_.clock.now();
    Steady watchdog_at = next;
    const std::optional<Duration> interval = watchdog_interval();
    while (true) {
        next = deadline_after(std::max(next, parts_.clock.now() - look_each), look_each).at;
        co_await sleep_until(parts_.clock, next);
        co_await look_after_workers();
        look_after_store();
        const Steady now = parts_.clock.now();
        parts_.desk.health({.due_share = due_runs_.share(now), .window_closed = due_runs_.window_closed(now)});
        if (discovery_.changed(parts_.clock.now())) {
            parts_.log.write(LogLevel::info, "discovery_changed", "a discovered file has changed", {});
            static_cast<void>(co_await reload());
        }
        // Every worker has just answered: a hung one, or a hung desk, lets the watchdog bite.
        const bool desk_hangs = desk_silence() > too_silent_desk;
        if (interval && !desk_hangs && parts_.clock.now() >= watchdog_at) {
            note(parts_.manager.watchdog());
            watchdog_at = deadline_after(parts_.clock.now(), *interval / 3).at;
        }
    }
}

boost::asio::awaitable<void> Daemon::look_after_workers() {
    for (std::size_t i = 0; i < workers_.size(); ++i) lag_[i] = co_await workers_[i]->take_worst_lag();
    last_round_ = parts_.clock.now();
    second_ = (second_ + 1) % worst_of_second_.size();
    worst_of_second_[second_] = *std::ranges::max_element(lag_);
}

/// A manager that does not listen is its own problem: it will say so, and probing goes on.
void Daemon::note(const Result<void>& told_to_manager) {
    if (!told_to_manager) parts_.log.write(LogLevel::warning, "manager_not_told", told_to_manager.error().title, {});
}

/// Beside what the store says of a commit that failed: of one that hangs it cannot say anything.
void Daemon::look_after_store() {
    const StoreStatus store = parts_.store.status();
    if (store.writing == store_was_writing_) return;
    store_was_writing_ = store.writing;
    if (store.writing) {
        parts_.log.write(LogLevel::info, "store_writing", "the store is writing again", {});
    } else {
        parts_.log.write(LogLevel::error, "store_not_writing", "probing goes on, the store waits: " + store.fault, {});
    }
}

Duration Daemon::worst_lag() const {
    return *std::ranges::max_element(worst_of_second_);
}

/// Since the desk last looked at the time; or since the start, when it has not yet.
Duration Daemon::desk_silence() const {
    return parts_.clock.now() - std::max(parts_.desk.looked_at(), began_at_);
}

std::vector<std::string> Daemon::not_ready() const {
    std::vector<std::string> reasons;
    if (stops_ > 0) reasons.emplace_back("stopping");
    if (const StoreStatus store = parts_.store.status(); !store.writing)
        reasons.push_back("the store is not writing: " + store.fault);
    if (const Duration silence = parts_.clock.now() - last_round_; silence > too_silent)
        reasons.push_back("a worker has not answered for " + human_duration(silence));
    if (const Duration silence = desk_silence(); silence > too_silent_desk)
        reasons.push_back("alerting has not answered for " + human_duration(silence));
    if (const Duration lag = worst_lag(); lag > too_late)
        reasons.push_back("the scheduler lags: a worker woke " + human_duration(lag) + " late in the last minute");
    return reasons;
}

DaemonStatus Daemon::status() const {
    DaemonStatus status;
    status.vantage = config_.vantage;
    status.version = version_number();
    status.started_at = started_at_;
    status.not_ready = not_ready();
    status.ready = status.not_ready.empty();
    status.stopping = stops_ > 0;
    status.probes = config_.probes.size();
    status.cells = plans_.size();
    status.in_flight = static_cast<std::size_t>(process_->count());
    status.worst_lateness = worst_lag();
    status.store = parts_.store.status();
    status.config_ok = config_fault_.empty();
    status.config_fault = config_fault_;
    status.config_loaded_at = config_loaded_at_;
    return status;
}

SelfMetrics Daemon::self_metrics() const {
    const StoreStatus store = parts_.store.status();
    const ProcessFacts process = process_facts();
    SelfMetrics self;
    self.store_writing = store.writing;
    self.store_queued = store.queued;
    self.store_dropped = store.dropped;
    self.store_committed = store.committed;
    self.store_faults = store.faults;
    self.store_bytes = store.bytes;
    self.store_last_commit = store.last_commit_took;
    self.loop_lag = lag_;
    self.in_flight = process_->count();
    self.config_ok = config_fault_.empty();
    self.config_loaded_at = config_loaded_at_;
    self.config_faults = config_faults_;
    self.resident_bytes = process.resident_bytes;
    self.open_fds = process.open_fds;
    self.max_fds = process.max_fds;
    self.cpu_seconds = process.cpu_seconds;
    self.started_at = started_at_;
    return self;
}

std::vector<ProbeView> Daemon::probes() const {
    std::vector<ProbeView> views;
    std::map<std::string_view, std::size_t> at;
    const Wall now = parts_.clock.wall();
    for (const ProbeConfig& probe : config_.probes) {
        ProbeView view{.name = probe.name, .scenario = probe.scenario->name, .about = probe.scenario->about};
        view.owner = probe.owner.empty() ? probe.scenario->owner : probe.owner;
        view.runbook = probe.runbook.empty() ? probe.scenario->runbook : probe.runbook;
        view.every = probe.every;
        view.timeout = probe.timeout.value_or(probe.scenario->timeout);
        view.labels = probe.labels;
        at.emplace(probe.name, views.size());
        views.push_back(std::move(view));
    }
    for (const std::shared_ptr<const CellPlan>& plan : plans_) {
        ProbeView& view = views[at.at(plan->key->probe)];
        ProbeView::CellView cell{.key = *plan->key};
        cell.next_at = slot_at_or_after(now, plan->every, phase_of(*plan->key, plan->every));
        cell.in_flight = plan->state->in_flight.load(std::memory_order_relaxed);
        if (const auto latest = latest_.find(*plan->key); latest != latest_.end()) {
            cell.verdict = latest->second.verdict;
            cell.failure_class = latest->second.failure_class;
            cell.last_run_at = latest->second.at;
        }
        view.maintenance = view.maintenance ||
                           std::ranges::any_of(plan->maintenance,
                                               [&](const MaintenanceWindow& window) { return covers(window, now); });
        view.cells.push_back(std::move(cell));
    }
    return views;
}

boost::asio::awaitable<Result<int>> Daemon::run_now(std::string probe, std::string target) {
    std::vector<std::string> known;
    std::size_t chosen = 0;
    for (const std::shared_ptr<const CellPlan>& plan : plans_) {
        if (std::ranges::find(known, plan->key->probe) == known.end()) known.push_back(plan->key->probe);
        if (plan->key->probe == probe && (target.empty() || plan->key->target == target)) ++chosen;
    }
    if (std::ranges::find(known, probe) == known.end())
        co_return fail("there is no probe `" + probe + "` here", did_you_mean(probe, known, "probes"));
    if (chosen == 0)
        co_return fail("probe `" + probe + "` has no cell on target `" + target + "`", "see GET /api/v1/probes");
    int started = 0;
    for (const auto& worker : workers_) started += co_await worker->start_now(probe, target);
    if (started == 0)
        co_return fail("no run was started: a cap on runs in flight is reached, or the daemon is stopping",
                       "try again when the runs in flight have ended");
    co_return started;
}

}  // namespace serin
