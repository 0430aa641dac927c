// SPDX-License-Identifier: Apache-2.0
// What it costs to start a command, do one thing and end: the median CPU time (user + system, children included) of
// RUNS runs, one after the other. Its output is thrown away; a run that does not exit with 0 counts as failed.
//
//   cpu_of RUNS COMMAND [ARGUMENT…]
#include <fcntl.h>
#include <fmt/format.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <optional>
#include <vector>

#include "tests/bench/measure.hpp"

namespace serin::test {
namespace {

struct Cost {
    double cpu_us = 0, wall_us = 0;
    long rss_kib = 0;
    bool failed = false;
};

double microseconds(const timeval& t) {
    return static_cast<double>(t.tv_sec) * 1e6 + static_cast<double>(t.tv_usec);
}

/// Runs `command` (null-terminated) once. posix_spawn shares our memory until exec, so that our own size costs nothing.
std::optional<Cost> run_once(char** command) {
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    const auto began = std::chrono::steady_clock::now();
    pid_t pid = 0;
    const int refused = posix_spawnp(&pid, command[0], &actions, nullptr, command, environ);
    posix_spawn_file_actions_destroy(&actions);
    if (refused != 0) {
        fmt::print(stderr, "cpu_of: cannot start {}: {}\n", command[0], std::strerror(refused));
        return std::nullopt;
    }
    int status = 0;
    rusage usage{};
    while (wait4(pid, &status, 0, &usage) < 0 && errno == EINTR) {
    }
    const std::chrono::duration<double, std::micro> wall = std::chrono::steady_clock::now() - began;
    return Cost{.cpu_us = microseconds(usage.ru_utime) + microseconds(usage.ru_stime),
                .wall_us = wall.count(),
                .rss_kib = usage.ru_maxrss,
                .failed = !WIFEXITED(status) || WEXITSTATUS(status) != 0};
}

template <class Field>
auto median(std::vector<Cost> costs, Field field) {
    const auto middle = costs.begin() + static_cast<std::ptrdiff_t>(costs.size() / 2);
    std::ranges::nth_element(costs, middle, {}, field);
    return (*middle).*field;
}

}  // namespace
}  // namespace serin::test

int main(int argc, char** argv) {
    using namespace serin::test;
    const auto runs = argc > 2 ? parse_count(argv[1]) : std::nullopt;
    if (!runs) {
        fmt::print(stderr, "usage: cpu_of RUNS COMMAND [ARGUMENT...]\n");
        return 2;
    }
    std::vector<Cost> costs;
    for (long i = 0; i < *runs; ++i) {
        const auto cost = run_once(argv + 2);
        if (!cost) return 1;
        costs.push_back(*cost);
    }
    fmt::print(R"({{"probes":{},"failed":{},"cpu_us_per_probe":{:.0f},"wall_us":{:.0f},"peak_rss_kib":{}}})"
               "\n",
               *runs, std::ranges::count_if(costs, &Cost::failed), median(costs, &Cost::cpu_us),
               median(costs, &Cost::wall_us), median(costs, &Cost::rss_kib));
    return 0;
}
