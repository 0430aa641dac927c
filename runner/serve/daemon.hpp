// SPDX-License-Identifier: Apache-2.0
// `serin serve`, put together: workers play, the store keeps, metrics count, the API tells. One control loop; it
// decides nothing about targets.
#pragma once
#include <array>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "net/http_server.hpp"
#include "net/loop_thread.hpp"
#include "net/task_group.hpp"
#include "reports/dashboard/api.hpp"
#include "reports/dashboard/control.hpp"
#include "runner/config/config.hpp"
#include "runner/serve/desk_control.hpp"
#include "runner/serve/discovery.hpp"
#include "runner/serve/due_runs.hpp"
#include "runner/serve/notify.hpp"
#include "runner/serve/plan.hpp"
#include "runner/serve/serve_worker.hpp"

namespace serin {

class Daemon final : public Control {
public:
    struct Parts {
        boost::asio::any_io_executor executor;  ///< the control loop's
        Clock& clock;
        Log& log;
        const ServiceManager& manager;  ///< systemd's, or nobody
        Evaluator& evaluator;           ///< for planning
        Store& store;
        StoreReader& reader;
        Desk& desk;
        AlertReader& alert_reader;
        std::string vantage{};  ///< as a person chose it, instead of the file's; for reloads
    };
    /// `plans` was made of `config` with `standing`. All parts must outlive the daemon.
    Daemon(Parts parts, Config config, CellPlans plans, Standing standing);
    ~Daemon() override;

    /// Binds the API; an Error says which address and why.
    [[nodiscard]] Result<void> listen();
    /// Plays until stop(), then ends in order: no new start, runs in flight to their end (or their cleanup, when the
    /// grace runs out), API, store.
    boost::asio::awaitable<void> serve();
    /// Of a defect that ended serve(); empty when it ended as asked.
    [[nodiscard]] const std::string& defect() const { return defect_; }
    /// Ends serve(). Called again: the runs in flight are interrupted at once; a third time: their cleanup too.
    void stop();
    void reload_soon();

    [[nodiscard]] std::vector<ProbeView> probes() const override;
    [[nodiscard]] DaemonStatus status() const override;
    [[nodiscard]] SelfMetrics self_metrics() const override;
    [[nodiscard]] const Metrics& metrics() const override { return metrics_; }
    boost::asio::awaitable<Result<int>> run_now(std::string probe, std::string target) override;
    boost::asio::awaitable<Result<void>> reload() override;
    void record(const Change& change) override;

private:
    struct Latest {
        std::string verdict, failure_class;
        Wall at{};
    };

    void take(const std::vector<StoreEntry>& entries);
    void take(const Record& record);
    void distribute(const std::map<CellKey, Wall>& last);
    boost::asio::awaitable<Result<void>> adopt(LoadedConfig loaded, Wall read_at);
    [[nodiscard]] Result<void> check_unchangeable(const Config& next) const;
    void note_what_needs_a_restart(const Config& next);
    boost::asio::awaitable<void> guarded(boost::asio::awaitable<void> work, std::string what);
    boost::asio::awaitable<void> keep_house();
    boost::asio::awaitable<void> look_after_workers();
    void look_after_store();
    void note(const Result<void>& told_to_manager);
    boost::asio::awaitable<void> interrupt_in_time();
    [[nodiscard]] Duration worst_lag() const;
    [[nodiscard]] Duration desk_silence() const;
    [[nodiscard]] std::vector<std::string> not_ready() const;

    Parts parts_;
    Config config_;
    CellPlans plans_;
    Standing standing_;
    Discovery discovery_;
    Wall started_at_{}, config_loaded_at_{};
    Steady began_at_{};
    std::string config_fault_;
    std::int64_t config_faults_ = 0;
    Metrics metrics_;
    std::map<CellKey, Latest> latest_;
    std::shared_ptr<InFlight> process_;
    std::vector<std::unique_ptr<ServeWorker>> workers_;
    std::vector<Duration> lag_;                   ///< of each worker, in the last second
    std::array<Duration, 60> worst_of_second_{};  ///< of the last minute
    std::size_t second_ = 0;
    Steady last_round_{};  ///< when all workers had last answered
    std::string defect_;
    bool store_was_writing_ = true;
    DueRuns due_runs_;
    DeskControl desk_control_;
    LoopThread reader_thread_{"serin-reader"};
    Api api_;
    std::unique_ptr<HttpServer> server_;
    std::unique_ptr<Bell> stop_bell_;
    int stops_ = 0;
    TaskGroup house_, playing_, grace_;
};

}  // namespace serin
