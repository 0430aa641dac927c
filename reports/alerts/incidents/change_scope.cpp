// SPDX-License-Identifier: Apache-2.0
#include "reports/alerts/incidents/change_scope.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <vector>

#include "core/ascii.hpp"
#include "core/names.hpp"
#include "reports/alerts/incidents/wording.hpp"
#include "reports/formats/escaping.hpp"

namespace serin {
namespace {

constexpr std::size_t most_plan = 300;

/// Its words of at least three letters or digits, in lower case; "api" counts, "v2" does not.
std::set<std::string> words_of(std::string_view text) {
    std::set<std::string> words;
    std::string word;
    for (const char c : std::string(text) + " ") {
        if (is_alphanumeric(c)) {
            word += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
            continue;
        }
        if (word.size() >= 3) words.insert(word);
        word.clear();
    }
    return words;
}

bool share_a_word(std::string_view a, std::string_view b) {
    const std::set<std::string> words = words_of(a);
    return std::ranges::any_of(words_of(b), [&](const std::string& word) { return words.contains(word); });
}

void weigh_component(ScopeOverlap& overlap, const Change& change, const Incident& incident) {
    if (change.component.empty()) {
        overlap.component = 0.7;  // nobody said what it changed
        return;
    }
    if (equal_ignoring_case(change.component, incident.service)) {
        overlap.in_scope = true;
        overlap.component_why = "changes " + change.component + ", which fails";
        return;
    }
    std::set<std::string_view> probes;
    for (const AffectedCell& each : incident.cells) probes.insert(each.cell.probe);
    const bool near =
        share_a_word(change.component, incident.service) || share_a_word(change.component, incident.root_step) ||
        std::ranges::any_of(probes, [&](std::string_view probe) { return share_a_word(change.component, probe); });
    overlap.in_scope = near;
    overlap.component = near ? 0.9 : 0.4;
    if (near) overlap.component_why = fmt::format("changes {}, close to {}", change.component, incident.service);
}

void weigh_targets(ScopeOverlap& overlap, const Change& change, const Incident& incident) {
    std::vector<std::string> touched;
    std::size_t named = 0;
    for (const std::string& target : incident.targets) {
        if (target.empty()) continue;
        ++named;
        if (std::ranges::find(change.shards, target) != change.shards.end()) touched.push_back(target);
    }
    if (change.shards.empty()) {
        // A change of everything would rather show everywhere.
        overlap.targets = incident.scope == FaultScope::global || named == 0 ? 1 : 0.85;
    } else if (named == 0) {
        overlap.targets = 0.9;
    } else if (touched.empty()) {
        overlap.targets = 0.3;
        overlap.targets_why = "touches none of the failing targets";
    } else {
        overlap.in_scope = true;
        overlap.targets = 0.8 + 0.2 * static_cast<double>(touched.size()) / static_cast<double>(named);
        overlap.targets_why = touched.size() == named ? "touches every failing target"
                                                      : "touches failing targets: " + names_in_words(touched, 3);
    }
}

bool holds_word(std::string_view text, std::string_view word) {
    const auto within = [](char c) { return is_alphanumeric(c) || c == '-' || c == '_'; };
    for (std::size_t at = text.find(word); at != std::string_view::npos; at = text.find(word, at + 1)) {
        const std::size_t end = at + word.size();
        if ((at == 0 || !within(text[at - 1])) && (end == text.size() || !within(text[end]))) return true;
    }
    return false;
}

}  // namespace

ScopeOverlap overlap_of(const Change& change, const Incident& incident) {
    ScopeOverlap overlap;
    weigh_component(overlap, change, incident);
    weigh_targets(overlap, change, incident);
    return overlap;
}

bool names_change(const Change& change, std::string_view id) {
    if (id.empty() || change.id == id) return false;
    return std::ranges::any_of(
        std::vector<std::string_view>{change.component, change.title, change.link, change.rollback_plan},
        [&](std::string_view text) { return holds_word(text, id); });
}

std::string revert_in_words(const Change& change, const Incident& incident, Wall began) {
    const std::string kind = change.kind.empty() ? "change" : change.kind;
    std::string words = fmt::format("revert {} ({}{}, began {} before): {} since {}", change.id, kind,
                                    change.component.empty() ? "" : " of " + change.component,
                                    human_duration(incident.began_at - change.started_at), effect_in_words(incident),
                                    moment_in_words(began, began));
    const std::string scope = scope_in_words(incident);
    if (!scope.empty()) words += ", " + scope;
    if (!change.rollback_plan.empty()) {
        words += "; plan: " + clipped(change.rollback_plan, most_plan);
    } else {
        const std::string& who = change.contact.empty() ? change.author : change.contact;
        words += "; no rollback plan was recorded" + (who.empty() ? std::string() : ", ask " + who);
    }
    if (!change.link.empty()) words += "; " + clipped(change.link, most_plan);
    return printable(words);
}

}  // namespace serin
