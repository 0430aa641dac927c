// SPDX-License-Identifier: Apache-2.0
#include "runner/config/probe_checks.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/names.hpp"

namespace serin {
namespace {

template <class Things>
std::vector<std::string> names_in(const Things& things, auto name) {
    std::vector<std::string> names;
    for (const auto& thing : things) names.push_back(std::invoke(name, thing));
    return names;
}

bool has(const std::vector<std::string>& names, const std::string& name) {
    return std::ranges::find(names, name) != names.end();
}

/// Variables are taken as `--set` takes them: typed by their text.
void check_vars(const YamlNode* vars, const Scenario& scenario, ConfigReading& reading) {
    if (vars == nullptr) return;
    const std::vector<std::string> declared = names_in(scenario.vars, &TemplateEntry::key);
    for (const YamlEntry& var : vars->entries) {
        if (!has(declared, var.key))
            reading.complaints.error(var.key_place,
                                     fmt::format("`{}` declares no variable `{}`", scenario.name, var.key), "",
                                     declared.empty() ? "declare it there under `vars`, with its default"
                                                      : did_you_mean(var.key, declared, "variables"));
        const bool quoted = var.value.style != ScalarStyle::plain;
        if (quoted && !std::holds_alternative<std::string>(typed_plain(var.value.text)))
            reading.complaints.warning(var.value.place, fmt::format("`{}` is taken without its quotes", var.key),
                                       "as `--set` would take it",
                                       "remove them; a scenario that needs a text can say `${tostring(vars.NAME)}`");
    }
}

/// All values that an axis can have, when that is known before the run.
std::optional<std::vector<std::string>> constant_values(const MatrixAxis& axis) {
    const auto* list = std::get_if<Template::List>(&axis.values.value);
    if (list == nullptr) return std::nullopt;
    std::vector<std::string> values;
    for (const Template& item : *list) {
        if (const auto* text = std::get_if<Text>(&item.value)) {
            if (!text->constant()) return std::nullopt;
            values.push_back(text->parts.empty() ? "" : std::get<std::string>(text->parts.front()));
        } else if (const auto* whole = std::get_if<std::int64_t>(&item.value)) {
            values.push_back(nlohmann::json(*whole).dump());
        } else if (const auto* real = std::get_if<double>(&item.value)) {
            values.push_back(nlohmann::json(*real).dump());
        } else if (const auto* flag = std::get_if<bool>(&item.value)) {
            values.push_back(nlohmann::json(*flag).dump());
        }
    }
    return values;
}

void check_axes(const YamlNode* matrix, const Scenario& scenario, ConfigReading& reading) {
    if (matrix == nullptr) return;
    const std::vector<std::string> axes = names_in(scenario.matrix, &MatrixAxis::name);
    for (const YamlEntry& kept : matrix->entries) {
        const auto axis = std::ranges::find(scenario.matrix, kept.key, &MatrixAxis::name);
        if (axis == scenario.matrix.end()) {
            reading.complaints.error(kept.key_place,
                                     axes.empty() ? fmt::format("`{}` has no matrix", scenario.name)
                                                  : fmt::format("`{}` has no axis `{}`", scenario.name, kept.key),
                                     "", axes.empty() ? "remove it" : did_you_mean(kept.key, axes, "axes"));
            continue;
        }
        const std::optional<std::vector<std::string>> values = constant_values(*axis);
        if (!values) continue;
        for (const YamlNode& value : kept.value.items) {
            if (has(*values, axis_value(value))) continue;
            reading.complaints.error(
                value.place, fmt::format("axis `{}` of `{}` has no value `{}`", kept.key, scenario.name, value.text),
                "", did_you_mean(value.text, *values, "values"));
        }
    }
}

}  // namespace

std::string axis_value(const YamlNode& scalar) {
    const ScalarValue value = typed(scalar);
    if (std::holds_alternative<std::string>(value)) return scalar.text;
    return std::visit([](const auto& one) { return nlohmann::json(one).dump(); }, value);
}

void check_selection(const ProbeConfig& probe, const YamlNode& labels, ConfigReading& reading) {
    const std::size_t before = reading.complaints.errors();
    for (const YamlEntry& label : labels.entries) {
        std::vector<std::string> keys, values;
        for (const Target& target : reading.targets) {
            for (const auto& [key, value] : target.values) {
                if (key != "api" && key != "ws" && !has(keys, key)) keys.push_back(key);
                if (key == label.key && !has(values, value)) values.push_back(value);
            }
        }
        if (values.empty()) {
            reading.complaints.error(
                label.key_place, fmt::format("no target has a label `{}`", label.key), "",
                keys.empty() ? "give it to the targets, beside their `api`" : did_you_mean(label.key, keys, "labels"));
        } else if (!has(values, label.value.text)) {
            reading.complaints.error(label.value.place,
                                     fmt::format("no target has `{}: {}`", label.key, label.value.text), "",
                                     did_you_mean(label.value.text, values, "values"));
        }
    }
    const bool any = std::ranges::any_of(reading.targets,
                                         [&](const Target& target) { return has_labels(target, probe.target_labels); });
    if (!any && reading.complaints.errors() == before)
        reading.complaints.error(labels.place, fmt::format("no target has all labels that `{}` asks for", probe.name),
                                 "nothing would be probed", "ask for fewer, or label the targets");
}

void check_times(const ProbeConfig& probe, const Fields& fields, ConfigReading& reading) {
    if (probe.every == Duration::zero()) return;
    for (const std::string_view key : {"jitter", "confirm"}) {
        const std::optional<Duration> given = fields.duration(key);
        if (!given || *given < probe.every) continue;
        reading.complaints.error(
            fields.find(key)->place,
            fmt::format("`{}` must be less than `every`, which is {}", key, human_duration(probe.every)), "",
            key == "jitter" ? "lower it, or leave it out" : "lower it: the next regular run comes first");
    }
    if (probe.scenario == nullptr) return;
    const Duration timeout = probe.timeout.value_or(probe.scenario->timeout);
    const std::int64_t needed = (timeout.count() + probe.every.count() - 1) / probe.every.count();
    if (needed <= probe.overlap) return;
    const std::string many =
        needed <= 1000 ? fmt::format(", or `overlap: {{ allow: {} }}` to let them overlap", needed) : "";
    reading.complaints.warning(
        fields.key_place(fields.find("timeout") != nullptr ? "timeout" : "every"),
        fmt::format("a run of `{}` may take {}, and one is due every {}", probe.name, human_duration(timeout),
                    human_duration(probe.every)),
        "slots would be skipped while it hangs",
        fmt::format("lower the probe's `timeout` to {} or less{}", human_duration(probe.every * probe.overlap), many));
}

void check_against_scenario(const ProbeConfig& probe, const Fields& fields, bool fine, ConfigReading& reading) {
    const Scenario& scenario = *probe.scenario;
    const std::size_t before = reading.complaints.errors();
    check_vars(fields.find("vars"), scenario, reading);
    check_axes(fields.find("matrix"), scenario, reading);
    check_profile_vars(probe, fields, reading);
    const bool chooses = fields.find("targets") != nullptr || !scenario.matrix.empty();
    if (fine && !chooses && reading.targets.size() > 1)
        reading.complaints.warning(
            probe.place,
            fmt::format("`{}` does not say which of {} targets it is for", probe.name, reading.targets.size()),
            fmt::format("only `{}` would be probed", reading.targets.front().name), "add `targets: all`, or name them");
    if (fine && reading.complaints.errors() == before) check_cells(probe, fields, reading);
}

}  // namespace serin
