// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <utility>
#include <vector>

#include "core/result.hpp"
#include "runner/cli.hpp"

namespace serin {

/// `serin run`'s command line as a value.
struct RunOptions {
    std::vector<std::string> files;
    std::vector<std::pair<std::string, std::string>> set;     ///< --set NAME=VALUE
    std::vector<std::pair<std::string, std::string>> target;  ///< --target KEY=URL
    std::string targets_file, shard, vantage;
    std::vector<std::string> only;  ///< "sender=a receiver=b"
    std::vector<std::string> report;
    std::size_t jobs = 8;
    bool verbose = false, curl = false, no_colour = false, help = false;
};

/// An Error names the option and the way out; `help` set means that nothing else is.
[[nodiscard]] Result<RunOptions> parse_run_options(const Arguments& arguments);
[[nodiscard]] std::string run_help();

}  // namespace serin
