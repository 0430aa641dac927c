// SPDX-License-Identifier: Apache-2.0
// The bad ones among the last runs of a cell, for "x of y" rules.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "reports/alerts/policy/rules.hpp"

namespace serin {

struct BadRun {
    std::int64_t number = 0;  ///< given by the window
    Wall began_at{};
    std::string failure_class{};
    bool failed = true;  ///< false: it was only degraded, slow or missed
};

/// Only bad runs are kept, with their number: a good one costs an increment.
class OfLastWindow {
public:
    void good(const OfLast& of) {
        ++number_;
        if (!bad_.empty()) forget(of);
    }
    void bad(const OfLast& of, BadRun run);
    void clear() { bad_.clear(); }

    /// Bad runs among the last `of.runs`, oldest first. With fewer runs so far the same count suffices.
    [[nodiscard]] const std::vector<BadRun>& runs() const { return bad_; }
    [[nodiscard]] bool fires(const OfLast& of) const { return static_cast<int>(bad_.size()) >= of.failures; }
    [[nodiscard]] int count(const std::string& failure_class) const;
    [[nodiscard]] int count_failed() const;
    /// That most of the bad runs have; of several the one seen last. Empty without bad runs.
    [[nodiscard]] std::string usual_class() const;

private:
    void forget(const OfLast& of);

    std::int64_t number_ = 0;
    std::vector<BadRun> bad_;
};

}  // namespace serin
