// SPDX-License-Identifier: Apache-2.0
// Holds what was seen against what was expected. Every expectation of a step is evaluated and reported together.
#include <nlohmann/json.hpp>

#include "core/failure_classes.hpp"
#include "core/names.hpp"
#include "scenarios/engine/run.hpp"
#include "scenarios/language/matching.hpp"

namespace serin {
namespace {
constexpr std::size_t message_bytes = 400;
}

std::string Run::redacted(std::string_view text) const {
    const std::string shown = text.find('@') == std::string_view::npos ? std::string(text) : without_userinfo(text);
    return world_.redactor.empty() ? shown : world_.redactor.redact(shown);
}

void Run::find(StepResult& result, const Step& step, const Place& place, std::string failure_class,
               const std::string& message, const std::string& note, const std::vector<std::string>& explanation) const {
    Finding finding;
    finding.verdict = own_fault(failure_class)             ? Verdict::error
                      : step.severity == Severity::degrade ? Verdict::degraded
                                                           : Verdict::fail;
    finding.place = place;
    finding.failure_class = std::move(failure_class);
    // Redact before clipping, here and everywhere: a secret cut in two would no longer be recognised.
    finding.message = clipped(redacted(message), message_bytes);
    finding.note = clipped(redacted(note), message_bytes);
    finding.explanation.reserve(explanation.size());
    for (const std::string& line : explanation) finding.explanation.push_back(clipped(redacted(line), message_bytes));
    result.findings.push_back(std::move(finding));
}

void Run::find(StepResult& result, const Step& step, const WireFailure& failure, std::string note) const {
    const std::size_t before = result.findings.size();
    if (note.empty() && failure.failure_class == "tls_untrusted") note = "a root of your own is named by `ca:`";
    find(result, step, step.place, failure.failure_class, failure.message, note);
    if (failure.own_fault) result.findings[before].verdict = Verdict::error;
}

void Run::find_error(StepResult& result, const Step& step, const Error& error) const {
    find(result, step, step.place, "expression_error", error.title, error.remedy);
}

bool Run::judge(const Step& step, const StepFields& fields, const std::string* payload, bool binary, const Stage& stage,
                StepResult& result) {
    const std::size_t before = result.findings.size();
    // What a step only computes says nothing of a target that nobody asked.
    const bool computed =
        std::holds_alternative<SetStep>(step.action) || std::holds_alternative<PauseStep>(step.action);
    for (const Expectation& expectation : step.expect) {
        if (!computed || asked_) ++judged_;
        const Expression& expression = expectation.expression;
        const int asked_before = fields.json_asked();
        const Result<bool> holds = lua_.holds(expression, fields);
        if (holds && *holds) continue;
        if (fields.json_asked() > asked_before && !fields.json_problem().empty()) {
            find(result, step, expression.place, fields.json_problem(),
                 "cannot judge `" + expression.text + "`: " + fields.json_error(), fields.json_error());
        } else if (!holds && holds.error().own_fault) {
            find(result, step, expression.place, "expression_error", holds.error().title, holds.error().remedy);
        } else {
            // A value of an unexpected shape (absent, a text where a number belongs) is what the target answered.
            std::vector<std::string> why = lua_.explain(expression, fields);
            if (!holds) why.insert(why.begin(), holds.error().title);
            std::string note = why.size() == 1 ? std::exchange(why, {}).front() : "is false";
            find(result, step, expression.place, "expectation_failed", "expectation failed: " + expression.text, note,
                 why);
        }
        if (expectation.severity == Severity::degrade && result.findings.back().verdict == Verdict::fail) {
            result.findings.back().verdict = Verdict::degraded;
        }
    }
    if (step.match && payload != nullptr) {
        ++judged_;
        const Result<Json> pattern = lua_.resolve(*step.match, *stage.names);
        if (!pattern) {
            find_error(result, step, pattern.error());
        } else {
            const std::vector<Difference> different = payload_differences(*pattern, *payload, binary, step.strict);
            std::vector<std::string> lines;
            lines.reserve(different.size());
            for (const Difference& difference : different) lines.push_back(difference.text());
            if (!lines.empty()) {
                std::string note = lines.size() == 1 ? std::exchange(lines, {}).front()
                                                     : std::to_string(lines.size()) + " differences";
                find(result, step, step.match->place, "match_failed", "the answer differs from `match`", note, lines);
            }
        }
    }
    for (const Save& save : step.save) {
        const int asked_before = fields.json_asked();
        Result<Json> value = lua_.evaluate(save.value, fields);
        if (value) {
            stage.names->set(save.name, value_binding(*std::move(value), save.name));
            continue;
        }
        // With a failed expectation, a missing field is its consequence and would only hide it.
        if (result.findings.size() > before) continue;
        const bool not_json = fields.json_asked() > asked_before && !fields.json_problem().empty();
        const std::string failure_class = not_json                  ? fields.json_problem()
                                          : value.error().own_fault ? "expression_error"
                                                                    : "expectation_failed";
        find(result, step, save.value.place, failure_class,
             "cannot save `" + save.name + "`: " + (not_json ? fields.json_error() : value.error().title));
    }
    for (std::size_t i = before; i < result.findings.size(); ++i) {
        if (result.findings[i].verdict > Verdict::degraded) return false;
    }
    return true;
}

}  // namespace serin
