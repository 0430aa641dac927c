// SPDX-License-Identifier: Apache-2.0
#include "runner/serve/daemon.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/system/system_error.hpp>
#include <thread>
#include <utility>

#include "core/drawing.hpp"
#include "runner/version.hpp"

namespace serin {
namespace {

/// At a stop, for notices that are due; the others go out after the next start.
constexpr Duration time_to_tell = std::chrono::seconds(5);

int worker_count(const LimitsConfig& limits) {
    return limits.workers > 0 ? limits.workers : std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
}

Metrics::Options metrics_options(const Config& config) {
    return {.vantage = config.vantage,
            .labels = config.labels,
            .version = version_number(),
            .max_series = static_cast<std::size_t>(config.limits.max_series)};
}

/// Always the same worker for a cell, so that a reload moves none.
std::size_t share_of(const CellKey& key, std::size_t workers) {
    return std::hash<std::string>{}(key.text()) % workers;
}

bool passed(const StoreEntry& entry) {
    const auto* record = std::get_if<Record>(&entry);
    return record == nullptr || record->outcome->verdict == Verdict::pass;
}

}  // namespace

Daemon::Daemon(Parts parts, Config config, CellPlans plans, Standing standing)
    : parts_(std::move(parts)),
      config_(std::move(config)),
      plans_(std::move(plans)),
      standing_(std::move(standing)),
      discovery_(config_.discovery, config_.discovery_every, parts_.clock.wall() - std::chrono::minutes(1)),
      started_at_(parts_.clock.wall()),
      config_loaded_at_(parts_.clock.wall()),
      began_at_(parts_.clock.now()),
      metrics_(metrics_options(config_)),
      process_(std::make_shared<InFlight>(config_.limits.max_in_flight)),
      due_runs_(parts_.clock.now()),
      desk_control_(parts_.desk, config_),
      api_({.control = *this,
            .reader = parts_.reader,
            .reader_executor = reader_thread_.executor(),
            .clock = parts_.clock,
            .tokens = config_.listen.tokens,
            .log = &parts_.log,
            .alerts = &desk_control_,
            .alert_reader = &parts_.alert_reader,
            .external_url = config_.alerts.external_url}),
      stop_bell_(parts_.clock.make_bell()),
      house_(parts_.executor),
      playing_(parts_.executor),
      grace_(parts_.executor) {
    const int count = worker_count(config_.limits);
    for (int number = 1; number <= count; ++number) {
        const auto deliver = [this](std::vector<StoreEntry> entries) {
            // On the worker's thread. First whoever tells people: a disk that hangs must not keep it from them. Then,
            // before the worker does anything else, what did not pass is in the journal.
            post(parts_.executor, [this, told = entries] { take(told); });
            if (std::ranges::all_of(entries, passed)) {
                parts_.store.append(std::move(entries));
            } else {
                parts_.store.append_durably(std::move(entries));
            }
        };
        workers_.push_back(std::make_unique<ServeWorker>(
            ServeWorker::Parts{.number = number, .store = parts_.store, .process = process_, .deliver = deliver}));
    }
    lag_.resize(workers_.size());
    // The desk outlives the daemon: on its thread only the loop is touched, which outlives both.
    parts_.desk.publish_to([this, loop = parts_.executor](const Incident& incident) {
        post(loop, [this, incident] { api_.publish(incident); });
    });
    parts_.desk.on_defect([this, loop = parts_.executor](const std::string& what) {
        post(loop, [this, what] {
            defect_ = what;
            if (stops_ == 0) stop();
        });
    });
}

Daemon::~Daemon() = default;

Result<void> Daemon::listen() {
    HttpServer::Options options;
    options.address = config_.listen.address;
    options.port = config_.listen.port;
    if (!config_.listen.cert.empty()) {
        options.tls = ServerTls{
            .certificate = config_.listen.cert, .key = config_.listen.key, .client_ca = config_.listen.client_ca};
    }
    // Dashboards and scrapers come far below this; who comes above it gets 429, and probing does not notice.
    options.limits.max_connections = 256;
    options.limits.max_connections_per_address = 128;
    options.limits.requests_per_second = 100;
    options.limits.request_burst = 200;
    options.handler = [this](ServerRequest request) { return api_.handle(std::move(request)); };
    auto server = HttpServer::listen(parts_.executor, std::move(options));
    if (!server) return std::unexpected(server.error());
    server_ = *std::move(server);
    const char* scheme = config_.listen.cert.empty() ? "http" : "https";
    parts_.log.write(LogLevel::info, "listening",
                     fmt::format("listening on {}://{}:{}", scheme, config_.listen.address, server_->port()),
                     {{"port", std::to_string(server_->port())}});
    return {};
}

boost::asio::awaitable<void> Daemon::serve() {
    std::map<CellKey, Wall> last;
    for (auto& [key, slot] : parts_.store.last_scheduled()) last.emplace(key, slot);
    distribute(last);
    last_round_ = parts_.clock.now();
    for (const auto& worker : workers_) playing_.spawn(guarded(worker->serve(), "a worker"));
    house_.spawn(guarded(server_->serve(), "the HTTP server"));
    house_.spawn(guarded(keep_house(), "housekeeping"));
    parts_.log.write(LogLevel::info, "started", "probing",
                     {{"cells", std::to_string(plans_.size())}, {"workers", std::to_string(workers_.size())}});
    note(parts_.manager.ready(fmt::format("probing {} cells", plans_.size())));
    while (stops_ == 0) co_await stop_bell_->wait_until(Steady::max());

    note(parts_.manager.stopping());
    parts_.log.write(LogLevel::info, "stopping", "no further run starts; those in flight go on to their end", {});
    for (const auto& worker : workers_) worker->stop();
    grace_.spawn(interrupt_in_time());
    co_await playing_.join();
    grace_.cancel();
    co_await grace_.join();
    co_await parts_.desk.stop(time_to_tell);
    parts_.reader.interrupt();
    api_.stop();
    server_->stop();
    house_.cancel();
    co_await house_.join();
    parts_.store.close();
    parts_.log.write(LogLevel::info, "stopped", "every run has ended and is stored", {});
}

/// A part that ends by a defect of ours must not leave the rest looking healthy: the supervisor starts all anew.
boost::asio::awaitable<void> Daemon::guarded(boost::asio::awaitable<void> work, std::string what) {
    try {
        co_await std::move(work);
        co_return;
    } catch (const boost::system::system_error& error) {
        if (error.code() == boost::system::errc::operation_canceled) throw;
        defect_ = what + ": " + error.what();
    } catch (const std::exception& error) {
        defect_ = what + ": " + error.what();
    }
    parts_.log.write(LogLevel::error, "defect", "ended by a defect of Serin, please report it: " + defect_, {});
    if (stops_ == 0) stop();
}

void Daemon::stop() {
    ++stops_;
    stop_bell_->ring();
    if (stops_ < 2) return;
    for (const auto& worker : workers_) worker->interrupt();
}

void Daemon::reload_soon() {
    house_.spawn([](Daemon& daemon) -> boost::asio::awaitable<void> {
        // What is wrong with the file is in the log, in status() and in a metric.
        static_cast<void>(co_await daemon.reload());
    }(*this));
}

/// The grace leaves time for cleanup steps: the runs are interrupted when a third of it is left, their cleanup at its
/// end.
boost::asio::awaitable<void> Daemon::interrupt_in_time() {
    const Steady begin = parts_.clock.now();
    const Duration grace = config_.limits.stop_grace;
    co_await sleep_until(parts_.clock, deadline_after(begin, grace - grace / 3).at);
    if (stops_ < 2) {  // else a person has done it
        parts_.log.write(LogLevel::warning, "interrupting", "runs in flight are interrupted; their cleanup steps run",
                         {});
        for (const auto& worker : workers_) worker->interrupt();
    }
    co_await sleep_until(parts_.clock, deadline_after(begin, grace).at);
    parts_.log.write(LogLevel::error, "interrupting_cleanup", "the grace is over: cleanup steps are interrupted too",
                     {});
    for (const auto& worker : workers_) worker->interrupt();
}

void Daemon::distribute(const std::map<CellKey, Wall>& last) {
    std::vector<CellPlans> shares(workers_.size());
    std::vector<std::pair<std::shared_ptr<const CellKey>, Duration>> cells;
    for (const std::shared_ptr<const CellPlan>& plan : plans_) {
        shares[share_of(*plan->key, shares.size())].push_back(plan);
        cells.emplace_back(plan->key, plan->every);
    }
    metrics_.set_cells(cells);
    for (std::size_t i = 0; i < workers_.size(); ++i) workers_[i]->replace(std::move(shares[i]), last);
}

void Daemon::take(const std::vector<StoreEntry>& entries) {
    for (const StoreEntry& entry : entries) {
        if (const auto* record = std::get_if<Record>(&entry)) {
            take(*record);
        } else if (const auto* gap = std::get_if<Gap>(&entry)) {
            metrics_.count(*gap);
            due_runs_.count(*gap, parts_.clock.now());
            api_.publish(*gap);
        }
    }
    parts_.desk.observe(entries);
}

void Daemon::take(const Record& record) {
    const Outcome& outcome = *record.outcome;
    metrics_.count(record);
    due_runs_.count(record, parts_.clock.now());
    latest_[*record.key] = {
        .verdict = name_of(outcome.verdict), .failure_class = outcome.failure_class, .at = outcome.started_at};
    api_.publish(record);
    if (outcome.verdict == Verdict::pass) return;
    parts_.log.write(outcome.verdict == Verdict::degraded ? LogLevel::info : LogLevel::warning, "run_not_passed",
                     outcome.message,
                     {{"verdict", name_of(outcome.verdict)},
                      {"failure_class", outcome.failure_class},
                      {"probe", record.key->probe},
                      {"target", record.key->target},
                      {"cell", record.key->cell},
                      {"run_id", outcome.run_id}});
}

void Daemon::record(const Change& change) {
    parts_.store.append_durably({change});
    metrics_.count(change);
    parts_.desk.observe(change);
    api_.publish(change);
}

}  // namespace serin
