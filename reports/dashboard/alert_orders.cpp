// SPDX-License-Identifier: Apache-2.0
#include "reports/dashboard/alert_orders.hpp"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "core/names.hpp"
#include "reports/dashboard/body_reader.hpp"

namespace serin {

using Json = nlohmann::json;

namespace {

constexpr std::size_t name_bytes = 128;
constexpr std::size_t person_bytes = 200;
constexpr std::size_t line_bytes = 300;
constexpr std::size_t note_bytes = 4000;

constexpr std::array usefulnesses{Usefulness::unknown, Usefulness::actioned, Usefulness::no_action,
                                  Usefulness::false_alarm};

AlertCommand command_of(const char* kind, Wall now) {
    AlertCommand command;
    command.kind = kind;
    command.at = now;
    return command;
}

/// Who: the body's word, else the caller's.
std::string person(BodyReader& body, const char* key, const std::string& caller) {
    const std::string remedy = "say who you are";
    std::string name = caller.empty() ? body.needed_text(key, person_bytes, remedy) : body.text(key, person_bytes);
    return name.empty() ? caller : name;
}

std::string usefulness_of(BodyReader& body) {
    std::string word = body.text("usefulness", name_bytes);
    std::vector<std::string> known;
    for (const Usefulness each : usefulnesses) known.emplace_back(name_of(each));
    if (!word.empty() && std::ranges::find(known, word) == known.end())
        body.complain("unknown usefulness `" + clipped(word, 60) + "`", did_you_mean(word, known, "words"));
    return word;
}

template <class Value>
Result<Value> checked(Value value, const BodyReader& body) {
    if (const auto fine = body.verdict(); !fine) return std::unexpected(fine.error());
    return value;
}

}  // namespace

Result<AlertCommand> acknowledge_order(const Json& json, const std::string& incident_id, const std::string& caller,
                                       Wall now) {
    BodyReader body(json, {"by", "note", "lasts"});
    AlertCommand command = command_of("acknowledge", now);
    command.incident_id = incident_id;
    command.by = person(body, "by", caller);
    command.note = body.text("note", note_bytes, true);
    command.lasts = body.duration("lasts");
    return checked(std::move(command), body);
}

Result<AlertCommand> close_order(const Json& json, const std::string& incident_id, const std::string& caller,
                                 Wall now) {
    BodyReader body(json, {"by", "note", "usefulness"});
    AlertCommand command = command_of("close", now);
    command.incident_id = incident_id;
    command.by = person(body, "by", caller);
    command.note = body.text("note", note_bytes, true);
    command.usefulness = usefulness_of(body);
    return checked(std::move(command), body);
}

Result<AlertCommand> declare_order(const Json& json, const std::string& caller, Wall now) {
    BodyReader body(json, {"service", "message", "by", "began_at", "ended_at"});
    AlertCommand command = command_of("declare", now);
    command.service = body.needed_text("service", name_bytes, "name what users could not use");
    command.note = body.needed_text("message", line_bytes, "say in one line what users could not do");
    command.by = person(body, "by", caller);
    command.began_at = body.moment("began_at", now).value_or(now);
    command.ended_at = body.moment("ended_at", now);
    if (command.began_at > now) body.complain("`began_at` is in the future", "it is when users were first hit");
    if (command.ended_at && *command.ended_at < command.began_at)
        body.complain("`ended_at` is before `began_at`", "the earlier time is `began_at`");
    return checked(std::move(command), body);
}

Result<AlertCommand> mute_order(const Json& json, const std::string& caller, Wall now) {
    BodyReader body(json, {"service", "failure_class", "owner", "reason", "lasts"});
    AlertCommand command = command_of("mute", now);
    command.service = body.needed_text("service", name_bytes, "name the service whose incidents are muted");
    command.failure_class = body.text("failure_class", name_bytes);
    command.by = person(body, "owner", caller);
    command.note = body.needed_text("reason", line_bytes, "say why nobody needs to be told");
    command.lasts = body.duration("lasts");
    if (json.is_object() && (!json.contains("lasts") || json["lasts"].is_null()))
        body.complain("`lasts` is missing", "a mute ends: write 2h, 7d, at most 14d");
    if (command.lasts.value_or(Duration::zero()) > longest_mute)
        body.complain("`lasts` is longer than 14 days", "mute it for less, and look at it again then");
    return checked(std::move(command), body);
}

AlertCommand unmute_order(const std::string& service, const std::string& failure_class, const std::string& by,
                          Wall now) {
    AlertCommand command = command_of("unmute", now);
    command.service = service;
    command.failure_class = failure_class;
    command.by = by;
    return command;
}

Result<std::string> drill_order(const Json& json) {
    BodyReader body(json, {"channel"});
    std::string channel = body.text("channel", name_bytes);
    return checked(std::move(channel), body);
}

Result<Heartbeat> heartbeat_report(const Json& json, const std::string& name, Wall now) {
    BodyReader body(json, {"failed", "note"});
    Heartbeat heartbeat{.heartbeat = name, .failed = false, .note = {}, .at = now};
    heartbeat.failed = body.flag("failed");
    heartbeat.note = body.text("note", note_bytes, true);
    return checked(std::move(heartbeat), body);
}

Result<GaugeSample> gauge_report(const Json& json, const std::string& name, Wall now) {
    BodyReader body(json, {"value", "at"});
    GaugeSample sample{.gauge = name, .value = 0, .at = now};
    const std::optional<double> value = body.number("value");
    if (!value && json.is_object() && (!json.contains("value") || json["value"].is_null()))
        body.complain("`value` is missing", R"(write {"value": 12.5})");
    sample.value = value.value_or(0);
    sample.at = body.moment("at", now).value_or(now);
    if (sample.at > now + std::chrono::minutes(1)) body.complain("`at` is in the future", "look at the clocks");
    return checked(std::move(sample), body);
}

}  // namespace serin
