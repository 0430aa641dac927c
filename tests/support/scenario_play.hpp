// SPDX-License-Identifier: Apache-2.0
// A scenario's text and a scripted target in, an Outcome out: the whole engine in virtual time, without a wire.
#pragma once
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "scenarios/engine/engine.hpp"
#include "tests/support/fake_probes.hpp"
#include "tests/support/virtual_clock.hpp"

namespace serin::test {

/// Everything around one run. A test sets what it is about, then calls of().
class Play {
public:
    /// Loads `scenario` and plays it in `cell`; fails the test when the text has mistakes. May be called several times:
    /// time goes on, and the ledger remembers.
    [[nodiscard]] Outcome of(std::string_view scenario);
    /// The scenario's text as a value; fails the test when it has mistakes.
    [[nodiscard]] std::shared_ptr<const Scenario> load(std::string_view scenario) const;
    [[nodiscard]] Result<std::shared_ptr<const World>> world_of(const Scenario& scenario);

    boost::asio::io_context context;
    VirtualClock clock{context.get_executor()};
    FakeHttpProbe http{clock};
    FakeWebsocketProbe websocket{clock};
    Evaluator evaluator;
    MemoryLedger ledger;
    NonceMaker nonces{"a key for tests"};
    Stop stop;

    std::vector<Target> targets{target("here", "http://here.test", "ws://here.test")};
    std::map<std::string, Secret, std::less<>> secrets;
    std::vector<std::pair<std::string, std::string>> set;
    std::map<std::string, std::string> files;  ///< fragments, by path
    std::string chosen_target;
    Cell cell;
    Evidence evidence = Evidence::of_failures;

    [[nodiscard]] static Target target(const std::string& name, const std::string& api, const std::string& ws);
};

/// The step with this id, or else of this kind, wherever it is; fails the test when there is none.
[[nodiscard]] const StepResult& step(const Outcome& outcome, std::string_view id_or_kind);
/// "post pass, receive fail, get blocked": top-level steps of `part` in order, by id or else kind.
[[nodiscard]] std::string verdicts(const Outcome& outcome, std::string_view part = "steps");
[[nodiscard]] std::string verdicts(const std::vector<StepResult>& results);
/// All of the step's findings: "class: message | note" and the explanations, one a line.
[[nodiscard]] std::string told(const StepResult& result);
/// Every string of the outcome, one a line.
[[nodiscard]] std::string every_string(const Outcome& outcome);

}  // namespace serin::test
