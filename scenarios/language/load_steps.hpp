// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "core/scenario.hpp"
#include "scenarios/language/fields.hpp"
#include "scenarios/language/known_names.hpp"
#include "scenarios/language/reading.hpp"
#include "scenarios/language/values.hpp"

namespace serin {

/// Where a step stands: only a main step can be undone (`defer`), be explained (`diagnose`) and count as a judgement.
enum class StepPart { main, cleanup, diagnosis };

/// Whose steps: what a fragment's caller connected or what it sent is not known in the fragment.
enum class StepOwner { scenario, fragment, script };

/// Makes Steps of the step mappings of one file, in order, while the known names grow.
class StepLoader {
public:
    /// All must outlive this.
    StepLoader(Reading& reading, NameBook& names, StepOwner owner)
        : reading_(reading), names_(names), values_(names, reading.complaints), owner_(owner) {}

    [[nodiscard]] Steps steps(const YamlNode& list, StepPart part);
    [[nodiscard]] Step step(const YamlNode& node, StepPart part);

    /// A mapping of names to expressions, the value of `key`.
    [[nodiscard]] std::vector<Save> saves(const YamlNode& node, std::string_view key);

    /// Whether any main step judges what it saw; a scenario without that proves nothing.
    [[nodiscard]] bool judges() const { return judges_; }
    /// Actors that opened a websocket.
    [[nodiscard]] const std::set<std::string>& connected() const { return connected_; }

private:
    [[nodiscard]] const StepKind* kind_of(const YamlNode& node);
    void load_common(Step& step, const Fields& fields, const StepKind& kind, StepPart part);
    void load_judgement(Step& step, const Fields& fields, const StepKind& kind);
    void load_aftermath(Step& step, const Fields& fields, StepPart part);
    void load_diagnosis(Step& step, const YamlNode& list);
    void load_expectations(const YamlNode& node, const Place& owner, Severity severity, std::vector<Expectation>& into);
    void load_expectation_lines(const YamlNode& node, Severity severity, std::vector<Expectation>& into);
    [[nodiscard]] std::optional<Expression> load_expression(const YamlNode& node, const Place& owner,
                                                            std::string_view path);
    void refuse_vacuous_match(const YamlNode& node, bool strict, const Place& place);
    void publish(const Step& step, const Fields& fields, const StepKind& kind);
    [[nodiscard]] std::set<std::string> result_fields(const Step& step, const StepKind& kind) const;

    void load_action(Step& step, const YamlNode& node, const Fields& fields, const StepKind& kind, StepPart part);
    [[nodiscard]] HttpStep http(const YamlNode& node, const Fields& fields, const StepKind& kind);
    void load_body(HttpStep& http, const YamlNode& node, const Fields& fields);
    [[nodiscard]] ConnectStep connect(const Fields& fields);
    [[nodiscard]] SendStep send(const Fields& fields);
    [[nodiscard]] ReceiveStep receive(const Step& step, const Fields& fields);
    [[nodiscard]] NoneStep none(const Step& step, const Fields& fields);
    [[nodiscard]] PollStep poll(const Step& step, const Fields& fields);
    [[nodiscard]] RepeatStep repeat(const Fields& fields, StepPart part);
    [[nodiscard]] ParallelStep parallel(const Fields& fields, StepPart part);
    [[nodiscard]] CallStep call(const Fields& fields, StepPart part);
    [[nodiscard]] SetStep set(const Fields& fields);
    [[nodiscard]] PauseStep pause(const Fields& fields);
    [[nodiscard]] LuaStep lua(const Fields& fields, StepPart part);

    void check_url(const Template& url, const YamlNode& node, std::string_view kind);
    void check_actor(std::string_view actor, const Place& place);
    void check_connected(const Step& step);
    void check_from(const Fields& fields);
    void check_within(const Step& step, const Fields& fields);
    void check_read_only(const Step& step);
    [[nodiscard]] static bool only_reads(const HttpStep& http);

    Reading& reading_;
    NameBook& names_;
    Values values_;
    StepOwner owner_;
    bool judges_ = false;
    bool connections_unknown_ = false;  // a script may have connected anybody
    std::set<std::string> connected_;
    std::map<std::string, const StepKind*, std::less<>> ids_;
};

}  // namespace serin
