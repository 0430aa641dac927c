// SPDX-License-Identifier: Apache-2.0
#include "reports/alerts/incidents/book_step.hpp"

#include <algorithm>
#include <utility>

#include "core/names.hpp"

namespace serin {
namespace {

constexpr std::size_t most_text = 1000;

}  // namespace

Transition& BookStep::of(const Incident& incident) {
    const auto found = std::ranges::find(incidents_, &incident);
    if (found != incidents_.end()) return transitions_[static_cast<std::size_t>(found - incidents_.begin())];
    incidents_.push_back(&incident);
    return transitions_.emplace_back();
}

void BookStep::touch(const Incident& incident) {
    of(incident);
}

void BookStep::log(const Incident& incident, std::string event, const std::string& text, std::string by) {
    of(incident).timeline.push_back(TimelineEntry{.incident_id = incident.id,
                                                  .at = now_,
                                                  .event = std::move(event),
                                                  .text = clipped(text, most_text),
                                                  .by = std::move(by)});
}

void BookStep::tell(Incident& incident, Notice notice) {
    ++incident.notices;
    notice.id = incident.id + "." + std::to_string(incident.notices);
    notice.made_at = now_;
    of(incident).notices.push_back(std::move(notice));
}

Transitions BookStep::finish() && {
    for (std::size_t at = 0; at < transitions_.size(); ++at) {
        transitions_[at].incident = *incidents_[at];
        for (Notice& notice : transitions_[at].notices) notice.incident = *incidents_[at];
    }
    return std::move(transitions_);
}

}  // namespace serin
