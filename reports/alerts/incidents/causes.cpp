// SPDX-License-Identifier: Apache-2.0
#include "reports/alerts/incidents/causes.hpp"

#include <algorithm>
#include <cmath>

#include "core/time.hpp"
#include "reports/alerts/incidents/change_scope.hpp"
#include "reports/alerts/incidents/wording.hpp"

namespace serin {
namespace {

using std::chrono::hours;

constexpr std::size_t most_suspects = 10;

/// What a kind of change is worth, and how its nearness falls: to `floor`, by a factor of e each `fades`.
struct KindWeight {
    std::string_view kind;
    double weight, floor;
    Duration fades;
};
/// A deploy mostly shows at once; data that were changed wait for the load, or the user, that they do not bear.
constexpr KindWeight kind_weights[] = {
    {"migration", 1.0, 0.5, hours(24)}, {"flag", 0.95, 0.4, hours(12)},  {"config", 0.95, 0.4, hours(12)},
    {"deploy", 0.85, 0.35, hours(6)},   {"manual", 0.75, 0.3, hours(6)}, {"capacity", 0.65, 0.3, hours(12)},
    {"rollback", 0.55, 0.25, hours(6)},
};
constexpr KindWeight other_kind{"other", 0.5, 0.25, hours(6)};

const KindWeight& weight_of(const Change& change) {
    const auto* const found = std::ranges::find(kind_weights, change.kind, &KindWeight::kind);
    return found == std::end(kind_weights) ? other_kind : *found;
}

Wall end_of(const Change& change) {
    return std::max(change.started_at, change.ended_at.value_or(change.started_at));
}

/// Zero while it was under way.
Duration age_of(const Change& change, const Incident& incident) {
    return std::max(Duration::zero(), Duration(incident.began_at - end_of(change)));
}

double nearness(const Change& change, const Incident& incident) {
    const KindWeight& kind = weight_of(change);
    const double ages =
        std::chrono::duration<double>(age_of(change, incident)) / std::chrono::duration<double>(kind.fades);
    return kind.floor + (1 - kind.floor) * std::exp(-ages);
}

std::string time_in_words(const Change& change, const Incident& incident) {
    const std::string began = "began " + human_duration(incident.began_at - change.started_at) + " before";
    if (end_of(change) >= incident.began_at) return began + " and was under way";
    return age_of(change, incident) >= hours(2) ? began + ", latent" : began;
}

Suspect suspect_of(const Change& change, const Incident& incident) {
    Suspect suspect{.change = change};
    suspect.why.push_back(time_in_words(change, incident));
    const ScopeOverlap overlap = overlap_of(change, incident);
    if (!overlap.component_why.empty()) suspect.why.push_back(overlap.component_why);
    if (!overlap.targets_why.empty()) suspect.why.push_back(overlap.targets_why);
    suspect.score = weight_of(change).weight * nearness(change, incident) * overlap.component * overlap.targets;
    return suspect;
}

bool is_flip(const Change& change) {
    return change.kind == "flag" || change.kind == "config";
}

bool holds_code(const Change& change) {
    return change.kind == "deploy" || change.kind == "migration";
}

bool same_component(const Change& a, const Change& b) {
    return !a.component.empty() && a.component == b.component;
}

/// Lifts what a flip may have armed; `older` are changes that are too old to be suspects by themselves.
void arm(std::vector<Suspect>& suspects, const std::vector<Change>& older, const Incident& incident) {
    std::vector<Suspect> flips;
    std::ranges::copy_if(suspects, std::back_inserter(flips), [](const Suspect& each) { return is_flip(each.change); });
    for (const Suspect& flip : flips) {
        const auto armed_by_it = [&](const Change& change) {
            return holds_code(change) && same_component(change, flip.change) &&
                   change.started_at < flip.change.started_at;
        };
        Suspect* newest = nullptr;
        for (Suspect& each : suspects) {
            if (!armed_by_it(each.change)) continue;
            if (newest == nullptr || newest->change.started_at < each.change.started_at) newest = &each;
        }
        if (newest == nullptr) {
            const Change* latent = nullptr;
            for (const Change& each : older) {
                if (armed_by_it(each) && (latent == nullptr || latent->started_at < each.started_at)) latent = &each;
            }
            if (latent == nullptr) continue;
            suspects.push_back(suspect_of(*latent, incident));
            newest = &suspects.back();
        }
        newest->score = std::max(newest->score, 0.7 * flip.score);
        newest->why.push_back("its code may have been armed by " + change_in_words(flip.change));
    }
}

/// What a mitigation undid: those that it names, or, of a rollback that names none, the newest deploy of its component
/// that no rollback before it has undone.
std::vector<Suspect*> undone_by(const Change& undo, std::vector<Suspect>& suspects) {
    std::vector<Suspect*> undone;
    for (Suspect& each : suspects) {
        if (names_change(undo, each.change.id)) undone.push_back(&each);
    }
    if (!undone.empty() || undo.kind != "rollback") return undone;
    Suspect* newest = nullptr;
    for (Suspect& each : suspects) {
        if (each.rejected || each.change.kind != "deploy" || !same_component(each.change, undo)) continue;
        if (newest == nullptr || newest->change.started_at < each.change.started_at) newest = &each;
    }
    if (newest != nullptr) undone.push_back(newest);
    return undone;
}

void weigh_mitigations(std::vector<Suspect>& suspects, const Incident& incident) {
    for (const Mitigation& each : incident.mitigations) {
        const std::string undo = change_in_words(each.change);
        const bool helped = each.effect == "improved";
        if (!helped && each.effect != "none" && each.effect != "worse") continue;
        for (Suspect* const suspect : undone_by(each.change, suspects)) {
            suspect->rejected = !helped;
            suspect->rejected_by = helped ? "" : each.change.id;
            if (helped) suspect->score = 1;
            suspect->why.push_back(undo + (helped                   ? " undid it, and it works again"
                                           : each.effect == "worse" ? " undid it, and it became worse"
                                                                    : " undid it without effect"));
        }
    }
}

/// Was it undone before anything failed?
void weigh_earlier_rollbacks(std::vector<Suspect>& suspects) {
    std::vector<Change> rollbacks;
    for (const Suspect& each : suspects) {
        if (each.change.kind == "rollback") rollbacks.push_back(each.change);
    }
    for (Suspect& each : suspects) {
        for (const Change& rollback : rollbacks) {
            if (rollback.started_at <= each.change.started_at || !names_change(rollback, each.change.id)) continue;
            each.score *= 0.4;
            each.why.push_back("was undone before by " + change_in_words(rollback));
            break;
        }
    }
}

bool by_rank(const Suspect& a, const Suspect& b) {
    if (a.rejected != b.rejected) return b.rejected;
    if (a.score != b.score) return a.score > b.score;
    if (a.change.started_at != b.change.started_at) return a.change.started_at > b.change.started_at;
    return a.change.id < b.change.id;
}

}  // namespace

std::vector<Suspect> rank_suspects(const std::vector<Change>& changes, const Incident& incident, Duration within) {
    std::vector<Suspect> suspects;
    std::vector<Change> older;
    for (const Change& change : changes) {
        if (change.started_at >= incident.began_at) continue;
        if (age_of(change, incident) <= within) {
            suspects.push_back(suspect_of(change, incident));
        } else {
            older.push_back(change);
        }
    }
    arm(suspects, older, incident);
    weigh_earlier_rollbacks(suspects);
    weigh_mitigations(suspects, incident);
    std::ranges::sort(suspects, by_rank);
    if (suspects.size() > most_suspects) suspects.resize(most_suspects);
    return suspects;
}

std::string advice(const Incident& incident, Wall now, Duration after) {
    const Wall began = incident.wave_began_at.empty() ? incident.began_at : incident.wave_began_at.back();
    const bool of_service = incident.scope != FaultScope::vantage && incident.scope != FaultScope::schedule;
    if (incident.state != IncidentState::open || incident.drill || !of_service ||
        !(incident.confirmed || incident.vouched) || incident.severity != AlertSeverity::critical ||
        now - began <= after)
        return {};
    for (const Suspect& suspect : incident.suspects) {
        const Change& change = suspect.change;
        if (suspect.rejected || change.kind == "rollback" || age_of(change, incident) >= hours(24) ||
            !overlap_of(change, incident).in_scope)
            continue;
        std::vector<Suspect> alone{suspect};
        const bool being_undone = std::ranges::any_of(incident.mitigations, [&](const Mitigation& each) {
            return each.effect != "none" && each.effect != "worse" && !undone_by(each.change, alone).empty();
        });
        return being_undone ? std::string() : revert_in_words(change, incident, began);
    }
    return {};
}

}  // namespace serin
