// SPDX-License-Identifier: Apache-2.0
// The schedule loop of one worker: what is due starts, what cannot is told, nothing waits in a queue.
#pragma once
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/stop.hpp"
#include "core/time.hpp"
#include "net/task_group.hpp"
#include "reports/store/store.hpp"
#include "runner/schedule/timetable.hpp"
#include "runner/serve/plan.hpp"

namespace serin {

/// One thread's: all calls on the executor's thread.
class Appointments {
public:
    /// Plays one cell. Never throws for what the target does; `stop` cancels its steps, then its cleanup.
    using Play = std::function<boost::asio::awaitable<Outcome>(std::shared_ptr<const CellPlan>, Stop& stop)>;
    /// Takes finished runs and gaps, in order; must not block.
    using Deliver = std::function<void(std::vector<StoreEntry>)>;
    struct Parts {
        boost::asio::any_io_executor executor;
        Clock& clock;
        std::function<Duration()> suspended;  ///< see ClockReading
        Play play;
        Deliver deliver;
        std::shared_ptr<InFlight> process;               ///< the cap over all workers
        Duration hold = std::chrono::milliseconds(100);  ///< passing runs are delivered together after at most this
    };
    explicit Appointments(Parts parts);

    /// The cells to play from here on. Those that stay, with the same interval and jitter, keep their place in time.
    /// `last`: for cells that are new to this process, the last slot that an earlier one dealt with.
    void replace(const CellPlans& cells, const std::map<CellKey, Wall>& last);
    /// Starts what is due, until stop(); returns when every run has ended and was delivered.
    boost::asio::awaitable<void> serve();
    /// No further start.
    void stop();
    /// Cancels the steps of the runs in flight, their cleanup still runs; called again: cleanup too.
    void interrupt() { interrupt_.request(); }
    /// Starts the probe's cells (of that target, when it is named) beside their schedule; how many.
    int start_now(const std::string& probe, const std::string& target);

    /// How late the loop itself woke in the worst case since the last call.
    [[nodiscard]] Duration take_worst_lag() { return std::exchange(worst_lag_, {}); }
    [[nodiscard]] std::size_t in_flight() const { return runs_.running(); }

private:
    [[nodiscard]] ClockReading reading() const;
    void keep_appointments();
    /// False: there was no place; a slot of the grid is told as a gap then.
    bool start(const Slot& slot, const std::shared_ptr<const CellPlan>& plan, bool on_request);
    boost::asio::awaitable<void> play(std::shared_ptr<const CellPlan> plan, Slot slot, Record record,
                                      Admission admission);
    void finished(const CellPlan& plan, std::size_t entry, Record record);
    void tell_gap(const CellPlan& plan, GapReason reason, const MissedSlots& slots);
    void tell(StoreEntry entry, bool at_once);
    void deliver_pending();

    Parts parts_;
    Timetable timetable_;
    std::unique_ptr<Bell> bell_;
    TaskGroup runs_;
    Stop interrupt_;
    bool stopping_ = false;
    std::unordered_map<std::size_t, std::shared_ptr<const CellPlan>> entries_;
    std::map<CellKey, std::size_t> entry_of_;
    std::vector<StoreEntry> pending_;
    Steady deliver_at_ = Steady::max();
    Duration worst_lag_{};
};

}  // namespace serin
