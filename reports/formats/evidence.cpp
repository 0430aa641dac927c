// SPDX-License-Identifier: Apache-2.0
#include "reports/formats/evidence.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <set>

#include "core/names.hpp"
#include "reports/formats/escaping.hpp"
#include "reports/formats/wording.hpp"

namespace serin {
namespace {

constexpr Window frame_window{.first = 3, .wanted = 4, .last = 5};
constexpr Window exchange_window{.first = 2, .wanted = 6, .last = 4};
constexpr Window delivery_window{.first = 3, .wanted = 0, .last = 3};
constexpr Window leak_window{.first = 6, .wanted = 0, .last = 2};
constexpr std::size_t longest_frame = 240, longest_body = 480;  // bytes

double milliseconds(Duration d) {
    return std::chrono::duration<double, std::milli>(d).count();
}

/// "85", "0.4", "0": whole numbers from 10 ms on, where the fraction says nothing.
std::string short_ms(Duration d) {
    const double ms = milliseconds(d);
    if (ms >= 10) return fmt::format("{:.0f}", ms);
    const double tenths = std::round(ms * 10) / 10;
    return tenths == std::floor(tenths) ? fmt::format("{:.0f}", tenths) : fmt::format("{:.1f}", tenths);
}

std::string one_line(std::string_view text, std::size_t bytes) {
    return printable(clipped(text, bytes));
}

/// Lines of one kind, of which only a window is shown.
struct Excerpt {
    std::vector<std::vector<EvidenceLine>> items;
    std::vector<bool> wanted;
    void add(std::vector<EvidenceLine> item, bool is_wanted) {
        items.push_back(std::move(item));
        wanted.push_back(is_wanted);
    }
    void append_to(std::vector<EvidenceLine>& out, Window window, std::string_view what) const {
        std::size_t next = 0;
        const auto skip_to = [&](std::size_t index) {
            if (index > next)
                out.push_back({.label = "", .at = "", .text = fmt::format("… {} more {}", index - next, what)});
            next = index + 1;
        };
        for (const std::size_t index : chosen(wanted, window)) {
            skip_to(index);
            out.insert(out.end(), items[index].begin(), items[index].end());
        }
        skip_to(items.size());
    }
};

std::string exchange_text(const StepResult& step) {
    const HttpTimings& timings = step.http->timings;
    std::string text = answer_text(step);
    text += " in " + human_duration(timings.total > Duration::zero() ? timings.total : step.took);
    if (const std::string phases = phases_text(timings); !phases.empty()) text += " (" + phases + ")";
    if (step.http->insecure) text += "  insecure: TLS not verified";
    return text;
}

void append_frames(std::vector<EvidenceLine>& out, const StepResult& step, std::string_view nonce) {
    Excerpt frames;
    const std::string label = printable(step.actor.empty() ? "ws" : step.actor + ".ws");
    for (const FrameNote& frame : step.frames) {
        std::string text = (frame.outgoing ? "→ " : "") + one_line(frame.text, longest_frame);
        if (!frame.remark.empty()) text += "     " + one_line(frame.remark, longest_frame);
        // A frame with this run's nonce is the message itself, even where it does not match.
        const bool near = frame.remark.starts_with("MATCH") || (!nonce.empty() && frame.text.contains(nonce));
        frames.add({{.label = label, .at = since_start(frame.at), .text = std::move(text)}}, near);
    }
    frames.append_to(out, frame_window, "frames");
}

/// The step itself, what it saw when it has findings, and what its diagnosis read.
std::vector<EvidenceLine> lines_of(const StepResult& step, std::string_view nonce) {
    std::vector<EvidenceLine> lines;
    const bool found_wanting = !step.findings.empty();
    const bool diagnosis = step.part == "diagnose";
    if (step.http) {
        std::string text = diagnosis ? answer_text(step) : exchange_text(step);
        lines.push_back({.label = label_of(step), .at = since_start(step.started_after), .text = std::move(text)});
        if (found_wanting && !diagnosis && !step.http->response_body.empty()) {
            lines.push_back({.label = "body", .at = "", .text = one_line(step.http->response_body, longest_body)});
        }
    }
    if (found_wanting) append_frames(lines, step, nonce);
    return lines;
}

void collect(const std::vector<StepResult>& steps, std::string_view nonce, Excerpt& exchanges, Excerpt& cleanup) {
    for (const StepResult& step : steps) {
        if (is_cleanup(step)) {
            if (step.http)
                cleanup.add({{.label = "cleanup", .at = "", .text = answer_text(step)}}, !step.findings.empty());
        } else if (auto lines = lines_of(step, nonce); !lines.empty()) {
            exchanges.add(std::move(lines), !step.findings.empty() || step.part == "diagnose");
        }
        collect(step.children, nonce, exchanges, cleanup);
    }
}

std::string delivery_text(const Delivery& delivery) {
    std::string text =
        fmt::format("{}  {} → {}: {}", delivery.nonce, delivery.sender, delivery.receiver, delivery.state);
    if (delivery.send_to_receive) text += " after " + human_duration(*delivery.send_to_receive);
    if (delivery.copies > 1) text += fmt::format(", {} copies", delivery.copies);
    return printable(text);
}

std::string attempt_text(const Attempt& attempt) {
    std::string text = loud_name_of(attempt.verdict);
    if (!attempt.failure_class.empty()) text += " " + attempt.failure_class;
    if (!attempt.message.empty()) text += ": " + attempt.message;
    return printable(fmt::format("{} ({})", text, human_duration(attempt.took)));
}

}  // namespace

std::vector<std::size_t> chosen(const std::vector<bool>& wanted, Window window) {
    const std::size_t count = wanted.size();
    std::set<std::size_t> indices;
    const bool all = count <= window.first + window.wanted + window.last;
    for (std::size_t i = 0; i < count; ++i) {
        if (all || i < window.first || i + window.last >= count) indices.insert(i);
    }
    std::size_t free = window.wanted;
    for (std::size_t i = count; i-- > 0 && free > 0;) {
        if (wanted[i] && indices.insert(i).second) --free;
    }
    return {indices.begin(), indices.end()};
}

std::string label_of(const StepResult& step) {
    return printable(step.id.empty() ? step.kind : step.id);
}

std::string since_start(Duration at) {
    return fmt::format("+{:.3f}", milliseconds(at) / 1000);
}

std::string phases_text(const HttpTimings& timings) {
    if (timings.dns + timings.connect + timings.tls + timings.first_byte == Duration::zero()) return {};
    return fmt::format("dns {}, connect {}, tls {}, first byte {}", short_ms(timings.dns), short_ms(timings.connect),
                       short_ms(timings.tls), short_ms(timings.first_byte));
}

std::string answer_text(const StepResult& step) {
    const HttpExchange& http = *step.http;
    const std::string asked = step.title.empty() ? http.method + " " + http.url : step.title;
    return fmt::format("{} → {}", printable(asked), http.status == 0 ? "no answer" : std::to_string(http.status));
}

std::vector<EvidenceLine> evidence_of(const Outcome& outcome) {
    Excerpt exchanges, cleanup, deliveries, leaks;
    collect(outcome.steps, outcome.nonce, exchanges, cleanup);
    for (const Delivery& delivery : outcome.deliveries) {
        if (delivery.state == "delivered") continue;
        deliveries.add({{.label = "delivery", .at = "", .text = delivery_text(delivery)}}, false);
    }
    for (const std::string& leaked : outcome.leaked) {
        leaks.add({{.label = "left behind", .at = "", .text = printable(leaked)}}, false);
    }

    std::vector<EvidenceLine> lines;
    exchanges.append_to(lines, exchange_window, "steps");
    deliveries.append_to(lines, delivery_window, "deliveries");
    cleanup.append_to(lines, exchange_window, "cleanup steps");
    // The last attempt is the run itself.
    for (std::size_t i = 0; i + 1 < outcome.attempts.size(); ++i) {
        lines.push_back(
            {.label = fmt::format("attempt {}", i + 1), .at = "", .text = attempt_text(outcome.attempts[i])});
    }
    leaks.append_to(lines, leak_window, "things left behind");
    return lines;
}

}  // namespace serin
