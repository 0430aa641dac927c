// SPDX-License-Identifier: Apache-2.0
// What the daemon asks the kernel about itself and the machine.
#pragma once
#include <cstdint>

#include "core/time.hpp"

namespace serin {

/// How long the machine has slept since boot: CLOCK_BOOTTIME - CLOCK_MONOTONIC (clock_gettime(2)).
[[nodiscard]] Duration time_suspended();

/// Of this process, from /proc/self and getrlimit(2); zero where the kernel does not tell.
struct ProcessFacts {
    std::int64_t resident_bytes = 0, open_fds = 0, max_fds = 0;
    double cpu_seconds = 0;
};
[[nodiscard]] ProcessFacts process_facts();

/// Raises the soft limit of file descriptors to the hard one: each run in flight holds a few.
void raise_fd_limit();

}  // namespace serin
