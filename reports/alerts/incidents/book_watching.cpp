// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>

#include "reports/alerts/incidents/book_impl.hpp"

namespace serin {
std::optional<double> Book::Impl::slowness(Incident& incident) const {
    std::optional<double> most;
    if (!seams.latency || incident.drill) return most;
    for (const AffectedCell& cell : incident.cells) {
        const std::optional<double> latency = cell.baseline_seconds ? seams.latency(cell.cell) : std::nullopt;
        if (!latency || *cell.baseline_seconds <= 0) continue;
        const double factor = *latency / *cell.baseline_seconds;
        if (most && factor <= *most) continue;
        most = factor;
        incident.baseline_seconds = cell.baseline_seconds;
        incident.latency_seconds = latency;
    }
    return most;
}

void Book::Impl::watch(BookEntry& entry, BookStep& step) {
    Incident& incident = entry.incident;
    if (incident.state != IncidentState::watching || !incident.recovered_at) return;
    const Duration long_enough = incident.drill ? Duration::zero() : rules.watch;
    if (step.now() < *incident.recovered_at + long_enough) return;
    const bool said = incident.latency_seconds.has_value();
    const std::optional<double> factor = slowness(incident);
    if (factor && *factor > rules.latency_factor) {
        if (!said) step.log(incident, "latency", fmt::format("latency still {:.1f} x baseline: not closed", *factor));
        return;
    }
    if (incident.outstanding > 0) {
        if (!said) incident.latency_seconds.reset();  // set means that it was said to be slow
        return;
    }
    const std::string latency = factor ? fmt::format(", latency {:.1f} x baseline", *factor) : "";
    close(entry, "no recurrence for " + human_duration(step.now() - *incident.recovered_at) + latency, {}, step);
}

void Book::Impl::close(BookEntry& entry, const std::string& text, const std::string& by, BookStep& step) {
    Incident& incident = entry.incident;
    incident.state = IncidentState::closed;
    incident.closed_at = step.now();
    entry.cause.reset();
    const auto known = current.find(key_of(incident));
    if (known != current.end() && known->second == incident.id) current.erase(known);
    closed.push_back(incident.id);
    step.log(incident, "closed", text, by);
}

std::optional<Wall> Book::Impl::watching_due(const BookEntry& entry) const {
    const Incident& incident = entry.incident;
    const Wall soon = last_now + std::chrono::minutes(1);
    if (incident.state == IncidentState::open) {
        if (incident.drill) return std::nullopt;
        Wall due = soon;  // advice is a matter of time
        for (const Mitigation& one : incident.mitigations) {
            if (one.effect.empty())
                due = std::min(due, one.change.ended_at.value_or(one.change.started_at) + effect_within);
        }
        return due;
    }
    if (!incident.recovered_at) return std::nullopt;
    const Wall over = *incident.recovered_at + (incident.drill ? Duration::zero() : rules.watch);
    return over > last_now ? over : soon;
}

}  // namespace serin
