// SPDX-License-Identifier: Apache-2.0
// What the daemon does beside probing: reloads, looks after its workers and its store, tells how it is.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "core/drawing.hpp"
#include "core/names.hpp"
#include "runner/schedule/timetable.hpp"
#include "runner/serve/daemon.hpp"
#include "runner/serve/machine.hpp"
#include "runner/version.hpp"

namespace serin {
namespace {

constexpr Duration look_each = std::chrono::seconds(1);
/// Later starts than this make the daemon unready: its measurements would be of itself.
constexpr Duration too_late = std::chrono::seconds(1);

}  // namespace

boost::asio::awaitable<Result<void>> Daemon::reload() {
    note(parts_.manager.reloading(parts_.clock.now()));
    LoadedConfig loaded = load_config(config_.file, read_file, parts_.vantage);
    Result<void> adopted = adopt(std::move(loaded));
    if (adopted) {
        config_fault_.clear();
        config_loaded_at_ = parts_.clock.wall();
        parts_.log.write(LogLevel::info, "config_reloaded", "the new configuration is in force",
                         {{"cells", std::to_string(plans_.size())}});
    } else {
        config_fault_ = adopted.error().title;
        ++config_faults_;
        parts_.log.write(LogLevel::error, "config_refused",
                         "the old configuration runs on: " + adopted.error().title, {});
    }
    note(parts_.manager.ready(fmt::format("probing {} cells", plans_.size())));
    co_return adopted;
}

Result<void> Daemon::adopt(LoadedConfig loaded) {
    if (!loaded.config) return fail(draw(loaded.mistakes, {}), "mend the file and reload; see: serin lint");
    Result<CellPlans> plans = make_plan(*loaded.config, parts_.evaluator, standing_);
    if (!plans) return std::unexpected(plans.error());
    note_what_needs_a_restart(*loaded.config);
    config_ = *std::move(loaded.config);
    plans_ = *std::move(plans);
    discovery_ = Discovery(config_.discovery, config_.discovery_every);
    process_->set_cap(config_.limits.max_in_flight);
    api_.replace_tokens(config_.listen.tokens);
    std::erase_if(latest_, [&](const auto& cell) { return !standing_.states.contains(cell.first); });
    distribute({});
    return {};
}

void Daemon::note_what_needs_a_restart(const Config& next) {
    std::string keys;
    const auto note = [&](bool differs, const char* key) {
        if (differs) keys += (keys.empty() ? "" : ", ") + std::string(key);
    };
    note(next.vantage != config_.vantage, "vantage.name");
    note(next.store.path != config_.store.path, "store.path");
    note(next.listen.address != config_.listen.address || next.listen.port != config_.listen.port, "listen");
    note(next.listen.cert != config_.listen.cert || next.listen.key != config_.listen.key, "listen.cert");
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
        if (discovery_.changed(parts_.clock.now())) {
            parts_.log.write(LogLevel::info, "discovery_changed", "a discovered file has changed", {});
            static_cast<void>(co_await reload());
        }
        // Every worker has just answered: a hung one lets the watchdog bite.
        if (interval && parts_.clock.now() >= watchdog_at) {
            note(parts_.manager.watchdog());
            watchdog_at = deadline_after(parts_.clock.now(), *interval / 3).at;
        }
    }
}

boost::asio::awaitable<void> Daemon::look_after_workers() {
    for (std::size_t i = 0; i < workers_.size(); ++i) lag_[i] = co_await workers_[i]->take_worst_lag();
    second_ = (second_ + 1) % worst_of_second_.size();
    worst_of_second_[second_] = *std::ranges::max_element(lag_);
}

/// A manager that does not listen is its own problem: it will say so, and probing goes on.
void Daemon::note(const Result<void>& told_to_manager) {
    if (!told_to_manager) parts_.log.write(LogLevel::warning, "manager_not_told", told_to_manager.error().title, {});
}

void Daemon::look_after_store() {
    const StoreStatus store = parts_.store.status();
    if (store.writing == store_was_writing_) return;
    store_was_writing_ = store.writing;
    if (store.writing) {
        parts_.log.write(LogLevel::info, "store_recovered", "the store is writing again", {});
    } else {
        parts_.log.write(LogLevel::error, "store_fault", "probing goes on, but nothing is kept: " + store.fault, {});
    }
}

Duration Daemon::worst_lag() const {
    return *std::ranges::max_element(worst_of_second_);
}

std::vector<std::string> Daemon::not_ready() const {
    std::vector<std::string> reasons;
    if (stops_ > 0) reasons.emplace_back("stopping");
    if (const StoreStatus store = parts_.store.status(); !store.writing) reasons.push_back("the store is not writing: " + store.fault);
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
        view.maintenance = view.maintenance || std::ranges::any_of(plan->maintenance, [&](const MaintenanceWindow& window) {
            return covers(window, now);
        });
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
