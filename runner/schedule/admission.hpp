// SPDX-License-Identifier: Apache-2.0
// May a slot become a run? Pure over counts, so that the prober never amplifies an overload: what does not fit is shed
// and counted, never queued.
#pragma once
#include <atomic>
#include <memory>
#include <optional>

#include "core/record.hpp"

namespace serin {

/// Runs in flight against one thing (a target, the process), with its cap. Shared by all workers; lock-free. A cap that
/// is lowered below the count lets those in flight end, and nobody in until then.
class InFlight {
public:
    explicit InFlight(int cap) : cap_(cap) {}
    /// Takes one place; false when there is none.
    [[nodiscard]] bool enter();
    /// Gives back one place that enter() gave.
    void leave();
    [[nodiscard]] int count() const { return count_.load(std::memory_order_relaxed); }
    void set_cap(int cap) { cap_.store(cap, std::memory_order_relaxed); }

private:
    std::atomic<int> count_{0};
    std::atomic<int> cap_;
};

/// The places that one run holds; gives them back when destroyed.
class Admission {
public:
    Admission() = default;
    Admission(Admission&&) noexcept = default;
    Admission& operator=(Admission&&) noexcept;
    ~Admission();

    /// `own`: runs of the cell in flight, `overlap`: its cap. Why not (overlap before shed), or the admission. A null
    /// `target` or `process` has no cap. A refusal holds no place.
    struct Answer;
    [[nodiscard]] static Answer ask(int own, int overlap, const std::shared_ptr<InFlight>& target,
                                    const std::shared_ptr<InFlight>& process);

private:
    std::shared_ptr<InFlight> target_, process_;
};
struct Admission::Answer {
    std::optional<GapReason> refused;
    Admission admission;
};

}  // namespace serin
