// SPDX-License-Identifier: Apache-2.0
// What a step refers to must exist where it stands.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "core/names.hpp"
#include "scenarios/language/load_steps.hpp"

namespace serin {
namespace {

/// What a template surely begins with.
std::string constant_beginning(const Template& value) {
    const auto* text = std::get_if<Text>(&value.value);
    if (text == nullptr || text->parts.empty()) return {};
    const auto* first = std::get_if<std::string>(&text->parts.front());
    return first == nullptr ? std::string() : *first;
}

}  // namespace

bool StepLoader::only_reads(const HttpStep& http) {
    return http.read_only || http.method == "GET" || http.method == "HEAD" || http.method == "OPTIONS";
}

void StepLoader::check_url(const Template& url, const YamlNode& node, std::string_view kind) {
    const std::string begin = constant_beginning(url);
    const std::size_t scheme_end = begin.find("://");
    const std::string scheme = scheme_end == std::string::npos ? std::string() : begin.substr(0, scheme_end);
    const bool websocket = kind == "connect";
    const bool right =
        scheme.empty() || (websocket ? scheme == "ws" || scheme == "wss" : scheme == "http" || scheme == "https");
    if (!right) {
        reading_.complaints.error(
            node.place, fmt::format("`{}` takes no {}:// URL", kind, scheme), "",
            websocket ? "write ws:// or wss://, or a path" : "write http:// or https://, or a path");
    } else if (node.text.empty()) {
        reading_.complaints.error(node.place, fmt::format("`{}` has an empty URL", kind), "",
                                  "write a path, as `/health`");
    }
}

void StepLoader::check_actor(std::string_view actor, const Place& place) {
    if (owner_ == StepOwner::script || reading_.alone) return;
    const auto found = reading_.actors.find(actor);
    if (found != reading_.actors.end()) {
        found->second.used = true;
        return;
    }
    std::vector<std::string> known;
    known.reserve(reading_.actors.size());
    for (const auto& [name, _] : reading_.actors) known.push_back(name);
    reading_.complaints.error(place, fmt::format("unknown actor `{}`", actor), "",
                              known.empty() ? "declare it under `actors`" : did_you_mean(actor, known, "actors"));
}

void StepLoader::check_connected(const Step& step) {
    if (owner_ != StepOwner::scenario || connections_unknown_ || connected_.contains(step.actor)) return;
    const std::string who = step.actor.empty() ? "the anonymous actor" : fmt::format("`{}`", step.actor);
    reading_.complaints.error(
        step.place, fmt::format("{} has no websocket here", who), "no earlier `connect`",
        fmt::format("add a `connect` step{}",
                    step.actor.empty() ? ", or say who with `as`" : fmt::format(" with `as: {}`", step.actor)));
}

void StepLoader::check_from(const Fields& fields) {
    const YamlNode* from = fields.find("from");
    if (from == nullptr || owner_ == StepOwner::script) return;
    const auto found = ids_.find(from->text);
    if (found != ids_.end() && found->second->sends) return;
    if (found != ids_.end()) {
        reading_.complaints.error(from->place, fmt::format("`{}` sends nothing, so it starts no clock", from->text),
                                  fmt::format("a `{}` step", found->second->name),
                                  "name the step that sends what is awaited");
        return;
    }
    std::vector<std::string> senders;
    for (const auto& [id, kind] : ids_) {
        if (kind->sends) senders.push_back(id);
    }
    reading_.complaints.error(
        from->place, fmt::format("`from` names no earlier step: `{}`", from->text), "",
        senders.empty() ? "give the sending step an `id`" : did_you_mean(from->text, senders, "sending steps"));
}

void StepLoader::check_within(const Step& step, const Fields& fields) {
    const std::optional<Duration> within = fields.duration("within");
    if (!within || owner_ != StepOwner::scenario) return;
    const Duration limit = std::min(reading_.timeout, step.timeout.value_or(reading_.timeout));
    if (*within <= limit) return;
    reading_.complaints.warning(fields.find("within")->place,
                                fmt::format("`within` is longer than the timeout of {}", human_duration(limit)),
                                "can never pass", "raise `timeout` or lower `within`");
}

void StepLoader::check_read_only(const Step& step) {
    if (step.kind.empty()) return;  // no step at all, and said so
    const auto* http = std::get_if<HttpStep>(&step.action);
    constexpr std::array others{"poll", "receive", "none", "set", "pause"};
    const bool fine = http != nullptr ? only_reads(*http) : std::ranges::find(others, step.kind) != others.end();
    if (fine) return;
    reading_.complaints.error(
        step.place, fmt::format("a diagnosing step must only read, and `{}` may write", step.kind), "",
        http != nullptr ? "use GET, or add `read_only: true` if it changes nothing" : "move it to the steps");
}

}  // namespace serin
