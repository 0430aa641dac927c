// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <boost/asio/awaitable.hpp>
#include <map>
#include <memory>
#include <string>

#include "net/loop_thread.hpp"
#include "reports/store/store.hpp"
#include "runner/serve/appointments.hpp"

namespace serin {

/// One thread that plays its share of the cells. All calls are the control loop's.
class ServeWorker {
public:
    struct Parts {
        int number = 1;  ///< shown in the thread's name
        Store& store;    ///< must outlive the worker
        std::shared_ptr<InFlight> process;
        Appointments::Deliver deliver;  ///< called on the worker's thread
    };
    explicit ServeWorker(Parts parts);
    /// serve() must have returned, or never have been called.
    ~ServeWorker();
    ServeWorker(const ServeWorker&) = delete;
    ServeWorker& operator=(const ServeWorker&) = delete;

    /// Plays until stop(); returns when every run has ended.
    boost::asio::awaitable<void> serve();
    /// See Appointments. What is asked here happens on the worker's thread, in order.
    void replace(CellPlans cells, std::map<CellKey, Wall> last);
    void stop();
    void interrupt();
    boost::asio::awaitable<int> start_now(std::string probe, std::string target);
    boost::asio::awaitable<Duration> take_worst_lag();

private:
    struct OnThread;
    LoopThread thread_;
    std::unique_ptr<OnThread> on_thread_;
};

}  // namespace serin
