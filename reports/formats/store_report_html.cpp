// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>

#include "reports/formats/html.hpp"
#include "reports/formats/store_listing.hpp"
#include "reports/formats/store_report.hpp"

namespace serin {
namespace {

constexpr std::size_t most_episodes = 40;

struct Headline {
    std::string_view tone;
    std::string text;
};

Headline headline(const StoreReport& report) {
    const CellCounts& counts = report.counts;
    if (report.nothing_ran())
        return {.tone = "worst", .text = "Nothing was judged: there is no telling how users fared"};
    if (counts.judged() == 0)
        return {.tone = "worst", .text = "No run could be judged: the prober itself was at fault"};
    if (counts.fail > 0) {
        return {.tone = tone_of(counts.availability()),
                .text = fmt::format("{} of {} runs failed", grouped(counts.fail), grouped(counts.judged()))};
    }
    if (counts.judged() < counts.slots()) {
        return {.tone = "fair",
                .text = fmt::format("No run failed, but {} of {} were not judged",
                                    grouped(counts.slots() - counts.judged()), grouped(counts.slots()))};
    }
    return {.tone = "good", .text = fmt::format("All {} runs passed", grouped(counts.judged()))};
}

std::string hero(const StoreReport& report) {
    const Headline line = headline(report);
    std::string text = fmt::format("<header class=\"hero {}\"><p class=\"eyebrow\">Serin report</p><h1>{} {}</h1>",
                                   line.tone, sign_of(line.tone), line.text);
    text += "<p class=\"muted\">" + window_text(report) + " (UTC)";
    if (const std::string filter = filter_text(report.filter); !filter.empty()) text += " · only " + html_text(filter);
    return text + " · made " + short_time(report.made_at) + "</p></header>\n";
}

std::string card(std::string_view name, std::string_view value, std::string_view remark) {
    return fmt::format("<div><dt>{}</dt><dd>{}</dd><dd class=\"muted small\">{}</dd></div>", name, value, remark);
}

std::string cards(const StoreReport& report) {
    std::size_t cells = 0, failing = 0;
    for (const ProbeReport& probe : report.probes) {
        for (const MatrixCell& cell : probe.cells) {
            ++cells;
            failing += cell.verdict == "fail" || cell.verdict == "error" ? 1 : 0;
        }
    }
    const CellCounts& counts = report.counts;
    std::string text = "<dl class=\"cards\">";
    text += card("Availability", share_text(counts.availability()), "of " + grouped(counts.judged()) + " judged runs");
    text += card("Judged", share_text(counts.coverage()), "of " + grouped(counts.slots()) + " that were to be");
    text += card("Failing at the end", grouped(static_cast<std::int64_t>(failing)), fmt::format("of {} cells", cells));
    std::int64_t messages = 0, delivered = 0;
    for (const auto& [state, count] : report.deliveries) {
        messages += count;
        if (state == "delivered") delivered = count;
    }
    if (messages > 0) {
        text += card("Messages delivered", share_text(static_cast<double>(delivered) / static_cast<double>(messages)),
                     fmt::format("{} of {}", grouped(delivered), grouped(messages)));
    }
    text += card("Changes", grouped(std::ssize(report.changes)) + (report.more_changes ? "+" : ""), "recorded");
    return text + "</dl>\n";
}

std::string episodes(const StoreReport& report) {
    const std::vector<Episode> all = episodes_of(report);
    if (all.empty()) return {};
    std::string text =
        "<section><h2>When it failed</h2><div class=\"scroll\" tabindex=\"0\"><table><thead><tr><th scope=\"col\">from"
        "</th><th scope=\"col\">until</th><th scope=\"col\">probe</th><th scope=\"col\" class=\"num\">failed</th>"
        "<th scope=\"col\" class=\"num\">judged</th></tr></thead><tbody>";
    const std::size_t skipped = all.size() > most_episodes ? all.size() - most_episodes : 0;
    for (std::size_t i = skipped; i < all.size(); ++i) {
        text += fmt::format("<tr><td class=\"nowrap\">{}</td><td class=\"nowrap\">{}</td><td>{}</td>{}{}</tr>",
                            short_time(all[i].from), short_time(all[i].until), html_text(all[i].probe),
                            html_count_cell(all[i].failed), html_count_cell(all[i].judged));
    }
    text += "</tbody></table></div>";
    if (skipped > 0) text += fmt::format("<p class=\"muted\">{} earlier ones are left out.</p>", skipped);
    return text + "</section>\n";
}

std::string link_html(const std::string& link) {
    if (!link.starts_with("https://") && !link.starts_with("http://")) return html_text(link);
    return fmt::format("<a href=\"{}\" rel=\"noopener noreferrer nofollow\">{}</a>", html_attribute(link),
                       html_text(link));
}

std::string alerts(const StoreReport& report) {
    if (report.alerts.empty()) return {};
    std::string text = "<section><h2>Incidents and mutes</h2><ul>";
    for (const ReportedAlert& alert : report.alerts) text += "<li>" + html_text(alert_line(alert)) + "</li>";
    return text + "</ul></section>\n";
}

std::string changes(const StoreReport& report) {
    if (report.changes.empty()) return "<section><h2>Changes</h2><p>None was recorded in this window.</p></section>\n";
    std::string text =
        "<section><h2>Changes</h2><div class=\"scroll\" tabindex=\"0\"><table><thead><tr><th scope=\"col\">no.</th>"
        "<th scope=\"col\">started</th><th scope=\"col\">ended</th><th scope=\"col\">kind</th><th "
        "scope=\"col\">component"
        "</th><th scope=\"col\">what</th><th scope=\"col\">shards</th><th scope=\"col\">who</th></tr></thead><tbody>";
    int number = 0;
    for (const Change& change : report.changes) {
        std::string shards;
        for (const std::string& shard : change.shards) shards += (shards.empty() ? "" : ", ") + shard;
        std::string what = html_text(change.title.empty() ? change.id : change.title);
        if (!change.rollback_plan.empty())
            what += "<br><span class=\"small muted\">rollback: " + html_text(change.rollback_plan) + "</span>";
        if (!change.link.empty()) what += "<br><span class=\"small\">" + link_html(change.link) + "</span>";
        text += fmt::format(
            "<tr><td><span class=\"n\">{}</span></td><td class=\"nowrap\">{}</td><td "
            "class=\"nowrap\">{}</td><td>{}</td>"
            "<td>{}</td><td class=\"wide\">{}</td><td>{}</td><td>{}</td></tr>",
            ++number, short_time(change.started_at), change.ended_at ? short_time(*change.ended_at) : "–",
            html_text(change.kind), html_text(change.component), what, shards.empty() ? "all" : html_text(shards),
            html_text(change.author + (change.contact.empty() ? "" : " " + change.contact)));
    }
    text += "</tbody></table></div>";
    if (report.more_changes) text += "<p class=\"muted\">Earlier changes are left out.</p>";
    return text + "</section>\n";
}

std::string_view tone_of_state(std::string_view state) {
    if (state == "delivered") return "good";
    if (state == "late" || state == "duplicated" || state == "reordered") return "fair";
    return state == "unknown" || state == "outstanding" ? "none" : "bad";
}

std::string deliveries(const StoreReport& report) {
    std::int64_t all = 0;
    for (const auto& [state, count] : report.deliveries) all += count;
    if (all == 0) return {};
    std::string text = "<section><h2>Messages</h2><p>" + html_text(account_line(report.deliveries)) +
                       ".</p><div class=\"bar\" aria-hidden=\"true\">";
    for (const char* tone : {"good", "fair", "bad", "none"}) {
        for (const auto& [state, count] : report.deliveries) {
            if (tone_of_state(state) != tone || count <= 0) continue;
            text += fmt::format("<span class=\"{}\" style=\"flex:{} 0 0\"></span>", tone, count);
        }
    }
    text += "</div>";
    if (report.undelivered.empty()) return text + "</section>\n";
    text +=
        "<div class=\"scroll\" tabindex=\"0\"><table><caption>Not delivered as they should be</caption><thead><tr>"
        "<th scope=\"col\">sent</th><th scope=\"col\">state</th><th scope=\"col\">from → to</th><th scope=\"col\">probe"
        "</th><th scope=\"col\">nonce</th></tr></thead><tbody>";
    for (const DeliveryRow& row : report.undelivered) {
        const bool revised = !row.first_state.empty() && row.first_state != row.state;
        text += fmt::format(
            "<tr><td class=\"nowrap\">{}</td><td><span class=\"badge {}\">{}</span>{}</td><td>{} → {}</td><td>{}</td>"
            "<td>{}</td></tr>",
            row.sent_at == Wall{} ? "?" : short_time(row.sent_at), tone_of_state(row.state), html_text(row.state),
            revised ? " <span class=\"small muted\">first " + html_text(row.first_state) + "</span>" : "",
            html_text(row.sender), row.receiver.empty() ? "?" : html_text(row.receiver),
            html_text(row.key ? row.key->text() : row.scenario), html_text(row.nonce));
    }
    text += "</tbody></table></div>";
    if (report.more_undelivered) text += "<p class=\"muted\">Older ones are left out.</p>";
    return text + "</section>\n";
}

/// Line breaks stay: the text is made of printable lines.
std::string block(const std::string& text) {
    std::string out;
    for (std::size_t begin = 0; begin < text.size();) {
        const std::size_t end = std::min(text.find('\n', begin), text.size());
        out += html_text(std::string_view(text).substr(begin, end - begin)) + "\n";
        begin = end + 1;
    }
    return "<pre tabindex=\"0\">" + out + "</pre>";
}

std::string failures(const StoreReport& report) {
    if (report.failed() == 0) return {};
    std::string text = fmt::format(
        "<section><h2>Failures with evidence</h2><p class=\"muted\">{} of {}, newest first; a few "
        "of each probe, target and failure class.</p>",
        counted(std::ssize(report.failures), "example"), counted(report.failed(), "failed run"));
    for (std::size_t i = 0; i < report.failures.size(); ++i) {
        const RunRow& row = report.failures[i].row;
        text += fmt::format(
            "<details{}><summary><span class=\"badge {}\">{}</span> <b>{}</b> <span class=\"muted\">{} · {}</span> {}{}"
            "</summary>{}</details>",
            i == 0 ? " open" : "", row.verdict == "fail" ? "bad" : "none", html_text(row.verdict),
            html_text(row.key.probe), html_text(cell_text(row.key)), short_time(row.started_at),
            row.failure_class.empty() ? "" : "<b>" + html_text(row.failure_class) + "</b>: ", html_text(row.message),
            block(run_text(report.failures[i], {})));
    }
    return text + "</section>\n";
}

constexpr std::string_view how_to_read =
    "<footer><h3>How to read this</h3><dl><dt>Availability</dt><dd>Share of the judged runs (pass, degraded, fail) in "
    "which users could do what they came for. Runs that were not judged never count as "
    "pass.</dd><dt>Judged</dt><dd>Share "
    "of all that was to be; the rest was missed, shed, overlapped, skipped, aborted, or the prober itself was at fault "
    "(error).</dd><dt>p50, p95, p99</dt><dd>Half, 95 % and 99 % of the judged runs took no longer; within 1 %.</dd>"
    "<dt>Unknown messages</dt><dd>Sent, but their run never told what became of them.</dd></dl></footer>\n";

}  // namespace

std::string store_report_html(const StoreReport& report) {
    std::string body = html_timeline_patterns() + hero(report) + cards(report);
    body += html_probes(report);
    body += alerts(report) + episodes(report) + failures(report) + deliveries(report) + changes(report);
    body += how_to_read;
    return html_page("Serin report " + window_text(report), body);
}

}  // namespace serin
