// SPDX-License-Identifier: Apache-2.0
// The rules of a probe: what its `alert` says, over `alerts.defaults`, over the documented defaults.
#include "runner/config/reading.hpp"
#include "runner/config/table.hpp"

namespace serin {
namespace {

void take(std::optional<std::int64_t> given, int& into) {
    if (given) into = static_cast<int>(*given);
}
void take(const Fields& fields, std::string_view key, OfLast& into) {
    if (const std::optional<XOfY> given = fields.x_of_y(key)) into = {.failures = given->x, .runs = given->y};
}
/// `fallback`: what a rule that was switched off begins with when it is given again.
void take(const Fields& fields, std::string_view key, std::optional<OfLast>& into) {
    if (const YamlNode* node = fields.find(key); node != nullptr && node->text == "off") into.reset();
    if (const std::optional<XOfY> given = fields.x_of_y(key)) into = OfLast{.failures = given->x, .runs = given->y};
}

/// Reads the rule `key` of `alert` by `read(fields, rule)`: off, or over what it was, or over `fresh` when it was off.
template <class Rule>
void take_rule(const Fields& alert, std::string_view key, std::string_view type, std::optional<Rule>& into,
               const Rule& fresh, ConfigReading& reading, void (*read)(const Fields&, Rule&)) {
    const YamlNode* node = alert.find(key);
    if (node == nullptr) return;
    if (!node->is_map()) {
        into.reset();
        return;
    }
    const Fields fields(*node, config_type(type), alert.key_place(key), reading.complaints);
    if (!into) into = fresh;
    read(fields, *into);
}

void read_rate(const Fields& fields, RateRule& rule) {
    rule.share = fields.share("share").value_or(rule.share);
    take(fields.count("least"), rule.least);
    rule.window = fields.duration("window").value_or(rule.window);
}
void read_latency(const Fields& fields, LatencyRule& rule) {
    rule.factor = fields.number("factor").value_or(rule.factor);
    take(fields, "of", rule.of);
    rule.baseline = fields.duration("baseline").value_or(rule.baseline);
    take(fields.count("least"), rule.least);
}
void read_burn(const Fields& fields, BurnRule& rule) {
    rule.objective = fields.share("objective").value_or(rule.objective);
    take(fields.count("least_long"), rule.least_long);
    take(fields.count("least_short"), rule.least_short);
    rule.severity = severity_of(fields, rule.severity);
}

void apply(const Fields& alert, ProbeRules& rules, ConfigReading& reading) {
    const ProbeRules fresh;
    if (alert.find("service") != nullptr) rules.service = alert.text("service");
    rules.severity = severity_of(alert, rules.severity);
    take(alert, "hard", rules.hard);
    take(alert, "soft", rules.soft);
    take(alert.count("recover"), rules.recover);
    take(alert.count("recover_vantages"), rules.recover_vantages);
    take_rule(alert, "lost", "rate rule", rules.lost, *fresh.lost, reading, read_rate);
    take_rule(alert, "late", "rate rule", rules.late, *fresh.late, reading, read_rate);
    take_rule(alert, "duplicated", "rate rule", rules.duplicated, *fresh.duplicated, reading, read_rate);
    take_rule(alert, "latency", "latency rule", rules.latency, *fresh.latency, reading, read_latency);
    take_rule(alert, "burn", "burn rule", rules.burn, BurnRule{}, reading, read_burn);
    take(alert.count("stale_after"), rules.stale_after);
    take(alert, "missed", rules.missed);
    if (alert.find("depends_on") != nullptr) rules.depends_on = alert.texts("depends_on");
    rules.control = alert.flag("control", rules.control);
}

}  // namespace

AlertSeverity severity_of(const Fields& fields, AlertSeverity fallback) {
    const std::string word = fields.text("severity");
    if (word == "critical") return AlertSeverity::critical;
    if (word == "warning") return AlertSeverity::warning;
    return word == "info" ? AlertSeverity::info : fallback;
}

void read_rule_defaults(const std::optional<Fields>& alerts, ConfigReading& reading) {
    if (!alerts) return;
    if (const std::optional<Fields> defaults = block_of(*alerts, "defaults", "alert block", reading))
        apply(*defaults, reading.rule_defaults, reading);
}

ProbeRules read_rules(const Fields& probe, const ProbeConfig& config, ConfigReading& reading) {
    ProbeRules rules = reading.rule_defaults;
    rules.probe = config.name;
    if (rules.service.empty()) rules.service = config.name;
    rules.every = config.every;
    const bool scenario = config.scenario != nullptr;
    rules.owner = config.owner.empty() && scenario ? config.scenario->owner : config.owner;
    rules.runbook = config.runbook.empty() && scenario ? config.scenario->runbook : config.runbook;
    const std::optional<Fields> alert = block_of(probe, "alert", "alert block", reading);
    if (alert) apply(*alert, rules, reading);
    // What all depend on does not depend on itself.
    if (!alert || alert->find("depends_on") == nullptr) std::erase(rules.depends_on, rules.service);
    return rules;
}

}  // namespace serin
