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

/// `words` for a shell: quoted where needed.
[[nodiscard]] std::string shell_words(const std::vector<std::string>& words);

/// True when `only` ("axis=value axis=value") selects the cell: every pair of it is one of the cell's.
[[nodiscard]] bool selects(const std::string& only, const Cell& cell);

}  // namespace serin
