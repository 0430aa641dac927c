// SPDX-License-Identifier: Apache-2.0
// What all kinds of steps have in common; load_step_kinds.cpp has the kinds.
#include "scenarios/language/load_steps.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/names.hpp"
#include "scenarios/language/expression.hpp"
#include "scenarios/language/fragments.hpp"
#include "scenarios/language/yaml_traps.hpp"

namespace serin {
namespace {

std::string_view trimmed(std::string_view text) {
    const std::size_t begin = text.find_first_not_of(" \t\r");
    if (begin == std::string_view::npos) return {};
    return text.substr(begin, text.find_last_not_of(" \t\r") - begin + 1);
}

/// In a block of assertions. `#x` is Lua's length operator, so only `# ` begins a comment.
bool is_comment(std::string_view line) {
    return line.starts_with("--") || line == "#" || line.starts_with("# ");
}

/// `${x}` alone, where an expression is expected anyway, means `x`.
ScalarLine without_braces(ScalarLine line) {
    const std::string& text = line.text;
    const bool lone = text.starts_with("${") && text.ends_with('}') && text.find("${", 2) == std::string::npos &&
                      text.find('}') == text.size() - 1;
    if (!lone) return line;
    return {text.substr(2, text.size() - 3), line.place.shifted(2, static_cast<int>(text.size()) - 3)};
}

/// The severity that a mapping such as {degrade: "ms < 300"} names.
std::optional<Severity> severity_of(const YamlNode& node) {
    if (!node.is_map() || node.entries.size() != 1) return std::nullopt;
    if (node.entries.front().key == "degrade") return Severity::degrade;
    if (node.entries.front().key == "fail") return Severity::fail;
    return std::nullopt;
}

bool is_rule(const YamlNode& node) {
    const auto is_kind = [](const YamlEntry& entry) { return step_kind(entry.key) != nullptr; };
    return node.find("class") != nullptr || (node.find("if") != nullptr && std::ranges::none_of(node.entries, is_kind));
}

std::string all_kinds() {
    std::string text;
    for (const StepKind& kind : step_kinds()) text += fmt::format("{}{}", text.empty() ? "" : ", ", kind.name);
    return text;
}

}  // namespace

Steps StepLoader::steps(const YamlNode& list, StepPart part) {
    Steps all;
    for (const YamlNode& item : list.items) all.push_back(step(item, part));
    return all;
}

const StepKind* StepLoader::kind_of(const YamlNode& node) {
    Complaints& complaints = reading_.complaints;
    if (node.is_scalar()) {
        const std::string_view key = std::string_view(node.text).substr(0, node.text.find(':'));
        const bool glued = key.size() < node.text.size() && step_kind(key) != nullptr;
        complaints.error(node.place, fmt::format("a step must be a mapping, found {}", described(node)), "",
                         glued ? fmt::format("a space is missing after `{}:`", key)
                               : "write the kind and its value, as `get: /health`");
        return nullptr;
    }
    if (!node.is_map()) {
        complaints.error(node.place, fmt::format("a step must be a mapping, found {}", described(node)), "",
                         "write the kind and its value, as `get: /health`");
        return nullptr;
    }
    const YamlEntry* kind = nullptr;
    for (const YamlEntry& entry : node.entries) {
        if (step_kind(entry.key) == nullptr) continue;
        if (kind != nullptr) {
            complaints.error(entry.key_place, fmt::format("two kinds in one step: `{}` and `{}`", kind->key, entry.key),
                             fmt::format("`{}` at line {}", kind->key, kind->key_place.line),
                             "begin a new step with `- `");
            return nullptr;
        }
        kind = &entry;
    }
    if (kind != nullptr) return step_kind(kind->key);

    std::vector<std::string> kinds;
    for (const StepKind& each : step_kinds()) kinds.emplace_back(each.name);
    for (const YamlEntry& entry : node.entries) {
        if (std::ranges::find(common_step_keys(), entry.key, &Key::name) != common_step_keys().end()) continue;
        if (const std::string near = nearest(entry.key, kinds); !near.empty()) {
            complaints.error(entry.key_place, fmt::format("unknown step kind `{}`", entry.key), "",
                             fmt::format("did you mean `{}`?", near));
            return nullptr;
        }
    }
    complaints.error(node.entries.empty() ? node.place : node.entries.front().key_place, "this step has no kind", "",
                     fmt::format("add one of these keys: {}", all_kinds()));
    return nullptr;
}

Step StepLoader::step(const YamlNode& node, StepPart part) {
    Step made;
    made.place = node.place;
    if (++reading_.steps > max_steps) {
        if (reading_.steps == max_steps + 1)
            reading_.complaints.error(node.place, fmt::format("more than {} steps", max_steps), "", "use `repeat`");
        return made;
    }
    const std::size_t errors_before = reading_.complaints.errors();
    const StepKind* kind = kind_of(node);
    if (kind == nullptr) {
        judges_ = true;  // who knows what it was meant to be
        return made;
    }
    const Fields fields(node, fmt::format("{} step", kind->name), {&kind->keys, &common_step_keys()},
                        reading_.complaints);
    made.place = fields.key_place(kind->name);
    made.kind = kind->name;
    load_common(made, fields, *kind, part);
    if (fields.find(kind->name) != nullptr) load_action(made, node, fields, *kind, part);
    load_judgement(made, fields, *kind);
    const bool judging = !made.expect.empty() || made.match || made.kind == "receive" || made.kind == "none";
    const bool broken = reading_.complaints.errors() > errors_before;
    if (part == StepPart::main && (judging || broken)) judges_ = true;
    publish(made, fields, *kind);
    load_aftermath(made, fields, part);
    return made;
}

void StepLoader::load_common(Step& step, const Fields& fields, const StepKind& kind, StepPart part) {
    step.id = fields.text("id");
    step.actor = fields.text("as");
    if (!step.actor.empty()) check_actor(step.actor, fields.find("as")->place);
    if (const YamlNode* condition = fields.find("if"))
        step.condition = load_expression(*condition, fields.key_place("if"), "if");
    step.timeout = fields.duration("timeout");
    step.strict = fields.flag("strict", false);
    step.severity = fields.text("severity") == "degrade" ? Severity::degrade : Severity::fail;
    step.note = fields.text("note");
    if (fields.find("strict") != nullptr && fields.find("match") == nullptr && kind.name != "receive" &&
        kind.name != "none") {
        reading_.complaints.warning(fields.key_place("strict"), "`strict` does nothing without `match`", "",
                                    "remove it");
    }
    const auto only_main = [&](std::string_view key) {
        if (part == StepPart::main || fields.find(key) == nullptr) return;
        reading_.complaints.error(
            fields.key_place(key),
            fmt::format("`{}` has no place in a {} step", key, part == StepPart::cleanup ? "cleanup" : "diagnosing"),
            "", fmt::format("put `{}` at a main step", key));
    };
    only_main("defer");
    only_main("diagnose");
}

std::set<std::string> StepLoader::result_fields(const Step& step, const StepKind& kind) const {
    if (const auto* call = std::get_if<CallStep>(&step.action); call != nullptr && call->target) {
        std::set<std::string> outputs;
        for (const Save& output : call->target->outputs) outputs.insert(output.name);
        return outputs;
    }
    return {kind.fields.begin(), kind.fields.end()};
}

void StepLoader::load_judgement(Step& step, const Fields& fields, const StepKind& kind) {
    if (const YamlNode* match = fields.find("match")) {
        step.match = values_.pattern(*match, fields.key_place("match"), PatternUse::match);
        refuse_vacuous_match(*match, step.strict, fields.key_place("match"));
    }
    const NameBook::Scope own(names_);
    if (const auto* call = std::get_if<CallStep>(&step.action); call != nullptr && !call->target) names_.accept_any();
    for (const std::string& field : result_fields(step, kind)) {
        names_.known.add(field, field == "timings"
                                    ? std::set<std::string>{"dns", "connect", "tls", "first_byte", "total"}
                                    : std::set<std::string>{});
    }
    if (const YamlNode* expect = fields.find("expect")) {
        load_expectations(*expect, fields.key_place("expect"), step.severity, step.expect);
    }
    if (const YamlNode* save = fields.find("save")) step.save = saves(*save, "save");
}

void StepLoader::refuse_vacuous_match(const YamlNode& node, bool strict, const Place& place) {
    if (!node.is_map()) return;
    const bool empty = node.entries.empty() && !strict;  // strict: exactly the empty object
    const bool any = node.entries.size() == 1 && node.entries.front().key == "$any";
    if (!empty && !any) return;
    reading_.complaints.error(place, fmt::format("this `match` accepts {}", any ? "everything" : "every JSON object"),
                              "",
                              "say what the answer must hold, as `match: { id: 7 }`, or at least its type, as "
                              "`match: { $type: object }`");
}

void StepLoader::publish(const Step& step, const Fields& fields, const StepKind& kind) {
    for (const Save& save : step.save) {
        names_.define(save.name, save.place, "save");
        names_.known.add(save.name);
        if (std::ranges::find(step_kind("get")->fields, save.name) != step_kind("get")->fields.end()) {
            reading_.complaints.warning(save.place, fmt::format("`{}` is also a field of HTTP steps", save.name),
                                        "their own `expect` and `save` see the field", "choose another name");
        }
    }
    if (step.id.empty()) return;
    names_.define(step.id, fields.find("id")->place, "id");
    ids_.insert_or_assign(step.id, &kind);
    // Without fields in the table a step has no result to name; a fragment that could not be read may have any.
    std::set<std::string> known = result_fields(step, kind);
    if (!known.empty() || step.kind == "call") names_.known.add(step.id, std::move(known));
}

void StepLoader::load_aftermath(Step& step, const Fields& fields, StepPart part) {
    if (part != StepPart::main) return;
    if (const YamlNode* defer = fields.find("defer")) {
        const NameBook::Scope inner(names_);
        auto undo = std::make_shared<Steps>();
        if (defer->is_list()) {
            *undo = steps(*defer, StepPart::cleanup);
        } else {
            undo->push_back(this->step(*defer, StepPart::cleanup));
        }
        step.defer = std::move(undo);
    }
    if (const YamlNode* diagnose = fields.find("diagnose")) load_diagnosis(step, *diagnose);
}

void StepLoader::load_diagnosis(Step& step, const YamlNode& list) {
    const NameBook::Scope inner(names_);
    for (const YamlNode& node : list.items) {
        DiagnoseItem item;
        item.place = node.place;
        if (!is_rule(node)) {
            Step diagnosing = this->step(node, StepPart::diagnosis);
            check_read_only(diagnosing);
            item.place = diagnosing.place;
            item.step = std::make_shared<const Step>(std::move(diagnosing));
        } else {
            const Fields fields(node, mapping_type("diagnosis rule"), node.place, reading_.complaints);
            item.place = fields.key_place("class");
            item.failure_class = fields.text("class");
            if (const YamlNode* when = fields.find("if"))
                item.when = load_expression(*when, fields.key_place("if"), "if");
        }
        step.diagnose.push_back(std::move(item));
    }
}

std::vector<Save> StepLoader::saves(const YamlNode& node, std::string_view key) {
    std::vector<Save> all;
    for (const YamlEntry& entry : node.entries) {
        const std::string path = fmt::format("{}:\n  {}", key, entry.key);
        std::optional<Expression> value = load_expression(entry.value, entry.key_place, path);
        if (value) all.push_back({.name = entry.key, .place = entry.key_place, .value = std::move(*value)});
    }
    return all;
}

std::optional<Expression> StepLoader::load_expression(const YamlNode& node, const Place& owner, std::string_view path) {
    if (const std::optional<Mistake> trap = expression_trap(node, owner, path)) {
        reading_.complaints.add(*trap);
        return std::nullopt;
    }
    if (!node.is_scalar()) {
        reading_.complaints.error(node.place, fmt::format("an expression must be a text, found {}", described(node)),
                                  "", "write one, as `status == 200`");
        return std::nullopt;
    }
    std::vector<ScalarLine> lines = lines_of(node);
    std::erase_if(lines, [](const ScalarLine& line) { return trimmed(line.text).empty(); });
    if (lines.size() == 1) {
        const ScalarLine line = without_braces(std::move(lines.front()));
        return names_.expression(line.text, line.place);
    }
    return names_.expression(node.text, node.content);
}

void StepLoader::load_expectation_lines(const YamlNode& node, Severity severity, std::vector<Expectation>& into) {
    Complaints& complaints = reading_.complaints;
    if (node.style == ScalarStyle::folded) {
        complaints.error(node.place, "a `>` block joins its lines into one", "",
                         "write `|`, which keeps one expectation a line");
        return;
    }
    bool any = false;
    for (ScalarLine& line : lines_of(node)) {
        const std::string_view text = trimmed(line.text);
        if (text.empty() || is_comment(text)) continue;
        any = true;
        const auto skipped = static_cast<int>(text.data() - line.text.data());
        const ScalarLine bare =
            without_braces({std::string(text), line.place.shifted(skipped, static_cast<int>(text.size()))});
        if (std::optional<Expression> parsed = names_.expression(bare.text, bare.place)) {
            if (std::optional<Mistake> constant = constant_mistake(*parsed)) complaints.add(*std::move(constant));
            into.push_back({.expression = std::move(*parsed), .severity = severity});
        }
    }
    if (!any)
        complaints.error(node.place, "an expression is missing", "nothing to expect", "write one, as `status == 200`");
}

void StepLoader::load_expectations(const YamlNode& node, const Place& owner, Severity severity,
                                   std::vector<Expectation>& into) {
    if (node.is_list()) {
        if (node.items.empty())
            reading_.complaints.error(owner, "`expect` is empty", "nothing to expect",
                                      "write an expression or remove the key");
        for (const YamlNode& item : node.items) {
            if (item.is_list()) {
                reading_.complaints.error(item.place, "an expression must be a text, found a list", "",
                                          "write one expression an item");
            } else {
                load_expectations(item, owner, severity, into);
            }
        }
        return;
    }
    if (const std::optional<Severity> named = severity_of(node); named && node.entries.front().value.is_scalar()) {
        load_expectations(node.entries.front().value, node.entries.front().key_place, *named, into);
    } else if (const std::optional<Mistake> trap = expression_trap(node, owner, "expect")) {
        reading_.complaints.add(*trap);
    } else if (!node.is_scalar()) {
        reading_.complaints.error(node.place, fmt::format("an expression must be a text, found {}", described(node)),
                                  "", "write one, as `status == 200`");
    } else {
        load_expectation_lines(node, severity, into);
    }
}

}  // namespace serin
