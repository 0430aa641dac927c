// SPDX-License-Identifier: Apache-2.0
// What every benchmark program reports, measured in one way: CPU is user + system time of one whole process, all
// threads.
#pragma once
#include <fmt/format.h>
#include <sys/types.h>

#include <charconv>
#include <chrono>
#include <ctime>
#include <fstream>
#include <optional>
#include <string>
#include <string_view>

namespace serin::test {

/// CPU time that process `pid` has used so far (0: this one), in the kernel's nanoseconds rather than /proc's 10 ms
/// ticks. nullopt when there is no such process.
[[nodiscard]] inline std::optional<std::chrono::nanoseconds> cpu_time(pid_t pid = 0) {
    clockid_t clock{};
    timespec used{};
    if (clock_getcpuclockid(pid, &clock) != 0 || clock_gettime(clock, &used) != 0) return std::nullopt;
    return std::chrono::seconds(used.tv_sec) + std::chrono::nanoseconds(used.tv_nsec);
}

/// Peak resident set of process `pid` ("self": this one) in KiB; 0 when it cannot be read. Not getrusage's ru_maxrss,
/// which counts what the parent held before exec.
[[nodiscard]] inline long peak_rss_kib(const std::string& pid = "self") {
    std::ifstream status("/proc/" + pid + "/status");
    std::string key;
    while (status >> key) {
        long kib = 0;
        if (key == "VmHWM:" && status >> kib) return kib;
    }
    return 0;
}

/// A span of work, from construction to print(): its CPU (of `pid`) and wall time.
class Span {
public:
    explicit Span(pid_t pid = 0) : pid_(pid), cpu_(cpu_time(pid)), began_(std::chrono::steady_clock::now()) {}

    /// One line of JSON, the same of every program. False when the measured process is gone.
    [[nodiscard]] bool print(long probes, long failed) const {
        const auto cpu = cpu_time(pid_);
        if (!cpu || !cpu_) return false;
        const std::chrono::duration<double> wall = std::chrono::steady_clock::now() - began_;
        const std::chrono::duration<double, std::micro> used = *cpu - *cpu_;
        fmt::print(R"({{"probes":{},"failed":{},"cpu_us_per_probe":{:.2f},"wall_s":{:.3f},"peak_rss_kib":{}}})"
                   "\n",
                   probes, failed, used.count() / static_cast<double>(probes), wall.count(),
                   peak_rss_kib(pid_ == 0 ? "self" : std::to_string(pid_)));
        return true;
    }

private:
    pid_t pid_;
    std::optional<std::chrono::nanoseconds> cpu_;
    std::chrono::steady_clock::time_point began_;
};

/// A whole decimal number of at least `least`; nullopt for anything else.
[[nodiscard]] inline std::optional<long> parse_count(std::string_view text, long least = 1) {
    long value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size() || value < least) return std::nullopt;
    return value;
}

}  // namespace serin::test
