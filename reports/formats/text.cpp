// SPDX-License-Identifier: Apache-2.0
#include "reports/formats/colour.hpp"
#include "reports/formats/escaping.hpp"
#include "reports/formats/failure_block.hpp"
#include "reports/formats/formats.hpp"
#include "reports/formats/step_listing.hpp"
#include "reports/formats/wording.hpp"

namespace serin {
namespace {

/// For people at a terminal: a line for what passed, a block for what did not.
class TextReporter : public Reporter {
public:
    explicit TextReporter(ReportOptions options) : options_(options) {}

    std::string begin(std::size_t planned) override {
        planned_ = planned;
        return {};
    }

    std::string outcome(const Outcome& outcome) override {
        const std::string steps = step_listing(outcome, options_);
        if (!needs_block(outcome)) return headline(outcome, options_) + steps;
        return failure_block(outcome, options_) + steps + "\n";
    }

    std::string end(const Totals& totals) override {
        std::string out;
        for (const std::string& name : some_of(missing_runs(planned_, totals))) {
            out += painted("NEVER STARTED", Colour::red, options_.colour) + " " + printable(name) + "\n";
        }
        if (const std::string nothing = nothing_ran_line(totals); !nothing.empty()) {
            out += painted("error", Colour::red, options_.colour) + ": " + nothing + "\n";
        }
        return out + totals_line(totals) + "\n";
    }

private:
    ReportOptions options_;
    std::size_t planned_ = 0;
};

}  // namespace

std::unique_ptr<Reporter> make_text_reporter(ReportOptions options) {
    return std::make_unique<TextReporter>(options);
}

}  // namespace serin
