// SPDX-License-Identifier: Apache-2.0
#include "runner/schedule/admission.hpp"

#include <utility>

namespace serin {

bool InFlight::enter() {
    int count = count_.load(std::memory_order_relaxed);
    do {
        if (count >= cap_.load(std::memory_order_relaxed)) return false;
    } while (!count_.compare_exchange_weak(count, count + 1, std::memory_order_relaxed));
    return true;
}

void InFlight::leave() {
    count_.fetch_sub(1, std::memory_order_relaxed);
}

Admission& Admission::operator=(Admission&& other) noexcept {
    Admission taken(std::move(other));  // leaves with the places that were ours
    std::swap(target_, taken.target_);
    std::swap(process_, taken.process_);
    return *this;
}

Admission::~Admission() {
    if (target_) target_->leave();
    if (process_) process_->leave();
}

Admission::Answer Admission::ask(int own, int overlap, const std::shared_ptr<InFlight>& target,
                                 const std::shared_ptr<InFlight>& process) {
    if (own >= overlap) return {.refused = GapReason::overlap, .admission = {}};
    Admission admission;  // gives back the first place when there is no second one
    if (target) {
        if (!target->enter()) return {.refused = GapReason::shed, .admission = {}};
        admission.target_ = target;
    }
    if (process) {
        if (!process->enter()) return {.refused = GapReason::shed, .admission = {}};
        admission.process_ = process;
    }
    return {.refused = std::nullopt, .admission = std::move(admission)};
}

}  // namespace serin
