// SPDX-License-Identifier: Apache-2.0
#include "reports/alerts/incidents/post_mortem.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "reports/alerts/incidents/wording.hpp"
#include "reports/formats/markdown.hpp"

namespace serin {
namespace {

std::string span(Wall from, const std::optional<Wall>& until, const char* otherwise) {
    return until ? human_duration(*until - from) : otherwise;
}

std::string moment(Wall at) {
    const std::string precise = rfc3339(at);
    return precise.substr(0, 10) + " " + precise.substr(11, 8);
}

/// One line of a table; cells are escaped already.
std::string row(std::initializer_list<std::string> cells) {
    std::string line = "|";
    for (const std::string& cell : cells) line += " " + (cell.empty() ? "-" : cell) + " |";
    return line + "\n";
}
std::string head(std::initializer_list<std::string> names) {
    std::string line = row(names) + "|";
    for (std::size_t at = 0; at < names.size(); ++at) line += " --- |";
    return line + "\n";
}

std::string title(const Incident& incident) {
    return "# " + markdown_text(incident.id) + ": " + markdown_text(effect_in_words(incident)) + "\n\n";
}

std::string facts(const Incident& incident, Wall now) {
    std::string text = markdown_text(headline(incident, now)) + "\n\n";
    if (incident.drill) text += "**This was a drill: nothing was wrong.**\n\n";
    if (incident.declared) text += "**A person told of it; no rule found it.**\n\n";
    const auto item = [&text](const char* name, const std::string& value) {
        text += fmt::format("- {}: {}\n", name, value.empty() ? "-" : value);
    };
    item("Service", markdown_text(incident.service));
    item("Failure class", markdown_text(incident.failure_class));
    item("State", fmt::format("{}, {}", name_of(incident.state), name_of(incident.severity)));
    item("Scope", markdown_text(scope_in_words(incident)));
    item("Owner", markdown_text(incident.owner));
    item("Runbook", incident.runbook.empty() ? "" : markdown_link(incident.runbook));
    item("What people said of the alert", name_of(incident.usefulness));
    return text + "\n";
}

std::string figures(const Incident& incident) {
    std::string text = "## Figures\n\n" + head({"Figure", "Value"});
    text += row({"Began", moment(incident.began_at)});
    text += row({"Time to detect", human_duration(incident.opened_at - incident.began_at)});
    text += row({"Time to page", span(incident.began_at, incident.paged_at, "nobody was paged")});
    text += row({"Time to acknowledge",
                 span(incident.paged_at.value_or(incident.opened_at), incident.acknowledged_at, "not acknowledged")});
    text += row({"Time to recover", span(incident.began_at, incident.recovered_at, "it goes on")});
    text += row({"Closed", incident.closed_at ? moment(*incident.closed_at) : "not yet"});
    text += row({"Waves", std::to_string(incident.waves)});
    text += row({"Pages", fmt::format("{}, {} rounds of the whole chain", incident.pages, incident.repeats)});
    if (incident.baseline_seconds) text += row({"Latency before", fmt::format("{:.3g} s", *incident.baseline_seconds)});
    if (incident.latency_seconds) text += row({"Latency after", fmt::format("{:.3g} s", *incident.latency_seconds)});
    if (incident.waves > 1) {
        text += "\nWaves began at:\n\n";
        for (const Wall began : incident.wave_began_at) text += "- " + moment(began) + "\n";
    }
    return text + "\n";
}

std::string counts(const Incident& incident) {
    std::string text = "## Messages\n\n";
    if (incident.deliveries.empty()) {
        text += "None were counted.\n\n";
    } else {
        text += head({"State", "Messages"});
        for (const auto& [state, count] : incident.deliveries)
            text += row({markdown_text(state), std::to_string(count)});
        text += "\nReconciled with what turned up later. ";
    }
    return text + (incident.outstanding > 0 ? fmt::format("{} are not settled yet.\n\n", incident.outstanding)
                                            : "None are outstanding.\n\n");
}

std::string cells(const Incident& incident) {
    if (incident.cells.empty()) return {};
    constexpr std::size_t most = 200;
    std::string text = "## Affected cells\n\n" + head({"Cell", "Wave", "Since", "Recovered", "Step", "What was seen"});
    for (const AffectedCell& cell : incident.cells) {
        if (&cell - incident.cells.data() >= static_cast<std::ptrdiff_t>(most)) break;
        const std::string run = cell.run_id.empty() ? "" : "; run " + cell.run_id;
        text += row({markdown_text(cell_in_words(cell.cell)), std::to_string(cell.wave), moment(cell.since),
                     cell.recovered_at ? moment(*cell.recovered_at) : "not yet", markdown_text(cell.step),
                     markdown_text(cell.message + (cell.because.empty() ? "" : " (" + cell.because + ")") + run)});
    }
    if (incident.cells.size() > most) text += fmt::format("\n{} more are left out.\n", incident.cells.size() - most);
    return text + "\n";
}

std::string symptoms(const Incident& incident) {
    if (incident.symptoms.empty()) return {};
    std::string text =
        "## What failed because of it\n\n" + head({"Service", "Failure class", "Since", "Until", "What"});
    for (const Symptom& symptom : incident.symptoms) {
        text += row({markdown_text(symptom.service), markdown_text(symptom.failure_class), moment(symptom.since),
                     symptom.until ? moment(*symptom.until) : "not yet", markdown_text(symptom.message)});
    }
    return text + "\n";
}

std::string suspects(const Incident& incident) {
    std::string text = "## Suspected changes\n\n";
    if (incident.suspects.empty()) return text + "None were recorded before it began.\n\n";
    text += head({"Change", "What", "Began", "Why", "Fate"});
    for (const Suspect& suspect : incident.suspects) {
        const Change& change = suspect.change;
        std::string why;
        for (const std::string& one : suspect.why) why += (why.empty() ? "" : "; ") + one;
        const std::string fate = suspect.rejected
                                     ? "rejected: " + markdown_text(suspect.rejected_by) + " undid it without effect"
                                     : "stands";
        text += row(
            {markdown_text(change_in_words(change)) + (change.link.empty() ? "" : " " + markdown_link(change.link)),
             markdown_text(change.kind + " of " + change.component + (change.title.empty() ? "" : ": " + change.title)),
             moment(change.started_at), markdown_text(why), fate});
    }
    return text + "\n";
}

std::string mitigations(const Incident& incident) {
    if (incident.mitigations.empty()) return {};
    std::string text = "## What was done\n\n" + head({"Change", "What", "By", "Began", "Ended", "Effect"});
    for (const Mitigation& one : incident.mitigations) {
        const Change& change = one.change;
        text += row(
            {markdown_text(change_in_words(change)),
             markdown_text(change.kind + " of " + change.component + (change.title.empty() ? "" : ": " + change.title)),
             markdown_text(change.author), moment(change.started_at), change.ended_at ? moment(*change.ended_at) : "",
             one.effect.empty() ? "not known yet" : markdown_text(one.effect)});
    }
    return text + "\n";
}

/// Of one instant in the order in which they were written.
std::string course(const std::vector<TimelineEntry>& timeline) {
    std::string text = "## Timeline\n\nTimes are UTC.\n\n" + head({"Time", "Event", "What", "Who"});
    std::vector<std::pair<Wall, std::size_t>> order;
    for (std::size_t at = 0; at < timeline.size(); ++at) order.emplace_back(timeline[at].at, at);
    std::ranges::sort(order);
    for (const auto& [when, at] : order) {
        const TimelineEntry& entry = timeline[at];
        text += row({moment(entry.at), markdown_text(entry.event), markdown_text(entry.text),
                     entry.by.empty() ? "Serin" : markdown_text(entry.by)});
    }
    return text + "\n";
}

constexpr const char* questions =
    "## To be filled in by people\n\n"
    "1. Who was affected, and what did they lose?\n"
    "2. What was the cause, and which change armed it?\n"
    "3. Why was it not found before users met it?\n"
    "4. What helped, what did not, and what made it worse?\n"
    "5. How will we know that it cannot come back: which probe, which rule?\n"
    "6. Was the alert useful? Say it with `serin incidents close ID --usefulness actioned`, `no_action` or "
    "`false_alarm`.\n";

}  // namespace

std::string post_mortem(const Incident& incident, const std::vector<TimelineEntry>& timeline, Wall now) {
    std::string text = title(incident) + facts(incident, now) + figures(incident) + counts(incident);
    if (!incident.advice.empty()) text += "Advice by the written rule: " + markdown_text(incident.advice) + "\n\n";
    return text + suspects(incident) + mitigations(incident) + symptoms(incident) + course(timeline) + cells(incident) +
           questions;
}

}  // namespace serin
