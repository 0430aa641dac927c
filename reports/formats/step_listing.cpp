// SPDX-License-Identifier: Apache-2.0
#include "reports/formats/step_listing.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/names.hpp"
#include "reports/formats/colour.hpp"
#include "reports/formats/escaping.hpp"
#include "reports/formats/evidence.hpp"
#include "reports/formats/wording.hpp"

namespace serin {
namespace {

constexpr std::size_t longest_body = 4096, longest_frame = 1024;  // bytes

class Listing {
public:
    explicit Listing(ReportOptions options) : options_(options) {}

    void add(const std::vector<StepResult>& steps, const std::string& margin) {
        for (const StepResult& step : steps) {
            const std::string inner = margin + "  ";
            if (options_.verbose) out_ += margin + title_of(step) + "\n";
            if (options_.verbose && step.http) add_exchange(*step.http, inner);
            if (options_.verbose) add_frames(step.frames, inner);
            if (options_.curl && step.http && !step.http->curl.empty()) {
                if (!options_.verbose) out_ += margin + "# " + label_of(step) + "\n";
                out_ += (options_.verbose ? inner + "$ " : margin) + printable(step.http->curl) + "\n";
            }
            add(step.children, inner);
        }
    }
    [[nodiscard]] std::string text() && { return std::move(out_); }

private:
    static std::string title_of(const StepResult& step) {
        std::string title = step.part == "steps" || step.part.empty() ? "" : step.part + ": ";
        title += step.title.empty() ? step.kind : step.title;
        if (!step.id.empty()) title += "  id=" + step.id;
        if (!step.actor.empty()) title += "  as=" + step.actor;
        const bool ran = step.verdict != Verdict::blocked && step.verdict != Verdict::skipped;
        title += "  " + loud_name_of(step.verdict);
        if (ran) title += "  " + since_start(step.started_after) + "  " + human_duration(step.took);
        if (step.place.known()) title += "  " + step.place.text();
        return printable(title);
    }

    void add_line(const std::string& margin, std::string_view mark, std::string_view text) {
        std::string line{mark};
        if (!text.empty()) line += " " + printable(text);
        out_ += margin + painted(line, Colour::dim, options_.colour) + "\n";
    }

    void add_headers(const std::string& margin, std::string_view mark,
                     const std::vector<std::pair<std::string, std::string>>& headers) {
        for (const auto& [name, value] : headers) add_line(margin, mark, fmt::format("{}: {}", name, value));
    }

    void add_body(const std::string& margin, std::string_view mark, const std::string& body) {
        if (body.empty()) return;
        add_line(margin, mark, "");
        const std::string shown = clipped(body, longest_body);
        for (std::size_t begin = 0; begin < shown.size();) {
            const std::size_t end = std::min(shown.find('\n', begin), shown.size());
            add_line(margin, mark, std::string_view(shown).substr(begin, end - begin));
            begin = end + 1;
        }
    }

    void add_exchange(const HttpExchange& http, const std::string& margin) {
        add_line(margin, ">", http.method + " " + http.url);
        add_headers(margin, ">", http.request_headers);
        add_body(margin, ">", http.request_body);

        std::string answer =
            http.status == 0 ? "no answer"
                             : fmt::format("{}{}", http.status, http.version.empty() ? "" : " HTTP/" + http.version);
        if (!http.remote.empty()) answer += "  from " + http.remote;
        answer += "  in " + human_duration(http.timings.total);
        if (const std::string phases = phases_text(http.timings); !phases.empty()) answer += " (" + phases + ")";
        if (http.insecure) answer += "  insecure: TLS not verified";
        if (http.certificate_expiry_days)
            answer += fmt::format("  certificate: {:.0f} days", *http.certificate_expiry_days);
        add_line(margin, "<", answer);
        add_headers(margin, "<", http.response_headers);
        add_body(margin, "<", http.response_body);
    }

    void add_frames(const std::vector<FrameNote>& frames, const std::string& margin) {
        for (const FrameNote& frame : frames) {
            std::string text = since_start(frame.at) + "  " + clipped(frame.text, longest_frame);
            if (!frame.remark.empty()) text += "     " + frame.remark;
            add_line(margin, frame.outgoing ? "→" : "←", text);
        }
    }

    ReportOptions options_;
    std::string out_;
};

}  // namespace

std::string step_listing(const Outcome& outcome, const ReportOptions& options) {
    if (!options.verbose && !options.curl) return {};
    Listing listing(options);
    listing.add(outcome.steps, "   ");
    return std::move(listing).text();
}

}  // namespace serin
