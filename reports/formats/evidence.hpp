// SPDX-License-Identifier: Apache-2.0
// What a reader needs to believe a verdict: the exchanges and frames around it, few enough to read at three in the
// morning.
#pragma once
#include <string>
#include <vector>

#include "core/outcome.hpp"

namespace serin {

struct EvidenceLine {
    std::string label;  ///< step id, "bob.ws", "cleanup", …; empty continues the line above
    std::string at;     ///< "+0.412" seconds since the run started; may be empty
    std::string text;
};

/// In order: exchanges (with the diagnosis and the frames of a step that has findings), deliveries that went wrong,
/// cleanup, earlier attempts, what was left behind. Lists that grow with the run are bounded; a line says how much was
/// left out. Every text is printable.
[[nodiscard]] std::vector<EvidenceLine> evidence_of(const Outcome& outcome);

/// "POST /v1/messages → 201".
[[nodiscard]] std::string answer_text(const StepResult& step);
/// "dns 0, connect 0.4, tls 0, first byte 85", in ms; empty when no phase was measured.
[[nodiscard]] std::string phases_text(const HttpTimings& timings);
/// "+0.412".
[[nodiscard]] std::string since_start(Duration at);
/// The step's id, or its kind when it has none.
[[nodiscard]] std::string label_of(const StepResult& step);

/// Which of `wanted.size()` items to show: all when they are at most first + wanted + last, else the first, the last
/// and those that are wanted, of which the latest. Ascending.
struct Window {
    std::size_t first, wanted, last;
};
[[nodiscard]] std::vector<std::size_t> chosen(const std::vector<bool>& wanted, Window window);

}  // namespace serin
