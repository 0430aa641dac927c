// SPDX-License-Identifier: Apache-2.0
// Each cell is a suite of one test, failed when any run of it in the window failed. Single runs would make sixty
// thousand tests of a week.
#include <fmt/format.h>

#include "reports/formats/escaping.hpp"
#include "reports/formats/store_listing.hpp"
#include "reports/formats/store_report.hpp"

namespace serin {
namespace {

std::string attribute(std::string_view name, std::string_view value) {
    return fmt::format(" {}=\"{}\"", name, xml_attribute(value));
}

std::string seconds(double count) {
    return fmt::format("{:.3f}", count);
}

std::string commonest_class(const CellCounts& counts, std::string_view otherwise) {
    std::string commonest(otherwise);
    std::int64_t most = 0;
    for (const auto& [name, count] : counts.failure_classes) {
        if (count <= most) continue;
        commonest = name;
        most = count;
    }
    return commonest;
}

/// "chat-delivery us-east-1 → b": one name for each cell.
std::string name_of_test(const CellKey& key) {
    return key.probe + " " + cell_text(key);
}

enum class Kind { fine, failure, error, skipped };

/// Nothing but a judged run without a failure is fine: a cell that was only missed is an error of ours, and one that
/// never had a slot in the window says nothing.
Kind kind_of(const CellCounts& counts) {
    if (counts.fail > 0) return Kind::failure;
    if (counts.error > 0) return Kind::error;
    if (counts.judged() > 0) return Kind::fine;
    return counts.slots() > counts.skipped ? Kind::error : Kind::skipped;
}

class Suites {
public:
    explicit Suites(const StoreReport& report) : report_(report) {}

    std::string whole() {
        for (const ProbeReport& probe : report_.probes) {
            for (const MatrixCell& cell : probe.cells) add(cell);
        }
        if (report_.nothing_ran()) add_nothing_ran();
        return fmt::format(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
            "<testsuites name=\"serin\" tests=\"{}\" failures=\"{}\" errors=\"{}\" time=\"{}\">\n{}</testsuites>\n",
            tests_, failures_, errors_, seconds(report_.counts.took.sum()), suites_);
    }

private:
    void add(const MatrixCell& cell) {
        const Kind kind = kind_of(cell.counts);
        open_suite(name_of_test(cell.key), kind, cell.counts.took.sum(),
                   cell.key.vantage.empty() ? "" : attribute("hostname", cell.key.vantage));
        suites_ += "    <properties>\n";
        property("from", rfc3339(report_.from));
        property("until", rfc3339(report_.until));
        property("runs", counts_text(cell.counts));
        property("availability", share_text(cell.counts.availability()));
        property("coverage", share_text(cell.counts.coverage()));
        for (const auto& [name, count] : cell.counts.failure_classes)
            property("failure_class." + name, std::to_string(count));
        for (const ReportedAlert& alert : report_.alerts)
            property(alert.kind == ReportedAlert::Kind::mute ? "mute" : "incident", alert_line(alert));
        suites_ += "    </properties>\n";
        open_case(name_of_test(cell.key), cell.key.probe, cell.counts.took.sum());
        add_result(cell, kind);
        suites_ += "    </testcase>\n  </testsuite>\n";
    }

    void open_suite(std::string_view name, Kind kind, double took, std::string_view attributes) {
        ++tests_;
        failures_ += kind == Kind::failure ? 1 : 0;
        errors_ += kind == Kind::error ? 1 : 0;
        suites_ += fmt::format(
            "  <testsuite{} tests=\"1\" failures=\"{:d}\" errors=\"{:d}\" skipped=\"{:d}\" time=\"{}\"{}{}>\n",
            attribute("name", name), kind == Kind::failure, kind == Kind::error, kind == Kind::skipped, seconds(took),
            attribute("timestamp", rfc3339(report_.from).substr(0, 19)), attributes);
    }

    void open_case(std::string_view name, std::string_view class_name, double took) {
        suites_ += fmt::format("    <testcase{}{} time=\"{}\">\n", attribute("name", name),
                               attribute("classname", class_name), seconds(took));
    }

    void property(std::string_view name, std::string_view value) {
        suites_ += fmt::format("      <property{}{}/>\n", attribute("name", name), attribute("value", value));
    }

    void add_result(const MatrixCell& cell, Kind kind) {
        const std::string runs = counts_text(cell.counts);
        if (kind == Kind::skipped) {
            suites_ += fmt::format("      <skipped{}/>\n", attribute("message", "no data: " + runs));
            return;
        }
        if (kind == Kind::fine) {
            if (cell.counts.judged() == cell.counts.slots()) return;
            suites_ += fmt::format("      <system-err>{}</system-err>\n", xml_text("not all was judged: " + runs));
            return;
        }
        std::string details;
        for (const RunDetail& failure : report_.failures) {
            if (failure.row.key == cell.key) details += run_text(failure, {}) + "\n";
        }
        const std::string_view name = kind == Kind::failure ? "failure" : "error";
        suites_ +=
            fmt::format("      <{0}{1}{2}>{3}</{0}>\n", name, attribute("message", runs),
                        attribute("type", commonest_class(cell.counts, kind == Kind::failure ? "fail" : "not_judged")),
                        xml_text(details));
    }

    void add_nothing_ran() {
        open_suite("nothing ran", Kind::error, 0, "");
        open_case("nothing ran", "serin", 0);
        suites_ += fmt::format("      <error{} type=\"not_run\"/>\n    </testcase>\n  </testsuite>\n",
                               attribute("message", nothing_ran_text(report_)));
    }

    const StoreReport& report_;
    std::size_t tests_ = 0, failures_ = 0, errors_ = 0;
    std::string suites_;
};

}  // namespace

std::string store_report_junit(const StoreReport& report) {
    return Suites(report).whole();
}

}  // namespace serin
