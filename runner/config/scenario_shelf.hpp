// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <map>
#include <memory>
#include <string>

#include "scenarios/language/complaints.hpp"
#include "scenarios/language/evaluator.hpp"
#include "scenarios/language/loader.hpp"

namespace serin {

/// The scenarios that probes name, each read once however many probes name it.
class ScenarioShelf {
public:
    /// Null when the scenario has errors, which are then among the mistakes, as called from `named_at`.
    [[nodiscard]] std::shared_ptr<const Scenario> find(const std::string& file, const Place& named_at,
                                                       const ReadFile& read, Complaints& complaints);
    /// For what is known before any run, such as a matrix.
    [[nodiscard]] Evaluator& evaluator() { return evaluator_; }

private:
    std::map<std::string, std::shared_ptr<const Scenario>, std::less<>> read_;
    Evaluator evaluator_;
};

}  // namespace serin
