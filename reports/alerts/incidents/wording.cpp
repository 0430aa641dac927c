// SPDX-License-Identifier: Apache-2.0
#include "reports/alerts/incidents/wording.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <ctime>

#include "core/names.hpp"

namespace serin {
namespace {

constexpr double likely_from = 0.3;  ///< a score below is shown with the suspects, not in the first line
constexpr std::size_t most_name = 60, most_effect = 140, most_runbook = 200;

std::string date(Wall at, const char* form) {
    const std::time_t seconds = std::chrono::system_clock::to_time_t(std::chrono::floor<std::chrono::seconds>(at));
    return fmt::format(fmt::runtime(form), fmt::gmtime(seconds));
}

bool made_by_machine(const std::string& id) {
    return id.empty() ||
           (id.size() == 36 && std::ranges::all_of(id, [](char c) { return std::isxdigit(c) != 0 || c == '-'; }));
}

std::string vantages_in_words(const Incident& incident) {
    if (incident.vantages_reporting <= 0) return {};
    return fmt::format("{} of {} vantage{}", incident.vantages_failing, incident.vantages_reporting,
                       incident.vantages_reporting == 1 ? "" : "s");
}

/// Without who saw it.
std::string place_in_words(const Incident& incident) {
    switch (incident.scope) {
        case FaultScope::vantage:
            return "the prober itself at " + names_in_words(incident.vantages, 3);
        case FaultScope::schedule: {
            const std::string where = names_in_words(incident.vantages, 3);
            return where.empty() ? "the prober itself" : "the prober itself at " + where;
        }
        case FaultScope::named:
            return incident.cells.empty() ? std::string() : clipped(incident.cells.front().cell.probe, most_name);
        case FaultScope::cell:
        case FaultScope::target:
        case FaultScope::global:
            break;
    }
    const std::string targets = names_in_words(incident.targets, 3);
    if (incident.scope != FaultScope::global) return targets.empty() ? targets : "on " + targets;
    if (targets.empty()) return "everywhere";
    return incident.targets.size() > 1 ? fmt::format("on all targets ({})", targets) : "on " + targets;
}

bool seen_by_several(const Incident& incident) {
    return incident.scope == FaultScope::cell || incident.scope == FaultScope::target ||
           incident.scope == FaultScope::global;
}

}  // namespace

std::string names_in_words(const std::vector<std::string>& names, std::size_t most) {
    std::vector<std::string> shown;
    for (const std::string& name : names) {
        if (!name.empty()) shown.push_back(clipped(name, most_name));
    }
    const std::size_t all = shown.size();
    if (all > most + 1) {
        shown.resize(most);
        shown.push_back(fmt::format("{} more", all - most));
    }
    if (shown.empty()) return {};
    std::string words = shown.front();
    for (std::size_t at = 1; at < shown.size(); ++at) words += (at + 1 == shown.size() ? " and " : ", ") + shown[at];
    return words;
}

std::string moment_in_words(Wall at, Wall now) {
    if (std::chrono::floor<std::chrono::days>(at) == std::chrono::floor<std::chrono::days>(now))
        return date(at, "{:%H:%M} UTC");
    return date(at,
                std::chrono::abs(now - at) > std::chrono::days(300) ? "{:%Y-%m-%d %H:%M} UTC" : "{:%d %b %H:%M} UTC");
}

std::string cell_in_words(const CellKey& cell) {
    return cell.vantage.empty() ? cell.text() : cell.text() + " from " + cell.vantage;
}

std::string change_in_words(const Change& change) {
    if (!made_by_machine(change.id)) return clipped(change.id, most_name);
    return clipped(change.kind.empty() ? "change" : change.kind, most_name) +
           (change.component.empty() ? std::string() : " of " + clipped(change.component, most_name));
}

std::string suspect_in_words(const Suspect& suspect, Wall began_at) {
    const Duration before = began_at - suspect.change.started_at;
    const std::string words = change_in_words(suspect.change);
    return before < Duration::zero() ? words : words + " (" + human_duration(before) + " before)";
}

const Suspect* likely_suspect(const Incident& incident) {
    const auto found =
        std::ranges::find_if(incident.suspects, [](const Suspect& suspect) { return !suspect.rejected; });
    return found == incident.suspects.end() ? nullptr : &*found;
}

std::string effect_in_words(const Incident& incident) {
    const bool drill = incident.drill;  // its message says what it is
    std::string effect = incident.message.empty() ? incident.failure_class : incident.message;
    if (!drill && effect.find(incident.service) == std::string::npos) effect = incident.service + ": " + effect;
    std::ranges::replace_if(effect, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }, ' ');
    return clipped(effect, most_effect);
}

std::string scope_in_words(const Incident& incident) {
    std::string words = place_in_words(incident);
    const std::string seen = seen_by_several(incident) ? vantages_in_words(incident) : std::string();
    if (!seen.empty()) words += (words.empty() ? "" : ", ") + ("seen from " + seen);
    if (incident.more_cells > 0)
        words += fmt::format("{}{} more cells than are listed", words.empty() ? "" : ", ", incident.more_cells);
    return words;
}

std::string headline(const Incident& incident, Wall now) {
    std::string line = incident.drill ? "drill: " : "";
    if (incident.recovered_at) line += "recovered: ";
    if (incident.unwatched) line += "no longer watched: ";
    line += effect_in_words(incident);
    const std::string place = incident.scope == FaultScope::named ? std::string() : place_in_words(incident);
    if (!place.empty()) line += (seen_by_several(incident) ? " " : ", ") + place;
    const std::string seen = seen_by_several(incident) ? vantages_in_words(incident) : std::string();
    if (!seen.empty()) line += " (" + seen + ")";
    const Wall began = incident.wave_began_at.empty() ? incident.began_at : incident.wave_began_at.back();
    if (incident.recovered_at) {
        line += " from " + moment_in_words(began, now) + " to " + moment_in_words(*incident.recovered_at, now);
    } else {
        line += " since " + moment_in_words(began, now);
    }
    if (incident.waves > 1) line += fmt::format(", wave {}", incident.waves);
    if (incident.flapping) line += ", flapping";
    if (const Suspect* const suspect = likely_suspect(incident); suspect != nullptr && suspect->score >= likely_from)
        line += "; likely " + suspect_in_words(*suspect, incident.began_at);
    const bool overridden =
        incident.muted && incident.severity == AlertSeverity::critical && incident.confirmed && !incident.recovered_at;
    if (overridden) line += "; mute of " + clipped(incident.muted->owner, most_name) + " overridden";
    if (!incident.runbook.empty() && incident.runbook.size() <= most_runbook) line += "; runbook " + incident.runbook;
    return line;
}

}  // namespace serin
