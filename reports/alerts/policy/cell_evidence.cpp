// SPDX-License-Identifier: Apache-2.0
#include "reports/alerts/policy/cell_evidence.hpp"

namespace serin {
namespace {

const StepResult* first_with(const Outcome& outcome, bool cleanup) {
    for (const StepResult& step : outcome.steps) {
        const bool after = step.part == "cleanup" || step.part == "defer" || step.part == "diagnose";
        if (after == cleanup && step.verdict == outcome.verdict) return &step;
    }
    return nullptr;
}

}  // namespace

StepEvidence first_bad_step(const Outcome& outcome) {
    if (outcome.verdict == Verdict::pass) return {};
    const StepResult* step = first_with(outcome, false);
    if (step == nullptr) step = first_with(outcome, true);
    if (step == nullptr) return {};
    const std::string& name = !step->title.empty() ? step->title : !step->id.empty() ? step->id : step->kind;
    return {.step = name, .number = step->number};
}

std::string class_of(const Outcome& outcome) {
    return outcome.failure_class.empty() ? name_of(outcome.verdict) : outcome.failure_class;
}

}  // namespace serin
