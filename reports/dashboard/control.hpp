// SPDX-License-Identifier: Apache-2.0
// What the API may ask of the running daemon. Implemented by runner/serve; control loop's thread only.
#pragma once
#include <boost/asio/awaitable.hpp>
#include <optional>
#include <string>
#include <vector>

#include "core/record.hpp"
#include "core/result.hpp"
#include "reports/metrics/metrics.hpp"
#include "reports/store/store.hpp"

namespace serin {

struct ProbeView {
    std::string name{}, scenario{}, about{}, owner{}, runbook{};
    Duration every{}, timeout{};
    std::vector<std::pair<std::string, std::string>> labels{};
    bool maintenance = false;  ///< a window covers it now
    struct CellView {
        CellKey key{};
        std::optional<Wall> next_at{};
        int in_flight = 0;
        std::string verdict{};  ///< of its latest run; empty: none yet
        std::string failure_class{};
        std::optional<Wall> last_run_at{};
    };
    std::vector<CellView> cells{};
};

struct DaemonStatus {
    std::string vantage, version;
    Wall started_at{};
    bool ready = false;
    std::vector<std::string> not_ready;  ///< why, in words
    bool stopping = false;
    std::size_t probes = 0, cells = 0, in_flight = 0;
    Duration worst_lateness{};  ///< of the last minute
    StoreStatus store;
    bool config_ok = true;
    std::string config_fault;  ///< drawn mistakes of the last reload; empty when it was taken
    Wall config_loaded_at{};
};

class Control {
public:
    virtual ~Control() = default;
    [[nodiscard]] virtual std::vector<ProbeView> probes() const = 0;
    [[nodiscard]] virtual DaemonStatus status() const = 0;
    [[nodiscard]] virtual SelfMetrics self_metrics() const = 0;
    [[nodiscard]] virtual const Metrics& metrics() const = 0;
    /// Starts the probe now in all its cells (or those of `target`), beside its schedule; how many runs were started.
    /// An Error when there is no such probe or target, or a cap is reached.
    virtual boost::asio::awaitable<Result<int>> run_now(std::string probe, std::string target) = 0;
    /// Reads the configuration again. The Error's title is the drawn mistakes; the old configuration runs on.
    virtual boost::asio::awaitable<Result<void>> reload() = 0;
    /// Takes a change in: stored durably, told on the stream.
    virtual void record(const Change& change) = 0;
};

}  // namespace serin
