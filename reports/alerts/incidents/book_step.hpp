// SPDX-License-Identifier: Apache-2.0
// What one step of the book comes to: who was touched, what goes into the timeline, what is told.
#pragma once
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "reports/alerts/incidents/book.hpp"

namespace serin {

/// What the book keeps of a fault.
struct Cause {
    std::string root{}, root_class{};  ///< as in Fault
    Wall since{};
    std::vector<CellKey> unlisted{};  ///< cells that fail and are beyond those that the incident lists
};

/// An incident as the book keeps it, with what need not survive a restart.
struct BookEntry {
    Incident incident{};
    std::optional<Cause> cause{};  ///< as the policy last told; unset after a restart and once it is gone
    Wall wave_decided_at{};        ///< siblings and root are waited for from here
    bool hold_over = false;        ///< the first notice waits for nobody any more
};

class BookStep {
public:
    explicit BookStep(Wall now) : now_(now) {}
    [[nodiscard]] Wall now() const { return now_; }
    /// The incident differs from what is stored. It must live, at this address, until finish().
    void touch(const Incident& incident);
    /// One entry of the timeline. `by`: a person; empty: Serin.
    void log(const Incident& incident, std::string event, const std::string& text, std::string by = {});
    /// Numbers the notice and makes it part of this step.
    void tell(Incident& incident, Notice notice);
    /// In the order in which the incidents were touched first; every notice shows its incident as the step left it.
    [[nodiscard]] Transitions finish() &&;

private:
    Wall now_;
    Transitions transitions_;
    std::vector<const Incident*> incidents_;
    Transition& of(const Incident& incident);
};

}  // namespace serin
