// SPDX-License-Identifier: Apache-2.0
#include "runner/serve/discovery.hpp"

#include <fmt/format.h>
#include <glob.h>
#include <sys/stat.h>

#include <utility>

namespace serin {

Discovery::Discovery(std::vector<std::string> patterns, Duration every)
    : patterns_(std::move(patterns)), every_(every), seen_(look()) {}

bool Discovery::changed(Steady now) {
    if (patterns_.empty() || now < next_look_) return false;
    next_look_ = deadline_after(now, every_).at;
    std::vector<std::string> found = look();
    return std::exchange(seen_, found) != found;
}

std::vector<std::string> Discovery::look() const {
    std::vector<std::string> found;
    for (const std::string& pattern : patterns_) {
        glob_t paths{};
        if (glob(pattern.c_str(), 0, nullptr, &paths) == 0) {
            for (std::size_t i = 0; i < paths.gl_pathc; ++i) {
                struct stat facts {};
                if (stat(paths.gl_pathv[i], &facts) != 0) continue;
                found.push_back(fmt::format("{} {} {} {}.{:09}", paths.gl_pathv[i], facts.st_ino, facts.st_size,
                                            facts.st_mtim.tv_sec, facts.st_mtim.tv_nsec));
            }
        }
        globfree(&paths);
    }
    return found;
}

}  // namespace serin
