// SPDX-License-Identifier: Apache-2.0
#include "runner/serve/machine.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <cerrno>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace serin {
namespace {

Duration clock_value(clockid_t clock) {
    timespec value{};
    if (clock_gettime(clock, &value) != 0) return {};
    return std::chrono::seconds(value.tv_sec) + std::chrono::nanoseconds(value.tv_nsec);
}

double seconds(const timeval& value) {
    return static_cast<double>(value.tv_sec) + static_cast<double>(value.tv_usec) / 1e6;
}

}  // namespace

Duration time_suspended() {
    // Read one after the other, so that a difference below a millisecond says nothing.
    const Duration monotonic = clock_value(CLOCK_MONOTONIC);
    const Duration slept = clock_value(CLOCK_BOOTTIME) - monotonic;
    return slept < std::chrono::milliseconds(1) ? Duration{} : slept;
}

ProcessFacts process_facts() {
    ProcessFacts facts;
    std::ifstream statm("/proc/self/statm");
    std::int64_t pages = 0;
    if (statm >> pages >> pages) facts.resident_bytes = pages * sysconf(_SC_PAGESIZE);
    std::error_code unreadable;
    const std::filesystem::directory_iterator fds("/proc/self/fd", unreadable);
    if (!unreadable) facts.open_fds = std::distance(begin(fds), end(fds)) - 1;  // one of them is this look
    rlimit limit{};
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) facts.max_fds = static_cast<std::int64_t>(limit.rlim_cur);
    rusage usage{};
    if (getrusage(RUSAGE_SELF, &usage) == 0) facts.cpu_seconds = seconds(usage.ru_utime) + seconds(usage.ru_stime);
    return facts;
}

void raise_fd_limit() {
    rlimit limit{};
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == limit.rlim_max) return;
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
}

}  // namespace serin
