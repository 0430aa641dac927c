// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "reports/alerts/incidents/book_impl.hpp"
#include "reports/alerts/incidents/book_join.hpp"
#include "reports/alerts/incidents/causes.hpp"
#include "reports/alerts/incidents/wording.hpp"

namespace serin {
namespace {

constexpr std::size_t most_mitigations = 50;
constexpr int kept_for = 4;  ///< times suspect_within: code that lay dormant may be armed by a flip

bool same_ranks(const std::vector<Suspect>& one, const std::vector<Suspect>& other) {
    return std::ranges::equal(one, other, [](const Suspect& a, const Suspect& b) {
        return a.change.id == b.change.id && a.score == b.score && a.rejected == b.rejected &&
               a.rejected_by == b.rejected_by && a.why == b.why && a.change.ended_at == b.change.ended_at;
    });
}

std::string id_of(const Suspect* suspect) {
    return suspect == nullptr ? std::string() : suspect->change.id;
}

bool elsewhere(const Change& change, const Incident& incident) {
    if (change.shards.empty() || incident.targets.empty()) return false;
    return std::ranges::none_of(change.shards, [&](const std::string& shard) {
        return std::ranges::find(incident.targets, shard) != incident.targets.end();
    });
}

Wall end_of(const Change& change) {
    return change.ended_at.value_or(change.started_at);
}

const char* effect_words(const std::string& effect) {
    if (effect == "improved") return " helped: it works again";
    if (effect == "worse") return " made it worse";
    return " had no effect";
}

}  // namespace

void Book::Impl::rank(Incident& incident, BookStep& step) {
    if (incident.drill) return;
    std::vector<Change> known;
    for (const auto& [id, change] : changes) known.push_back(change);
    std::vector<Suspect> suspects = rank_suspects(known, incident, rules.suspect_within);
    if (same_ranks(suspects, incident.suspects)) return;
    const std::string before = id_of(likely_suspect(incident));
    incident.suspects = std::move(suspects);
    step.touch(incident);
    const Suspect* const likely = likely_suspect(incident);
    if (likely != nullptr && likely->change.id != before)
        step.log(incident, "suspect",
                 "likely change: " + suspect_in_words(*likely, incident.began_at) +
                     (likely->why.empty() ? "" : "; " + names_in_words(likely->why, 4)));
}

void Book::Impl::judge(const Change& change, Incident& incident, BookStep& step) {
    if (incident.drill) return;
    if (change.started_at < incident.began_at) return rank(incident, step);
    auto& all = incident.mitigations;
    const auto known = std::ranges::find(all, change.id, [](const Mitigation& one) { return one.change.id; });
    if (known != all.end()) {
        const bool later = end_of(change) > end_of(known->change);
        known->change = change;
        if (later && known->effect == "none" && step.now() < end_of(change) + effect_within) known->effect.clear();
        return step.touch(incident);
    }
    if (incident.state != IncidentState::open || elsewhere(change, incident) || all.size() >= most_mitigations) return;
    all.push_back(Mitigation{.change = change, .failing_before = failing_cells(incident)});
    step.log(incident, "mitigation",
             change_in_words(change) + (change.title.empty() ? "" : ": " + change.title) + " began while it goes on",
             change.author);
}

void Book::Impl::decide_effects(Incident& incident, BookStep& step) {
    if (incident.state != IncidentState::open) return;
    bool decided = false;
    for (Mitigation& one : incident.mitigations) {
        if (!one.effect.empty()) continue;
        if (failing_cells(incident) > one.failing_before) {
            one.effect = "worse";
        } else if (step.now() >= end_of(one.change) + effect_within) {
            one.effect = "none";
        } else {
            continue;
        }
        decided = true;
        step.log(incident, "effect", change_in_words(one.change) + effect_words(one.effect));
    }
    if (decided) rank(incident, step);
}

void Book::Impl::effects_of_recovery(Incident& incident, BookStep& step) {
    bool decided = false;
    for (Mitigation& one : incident.mitigations) {
        if (!one.effect.empty()) continue;
        const bool soon = !one.change.ended_at || step.now() <= end_of(one.change) + effect_within;
        one.effect = soon ? "improved" : "none";
        decided = true;
        step.log(incident, "effect", change_in_words(one.change) + effect_words(one.effect));
    }
    if (decided) rank(incident, step);
}

void Book::Impl::refresh_advice(Incident& incident, BookStep& step) {
    if (incident.state != IncidentState::open || incident.drill) return;
    std::string words = advice(incident, step.now(), rules.advise_after);
    if (words == incident.advice) return;
    incident.advice = std::move(words);
    step.log(incident, "advice", incident.advice.empty() ? "the advice does not hold any more" : incident.advice);
}

Transitions Book::take(const Change& change) {
    Wall now = impl_->last_now;
    if (now == Wall{}) now = end_of(change);
    BookStep step(now);
    const std::string id = change.id.empty() ? rfc3339(change.started_at) + " " + change.title : change.id;
    impl_->changes[id] = change;
    std::erase_if(impl_->changes,
                  [&](const auto& each) { return end_of(each.second) + kept_for * impl_->rules.suspect_within < now; });
    for (BookEntry* const entry : impl_->active_entries()) {
        impl_->judge(change, entry->incident, step);
        impl_->decide_effects(entry->incident, step);
    }
    return std::move(step).finish();
}

}  // namespace serin
