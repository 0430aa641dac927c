// SPDX-License-Identifier: Apache-2.0
#include "runner/batch.hpp"

#include <algorithm>

#include "net/task_group.hpp"

namespace serin {
namespace {

struct Batch {
    Engine& engine;
    std::vector<RunRequest> requests;
    const Stop& stop;
    BatchEvents events;
    std::size_t next = 0;
};

boost::asio::awaitable<void> play_in_turn(Batch& batch) {
    while (batch.next < batch.requests.size() && !batch.stop.requested()) {
        const RunRequest& request = batch.requests[batch.next++];
        if (batch.events.started) batch.events.started(request);
        const Outcome outcome = co_await batch.engine.run(request);
        if (batch.events.ended) batch.events.ended(request, outcome);
    }
}

}  // namespace

boost::asio::awaitable<std::size_t> play_batch(boost::asio::any_io_executor executor, Engine& engine,
                                               std::vector<RunRequest> requests, std::size_t jobs, const Stop& stop,
                                               BatchEvents events) {
    Batch batch{.engine = engine, .requests = std::move(requests), .stop = stop, .events = std::move(events)};
    TaskGroup group(executor);
    const std::size_t lanes = std::clamp<std::size_t>(jobs, 1, std::max<std::size_t>(batch.requests.size(), 1));
    for (std::size_t i = 0; i < lanes; ++i) group.spawn(play_in_turn(batch));
    co_await group.join();
    co_return batch.next;
}

}  // namespace serin
