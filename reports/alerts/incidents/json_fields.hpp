// SPDX-License-Identifier: Apache-2.0
// The members of what incident_json.hpp writes and reads, each named once: what is written is what is read.
#pragma once
#include "reports/alerts/incidents/incident.hpp"
#include "reports/alerts/incidents/notice.hpp"

namespace serin {

/// fields(visit, value): visit(key, member) for each. Value may be const.
template <class T>
struct Fields;

template <>
struct Fields<CellKey> {
    static void each(auto& visit, auto& x) {
        visit("probe", x.probe);
        visit("vantage", x.vantage);
        visit("target", x.target);
        visit("profile", x.profile);
        visit("cell", x.cell);
    }
};

template <>
struct Fields<Change> {
    static void each(auto& visit, auto& x) {
        visit("id", x.id);
        visit("kind", x.kind);
        visit("component", x.component);
        visit("title", x.title);
        visit("shards", x.shards);
        visit("author", x.author);
        visit("contact", x.contact);
        visit("rollback_plan", x.rollback_plan);
        visit("link", x.link);
        visit("started_at", x.started_at);
        visit("ended_at", x.ended_at);
    }
};

template <>
struct Fields<Acknowledgement> {
    static void each(auto& visit, auto& x) {
        visit("by", x.by);
        visit("via", x.via);
        visit("note", x.note);
        visit("at", x.at);
        visit("until", x.until);
    }
};

template <>
struct Fields<Mute> {
    static void each(auto& visit, auto& x) {
        visit("service", x.service);
        visit("failure_class", x.failure_class);
        visit("owner", x.owner);
        visit("reason", x.reason);
        visit("at", x.at);
        visit("until", x.until);
    }
};

template <>
struct Fields<Suspect> {
    static void each(auto& visit, auto& x) {
        visit("change", x.change);
        visit("score", x.score);
        visit("why", x.why);
        visit("rejected", x.rejected);
        visit("rejected_by", x.rejected_by);
    }
};

template <>
struct Fields<Mitigation> {
    static void each(auto& visit, auto& x) {
        visit("change", x.change);
        visit("effect", x.effect);
        visit("failing_before", x.failing_before);
    }
};

template <>
struct Fields<AffectedCell> {
    static void each(auto& visit, auto& x) {
        visit("cell", x.cell);
        visit("rule", x.rule);
        visit("since", x.since);
        visit("recovered_at", x.recovered_at);
        visit("run_id", x.run_id);
        visit("message", x.message);
        visit("because", x.because);
        visit("step", x.step);
        visit("wave", x.wave);
        visit("baseline_seconds", x.baseline_seconds);
    }
};

template <>
struct Fields<Symptom> {
    static void each(auto& visit, auto& x) {
        visit("service", x.service);
        visit("failure_class", x.failure_class);
        visit("message", x.message);
        visit("since", x.since);
        visit("until", x.until);
        visit("noted_at", x.noted_at);
        visit("critical", x.critical);
    }
};

template <>
struct Fields<TimelineEntry> {
    static void each(auto& visit, auto& x) {
        visit("incident_id", x.incident_id);
        visit("at", x.at);
        visit("event", x.event);
        visit("text", x.text);
        visit("by", x.by);
    }
};

template <>
struct Fields<Incident> {
    static void each(auto& visit, auto& x) {
        identity(visit, x);
        evidence(visit, x);
        telling(visit, x);
    }

private:
    static void identity(auto& visit, auto& x) {
        visit("id", x.id);
        visit("service", x.service);
        visit("failure_class", x.failure_class);
        visit("state", x.state);
        visit("severity", x.severity);
        visit("highest_severity", x.highest_severity);
        visit("scope", x.scope);
        visit("rule", x.rule);
        visit("owner", x.owner);
        visit("runbook", x.runbook);
        visit("drill", x.drill);
        visit("drill_channel", x.drill_channel);
        visit("declared", x.declared);
        visit("began_at", x.began_at);
        visit("opened_at", x.opened_at);
        visit("recovered_at", x.recovered_at);
        visit("closed_at", x.closed_at);
        visit("unwatched", x.unwatched);
        visit("waves", x.waves);
        visit("wave_began_at", x.wave_began_at);
    }
    static void evidence(auto& visit, auto& x) {
        visit("message", x.message);
        visit("root_step", x.root_step);
        visit("cells", x.cells);
        visit("more_cells", x.more_cells);
        visit("targets", x.targets);
        visit("vantages", x.vantages);
        visit("vantages_failing", x.vantages_failing);
        visit("vantages_reporting", x.vantages_reporting);
        visit("confirmed", x.confirmed);
        visit("vouched", x.vouched);
        visit("flapping", x.flapping);
        visit("symptoms", x.symptoms);
        visit("suspects", x.suspects);
        visit("mitigations", x.mitigations);
        visit("advice", x.advice);
        visit("baseline_seconds", x.baseline_seconds);
        visit("latency_seconds", x.latency_seconds);
        visit("outstanding", x.outstanding);
        visit("deliveries", x.deliveries);
        visit("usefulness", x.usefulness);
    }
    static void telling(auto& visit, auto& x) {
        visit("acknowledgement", x.acknowledgement);
        visit("muted", x.muted);
        visit("maintenance", x.maintenance);
        visit("attached", x.attached);
        visit("attached_to", x.attached_to);
        visit("paged_at", x.paged_at);
        visit("acknowledged_at", x.acknowledged_at);
        visit("paged", x.paged);
        visit("pages", x.pages);
        visit("level", x.level);
        visit("repeats", x.repeats);
        visit("escalate_at", x.escalate_at);
        visit("told", x.told);
        visit("told_channels", x.told_channels);
        visit("told_failover", x.told_failover);
        visit("told_at", x.told_at);
        visit("tell_change_at", x.tell_change_at);
        visit("notices", x.notices);
    }
};

template <>
struct Fields<Notice> {
    static void each(auto& visit, auto& x) {
        visit("id", x.id);
        visit("kind", x.kind);
        visit("incident", x.incident);
        visit("made_at", x.made_at);
        visit("level", x.level);
        visit("channels", x.channels);
        visit("failover", x.failover);
        visit("page", x.page);
    }
};

}  // namespace serin
