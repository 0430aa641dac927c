// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "core/names.hpp"
#include "scenarios/language/fragments.hpp"
#include "scenarios/language/load_steps.hpp"
#include "scenarios/language/lua_syntax.hpp"

namespace serin {
namespace {

std::string upper(std::string_view text) {
    std::string all(text);
    std::ranges::transform(all, all.begin(),
                           [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; });
    return all;
}

struct BodyKey {
    std::string_view key;
    BodyKind kind;
};
constexpr std::array body_keys{BodyKey{"json", BodyKind::json},           BodyKey{"body", BodyKind::text},
                               BodyKey{"form", BodyKind::form},           BodyKey{"file", BodyKind::file},
                               BodyKey{"multipart", BodyKind::multipart}, BodyKey{"hex", BodyKind::hex}};

}  // namespace

void StepLoader::load_action(Step& step, const YamlNode& node, const Fields& fields, const StepKind& kind,
                             StepPart part) {
    if (kind.http) {
        step.action = http(node, fields, kind);
    } else if (step.kind == "connect") {
        step.action = connect(fields);
        connected_.insert(step.actor);
    } else if (step.kind == "send") {
        step.action = send(fields);
        check_connected(step);
    } else if (step.kind == "receive") {
        step.action = receive(step, fields);
        check_connected(step);
    } else if (step.kind == "none") {
        step.action = none(step, fields);
        check_connected(step);
    } else if (step.kind == "poll") {
        step.action = poll(step, fields);
    } else if (step.kind == "repeat") {
        step.action = repeat(fields, part);
    } else if (step.kind == "parallel") {
        step.action = parallel(fields, part);
    } else if (step.kind == "call") {
        step.action = call(fields, part);
    } else if (step.kind == "set") {
        step.action = set(fields);
    } else if (step.kind == "pause") {
        step.action = pause(fields);
    } else {
        step.action = lua(fields, part);
    }
}

HttpStep StepLoader::http(const YamlNode& node, const Fields& fields, const StepKind& kind) {
    HttpStep made;
    const YamlNode* value = fields.find(kind.name);
    if (kind.name == "request" && value != nullptr) {
        const Fields line(*value, mapping_type("request line"), fields.key_place(kind.name), reading_.complaints);
        made.method = upper(line.text("method"));
        if (made.method.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ-") != std::string::npos) {
            reading_.complaints.error(line.find("method")->place,
                                      fmt::format("`{}` is no HTTP method", line.text("method")), "",
                                      "as `method: PROPFIND`");
        }
        if (const YamlNode* url = line.find("url")) {
            made.url = values_.text(*url);
            check_url(made.url, *url, kind.name);
        }
    } else if (value != nullptr && value->is_scalar()) {
        made.method = upper(kind.name);
        made.url = values_.text(*value);
        check_url(made.url, *value, kind.name);
    }
    if (const YamlNode* headers = fields.find("headers")) made.headers = values_.text_map(*headers);
    if (const YamlNode* query = fields.find("query")) made.query = values_.text_map(*query);
    load_body(made, node, fields);
    if (const YamlNode* reuse = fields.find("reuse")) made.reuse = values_.value(*reuse);
    made.max_redirects = static_cast<int>(fields.count("redirects").value_or(made.max_redirects));
    made.max_body = fields.count("max_body").value_or(made.max_body);
    made.read_only = fields.flag("read_only", false);
    return made;
}

void StepLoader::load_body(HttpStep& http, const YamlNode& node, const Fields& fields) {
    const YamlEntry* first = nullptr;
    for (const YamlEntry& entry : node.entries) {
        const auto body = std::ranges::find(body_keys, entry.key, &BodyKey::key);
        if (body == body_keys.end()) continue;
        if (first != nullptr) {
            reading_.complaints.error(entry.key_place, fmt::format("two bodies: `{}` and `{}`", first->key, entry.key),
                                      fmt::format("`{}` at line {}", first->key, first->key_place.line), "keep one");
            return;
        }
        first = &entry;
        const YamlNode* value = fields.find(entry.key);
        if (value == nullptr) continue;
        http.body_kind = body->kind;
        switch (body->kind) {
            case BodyKind::json:
            case BodyKind::form:
            case BodyKind::multipart:
                http.body = values_.value(*value);
                break;
            case BodyKind::hex:
                http.body = values_.hex(*value);
                break;
            default:
                http.body = values_.text(*value);
        }
    }
}

ConnectStep StepLoader::connect(const Fields& fields) {
    ConnectStep made;
    const YamlNode* url = fields.find("connect");
    made.url = values_.text(*url);
    check_url(made.url, *url, "connect");
    if (const YamlNode* headers = fields.find("headers")) made.headers = values_.text_map(*headers);
    made.protocols = fields.texts("protocols");
    made.compress = fields.flag("compress", made.compress);
    made.max_frame = fields.count("max_frame").value_or(made.max_frame);
    made.max_frames = static_cast<int>(fields.count("max_frames").value_or(made.max_frames));
    made.max_bytes = fields.count("max_bytes").value_or(made.max_bytes);
    return made;
}

SendStep StepLoader::send(const Fields& fields) {
    SendStep made;
    const YamlNode* message = fields.find("send");
    const YamlNode* hex = message->is_map() && message->entries.size() == 1 ? message->find("$hex") : nullptr;
    if (message->is_scalar()) {
        made.message = values_.text(*message);
    } else {
        if (hex != nullptr && hex->is_scalar()) (void)values_.hex(*hex);
        made.message = values_.value(*message);
    }
    return made;
}

ReceiveStep StepLoader::receive(const Step& step, const Fields& fields) {
    ReceiveStep made;
    made.pattern = values_.pattern(*fields.find("receive"), fields.key_place("receive"), PatternUse::receive);
    check_from(fields);
    if (fields.find("from") != nullptr) made.from = fields.text("from");
    made.within = fields.duration("within").value_or(made.within);
    check_within(step, fields);
    if (const YamlNode* exactly = fields.find("exactly")) made.exactly = values_.value(*exactly);
    made.settle = fields.duration("settle").value_or(made.settle);
    made.horizon = fields.duration("horizon");
    if (made.horizon && *made.horizon < made.within) {
        reading_.complaints.error(fields.find("horizon")->place, "`horizon` ends before `within`", "",
                                  "a message is late after `within` and lost after `horizon`");
    }
    made.ordered = fields.flag("ordered", false);
    return made;
}

NoneStep StepLoader::none(const Step& step, const Fields& fields) {
    NoneStep made;
    made.pattern = values_.pattern(*fields.find("none"), fields.key_place("none"), PatternUse::none);
    check_from(fields);
    if (fields.find("from") != nullptr) made.from = fields.text("from");
    made.within = fields.duration("within").value_or(made.within);
    check_within(step, fields);
    return made;
}

PollStep StepLoader::poll(const Step& step, const Fields& fields) {
    PollStep made;
    made.every = fields.duration("every").value_or(std::chrono::milliseconds(500));
    made.within = fields.duration("within").value_or(made.within);
    check_within(step, fields);
    if (made.every == Duration::zero()) {
        reading_.complaints.error(fields.find("every")->place, "`every` must be longer than nothing",
                                  "would flood the target", "write 250ms or more");
    }
    if (fields.find("expect") == nullptr && fields.find("match") == nullptr) {
        reading_.complaints.error(step.place, "`poll` without `expect` or `match` ends at any answer", "",
                                  "say what it waits for");
    }
    const YamlNode& value = *fields.find("poll");
    Step request;
    request.place = value.place;
    request.actor = step.actor;
    request.kind = "get";
    if (value.is_scalar()) {
        HttpStep get;
        get.method = "GET";
        get.url = values_.text(value);
        check_url(get.url, value, "get");
        request.action = std::move(get);
    } else if (const StepKind* kind = kind_of(value); kind != nullptr && !kind->http) {
        reading_.complaints.error(value.place, fmt::format("`poll` repeats a request, not `{}`", kind->name), "",
                                  "as `poll: { get: /v1/jobs/7 }`");
    } else if (kind != nullptr) {
        const Fields inner(value, "poll request", {&kind->keys}, reading_.complaints);
        request.place = inner.key_place(kind->name);
        request.kind = kind->name;
        HttpStep asked = http(value, inner, *kind);
        if (!only_reads(asked)) {
            reading_.complaints.error(request.place,
                                      fmt::format("`poll` repeats only what reads, and `{}` may write", kind->name), "",
                                      "use GET, or add `read_only: true` if it changes nothing");
        }
        request.action = std::move(asked);
    }
    made.request = std::make_shared<const Step>(std::move(request));
    return made;
}

RepeatStep StepLoader::repeat(const Fields& fields, StepPart part) {
    RepeatStep made;
    const Fields inner(*fields.find("repeat"), mapping_type("repetition"), fields.key_place("repeat"),
                       reading_.complaints);
    if (const YamlNode* times = inner.find("times")) made.times = values_.value(*times);
    made.every = inner.duration("every").value_or(made.every);
    auto body = std::make_shared<Steps>();
    if (const YamlNode* list = inner.find("steps")) {
        // The last iteration's names stay; `iteration` itself does not.
        const bool nested = names_.known.names.contains("iteration");
        names_.known.add("iteration");
        *body = steps(*list, part);
        if (!nested) names_.known.names.erase("iteration");
    }
    made.steps = std::move(body);
    return made;
}

ParallelStep StepLoader::parallel(const Fields& fields, StepPart part) {
    ParallelStep made;
    const YamlNode& branches = *fields.find("parallel");
    if (branches.items.empty()) {
        reading_.complaints.error(branches.place, "`parallel` is empty", "no branch",
                                  "write a list of steps, or of lists of steps");
    }
    // A branch sees what was known before, never what its siblings may or may not have reached.
    KnownNames after = names_.known;
    std::set<std::string> connected_after = connected_;
    const std::set<std::string> connected_before = connected_;
    for (const YamlNode& branch : branches.items) {
        const NameBook::Scope own(names_);
        connected_ = connected_before;
        if (branch.is_list()) {
            made.branches.push_back(steps(branch, part));
        } else {
            Steps one;
            one.push_back(step(branch, part));
            made.branches.push_back(std::move(one));
        }
        after.names.insert(names_.known.names.begin(), names_.known.names.end());
        connected_after.insert(connected_.begin(), connected_.end());
    }
    names_.known = std::move(after);
    connected_ = std::move(connected_after);
    return made;
}

CallStep StepLoader::call(const Fields& fields, StepPart part) {
    CallStep made;
    const YamlNode& name = *fields.find("call");
    made.fragment = name.text;
    made.fragment_place = name.place;
    if (const YamlNode* with = fields.find("with")) made.with = values_.value_map(*with);
    const LoadedFragment* found =
        reading_.fragments == nullptr ? nullptr : reading_.fragments->find(name.text, name.place);
    if (reading_.fragments == nullptr && !reading_.alone)
        reading_.complaints.error(name.place, "a script cannot call fragments", "", "write the `call` as a step");
    if (found == nullptr) return made;
    made.target = found->fragment;
    connected_.insert(found->connected.begin(), found->connected.end());
    if (found->judges && part == StepPart::main) judges_ = true;
    for (const TemplateEntry& given : made.with) {
        if (found->inputs.contains(given.key)) continue;
        const std::vector<std::string> inputs(found->inputs.begin(), found->inputs.end());
        reading_.complaints.error(given.key_place,
                                  fmt::format("fragment `{}` has no input `{}`", made.fragment, given.key), "",
                                  did_you_mean(given.key, inputs, "inputs"));
    }
    for (const std::string& input : found->required) {
        if (std::ranges::find(made.with, input, &TemplateEntry::key) != made.with.end()) continue;
        reading_.complaints.error(name.place, fmt::format("fragment `{}` needs the input `{}`", made.fragment, input),
                                  "", fmt::format("add `with: {{ {}: … }}`", input));
    }
    return made;
}

SetStep StepLoader::set(const Fields& fields) {
    SetStep made;
    for (const YamlEntry& entry : fields.find("set")->entries) {
        made.values.push_back({.key = entry.key, .key_place = entry.key_place, .value = values_.value(entry.value)});
        names_.define(entry.key, entry.key_place, "save");
        names_.known.add(entry.key);  // at once: a later entry may use it
    }
    return made;
}

PauseStep StepLoader::pause(const Fields& fields) {
    return {.duration = values_.text(*fields.find("pause"))};
}

LuaStep StepLoader::lua(const Fields& fields, StepPart part) {
    LuaStep made;
    const YamlNode& script = *fields.find("lua");
    made.script = script.text;
    const std::vector<ScalarLine> lines = lines_of(script);
    made.place = lines.empty() ? script.place : lines.front().place;
    if (const std::optional<LuaSyntaxError> error = lua_syntax_error(made.script)) {
        const auto at = static_cast<std::size_t>(std::max(error->line, 1)) - 1;
        reading_.complaints.error(at < lines.size() ? lines[at].place : made.place, "this script is no Lua",
                                  error->message, "it is compiled as Lua 5.4; mend what stands at or before this line");
    }
    note_used_names(made.script, reading_.used);
    for (auto& [name, actor] : reading_.actors) {
        if (made.script.find(name) != std::string::npos) actor.used = true;
    }
    for (const std::string& name : assigned_names(made.script)) names_.known.add(name);
    if (made.script.find("connect") != std::string::npos) connections_unknown_ = true;
    if (made.script.find("expect") != std::string::npos && part == StepPart::main) judges_ = true;
    return made;
}

}  // namespace serin
