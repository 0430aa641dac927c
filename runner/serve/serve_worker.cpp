// SPDX-License-Identifier: Apache-2.0
#include "runner/serve/serve_worker.hpp"

#include <utility>

#include "runner/player.hpp"
#include "runner/serve/machine.hpp"

namespace serin {

/// Everything that lives on the worker's thread.
struct ServeWorker::OnThread {
    OnThread(const boost::asio::any_io_executor& executor, Parts parts)
        : ledger(parts.store.make_ledger()),
          nonces(parts.store.nonce_key()),
          player(executor, *ledger, nonces),
          appointments(
              {.executor = executor,
               .clock = player.clock,
               .suspended = time_suspended,
               .play = [this](const std::shared_ptr<const CellPlan>& plan, Stop& stop) { return play(*plan, stop); },
               .deliver = std::move(parts.deliver),
               .process = std::move(parts.process)}) {}

    boost::asio::awaitable<Outcome> play(const CellPlan& plan, Stop& stop) {
        RunRequest request{.scenario = plan.scenario,
                           .world = plan.world,
                           .cell = plan.cell,
                           .target = plan.key->target,
                           .file = plan.file,
                           .again = plan.again,
                           .stop = &stop};
        return player.engine.run(std::move(request));
    }

    std::unique_ptr<Ledger> ledger;
    NonceMaker nonces;
    Player player;
    Appointments appointments;
};

ServeWorker::ServeWorker(Parts parts)
    : thread_("serin-worker-" + std::to_string(parts.number)),
      on_thread_(std::make_unique<OnThread>(thread_.executor(), std::move(parts))) {}

ServeWorker::~ServeWorker() {
    // Its waits belong to the thread's loop, so they end there.
    post(thread_.executor(), [parts = std::shared_ptr<OnThread>(std::move(on_thread_))]() mutable { parts.reset(); });
    thread_.stop();
}

boost::asio::awaitable<void> ServeWorker::serve() {
    return play_on(thread_.executor(), on_thread_->appointments.serve());
}

void ServeWorker::replace(CellPlans cells, std::map<CellKey, Wall> last) {
    post(thread_.executor(),
         [this, cells = std::move(cells), last = std::move(last)] { on_thread_->appointments.replace(cells, last); });
}

void ServeWorker::stop() {
    post(thread_.executor(), [this] { on_thread_->appointments.stop(); });
}

void ServeWorker::interrupt() {
    post(thread_.executor(), [this] { on_thread_->appointments.interrupt(); });
}

boost::asio::awaitable<int> ServeWorker::start_now(std::string probe, std::string target) {
    int started = 0;
    co_await run_on(thread_.executor(), [&] { started = on_thread_->appointments.start_now(probe, target); });
    co_return started;
}

boost::asio::awaitable<Duration> ServeWorker::take_worst_lag() {
    Duration lag{};
    co_await run_on(thread_.executor(), [&] { lag = on_thread_->appointments.take_worst_lag(); });
    co_return lag;
}

}  // namespace serin
