// SPDX-License-Identifier: Apache-2.0
#include "runner/serve/discovery.hpp"

#include <fmt/format.h>
#include <glob.h>
#include <sys/stat.h>

#include <algorithm>
#include <utility>

namespace serin {

namespace {

/// What a file system's clock may be behind ours.
constexpr Duration coarse = std::chrono::milliseconds(10);

}  // namespace

Discovery::Discovery(std::vector<std::string> patterns, Duration every, Wall read_at)
    : patterns_(std::move(patterns)), every_(every) {
    Wall newest{};
    seen_ = look(newest);
    if (newest + coarse >= read_at) seen_.emplace_back("something that was written while it was read");
}

bool Discovery::changed(Steady now) {
    if (patterns_.empty() || now < next_look_) return false;
    next_look_ = deadline_after(now, every_).at;
    Wall newest{};
    std::vector<std::string> found = look(newest);
    return std::exchange(seen_, found) != found;
}

std::vector<std::string> Discovery::look(Wall& newest) const {
    std::vector<std::string> found;
    for (const std::string& pattern : patterns_) {
        glob_t paths{};
        if (glob(pattern.c_str(), 0, nullptr, &paths) == 0) {
            for (std::size_t i = 0; i < paths.gl_pathc; ++i) {
                struct stat facts{};
                if (stat(paths.gl_pathv[i], &facts) != 0) continue;
                const Wall changed_at{std::chrono::seconds(facts.st_mtim.tv_sec) +
                                      std::chrono::nanoseconds(facts.st_mtim.tv_nsec)};
                newest = std::max(newest, changed_at);
                found.push_back(fmt::format("{} {} {} {}.{:09}", paths.gl_pathv[i], facts.st_ino, facts.st_size,
                                            facts.st_mtim.tv_sec, facts.st_mtim.tv_nsec));
            }
        }
        globfree(&paths);
    }
    return found;
}

}  // namespace serin
