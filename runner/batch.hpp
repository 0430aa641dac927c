// SPDX-License-Identifier: Apache-2.0
// Many runs, a few at a time.
#pragma once
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <functional>
#include <vector>

#include "core/stop.hpp"
#include "scenarios/engine/engine.hpp"

namespace serin {

struct BatchEvents {
    std::function<void(const RunRequest&)> started;
    std::function<void(const RunRequest&, const Outcome&)> ended;
};

/// Plays all `requests`, at most `jobs` at once, in order of start; after a Stop no further one is started. Returns how
/// many were started. `engine`, `stop` and what the requests point to must outlive the await.
boost::asio::awaitable<std::size_t> play_batch(boost::asio::any_io_executor executor, Engine& engine,
                                               std::vector<RunRequest> requests, std::size_t jobs, const Stop& stop,
                                               BatchEvents events);

}  // namespace serin
