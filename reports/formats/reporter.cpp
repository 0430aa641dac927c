// SPDX-License-Identifier: Apache-2.0
#include "reports/formats/reporter.hpp"

#include <array>

#include "core/names.hpp"
#include "reports/formats/formats.hpp"

namespace serin {
namespace {

struct Format {
    std::string_view name;
    std::unique_ptr<Reporter> (*make)(ReportOptions);
};
constexpr std::array formats{
    Format{"text", make_text_reporter},     Format{"json", make_json_reporter}, Format{"junit", make_junit_reporter},
    Format{"github", make_github_reporter}, Format{"tap", make_tap_reporter},
};

}  // namespace

void Totals::count(const Outcome& outcome) {
    switch (outcome.verdict) {
        case Verdict::pass:
            ++pass;
            break;
        case Verdict::degraded:
            ++degraded;
            break;
        case Verdict::fail:
            ++fail;
            break;
        case Verdict::skipped:
            ++skipped;
            break;
        case Verdict::aborted:
            ++aborted;
            break;
        case Verdict::blocked:  // a word for steps: a run that bears it was not judged
        case Verdict::error:
            ++error;
            break;
    }
    if (outcome.cleanup_failed) ++cleanup_failed;
}

const std::vector<std::string>& reporter_names() {
    static const std::vector<std::string> names = [] {
        std::vector<std::string> all;
        all.reserve(formats.size());
        for (const Format& format : formats) all.emplace_back(format.name);
        return all;
    }();
    return names;
}

Result<std::unique_ptr<Reporter>> make_reporter(std::string_view name, ReportOptions options) {
    for (const Format& format : formats) {
        if (format.name == name) return format.make(options);
    }
    std::string known = "formats:";
    for (const std::string& each : reporter_names()) known += " " + each;
    const std::string near = nearest(name, reporter_names());
    return fail("unknown report format `" + std::string(name) + "`",
                near.empty() ? known : "did you mean `" + near + "`? " + known);
}

}  // namespace serin
