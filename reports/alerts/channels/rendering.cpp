// SPDX-License-Identifier: Apache-2.0
#include "reports/alerts/channels/rendering.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <exception>
#include <memory>
#include <nlohmann/json.hpp>
#include <utility>

#include "core/secret.hpp"
#include "core/utf8.hpp"
#include "reports/alerts/incidents/incident_json.hpp"

namespace serin {
namespace {

constexpr std::size_t title_bytes = 200;
constexpr std::size_t text_bytes = 4096;
constexpr std::string_view ellipsis = "…";
constexpr std::string_view replacement = "\xef\xbf\xbd";  // U+FFFD

/// How many cells, symptoms and suspects are told one by one.
constexpr std::size_t told_each = 5;

/// True for what could change how the rest of a text is shown: C0, DEL, C1, line and paragraph separators, and the
/// marks that turn the direction of writing.
bool is_control(char32_t c) {
    return c < 0x20 || (c >= 0x7f && c <= 0x9f) || c == 0x2028 || c == 0x2029 || (c >= 0x202a && c <= 0x202e) ||
           (c >= 0x2066 && c <= 0x2069);
}

std::string cleaned(std::string_view text, std::size_t bytes, bool lines) {
    std::string out;
    std::size_t room_for_ellipsis = 0;  // where to cut when it turns out that something has to go
    for (std::size_t at = 0; at < text.size();) {
        const CodePoint point = code_point_at(text, at);
        std::string_view piece = text.substr(at, point.bytes);
        at += point.bytes;
        if (!point.valid) {
            piece = replacement;
        } else if (lines && point.value == U'\r') {
            if (at < text.size() && text[at] == '\n') continue;
            piece = "\n";
        } else if (is_control(point.value) && !(lines && (point.value == U'\n' || point.value == U'\t'))) {
            piece = " ";
        }
        if (out.size() + piece.size() > bytes) {
            out.resize(room_for_ellipsis);
            return bytes < ellipsis.size() ? out : out.append(ellipsis);
        }
        out += piece;
        if (out.size() + ellipsis.size() <= bytes) room_for_ellipsis = out.size();
    }
    return out;
}

std::string prefix_of(const Notice& notice) {
    switch (notice.kind) {
        case NoticeKind::opened:
            return notice.incident.severity == AlertSeverity::critical
                       ? ""
                       : fmt::format("[{}] ", name_of(notice.incident.severity));
        case NoticeKind::escalated:
            return fmt::format("[escalated {}] ", notice.level + 1);
        case NoticeKind::reopened:
        case NoticeKind::changed:
        case NoticeKind::repeated:
        case NoticeKind::acknowledged:
        case NoticeKind::resolved:
            return fmt::format("[{}] ", name_of(notice.kind));
    }
    return {};
}

class Lines {
public:
    void add(std::string_view line) {
        if (!line.empty()) text_.append(line).append("\n");
    }
    template <class... Values>
    void tell(fmt::format_string<Values...> format, Values&&... values) {
        add(one_line(fmt::format(format, std::forward<Values>(values)...), 600));
    }
    [[nodiscard]] std::string take() { return std::move(text_); }

private:
    std::string text_;
};

void tell_times(Lines& lines, const Incident& incident) {
    const Duration delay = incident.opened_at - incident.began_at;
    if (delay > Duration::zero()) {
        lines.tell("Since {}, noticed {} later.", rfc3339(incident.began_at), human_duration(delay));
    } else {
        lines.tell("Since {}.", rfc3339(incident.began_at));
    }
    if (incident.waves > 1) lines.tell("It is the {}. wave of this incident.", incident.waves);
    if (incident.recovered_at) {
        lines.tell("Recovered {}, after {}.", rfc3339(*incident.recovered_at),
                   human_duration(std::max(Duration::zero(), Duration(*incident.recovered_at - incident.began_at))));
    }
}

void tell_cells(Lines& lines, const Incident& incident) {
    const std::size_t shown = std::min(incident.cells.size(), told_each);
    for (std::size_t i = 0; i < shown; ++i) {
        const AffectedCell& cell = incident.cells[i];
        const std::string& what = cell.message.empty() ? incident.message : cell.message;
        lines.tell("- {}: {}{}{}", cell.cell.text(), what,
                   cell.because.empty() ? "" : fmt::format(" ({})", cell.because),
                   cell.run_id.empty() ? "" : fmt::format(", run {}", cell.run_id));
    }
    if (incident.cells.size() > shown) lines.tell("- and {} more", incident.cells.size() - shown);
}

void tell_causes(Lines& lines, const Incident& incident) {
    std::size_t told = 0;
    for (const Suspect& suspect : incident.suspects) {
        if (told++ == told_each) break;
        const Change& change = suspect.change;
        lines.tell("{} {} {} {}: {}{}{}", suspect.rejected ? "Not the cause:" : "Likely change:", change.kind,
                   change.component, change.id, change.title,
                   suspect.why.empty() ? "" : fmt::format(" ({})", fmt::join(suspect.why, ", ")),
                   suspect.rejected && !suspect.rejected_by.empty()
                       ? fmt::format(" [{} undid it, without effect]", suspect.rejected_by)
                       : "");
    }
    for (const Mitigation& mitigation : incident.mitigations) {
        lines.tell("Tried: {} {}: effect {}", mitigation.change.kind, mitigation.change.id,
                   mitigation.effect.empty() ? "not known yet" : mitigation.effect);
    }
    if (!incident.advice.empty()) lines.tell("Advice: {}", incident.advice);
}

void tell_symptoms(Lines& lines, const Incident& incident) {
    const std::size_t shown = std::min(incident.symptoms.size(), told_each);
    for (std::size_t i = 0; i < shown; ++i) {
        const Symptom& symptom = incident.symptoms[i];
        lines.tell("Explains: {} {}: {}", symptom.service, symptom.failure_class, symptom.message);
    }
    if (incident.symptoms.size() > shown) lines.tell("Explains {} more", incident.symptoms.size() - shown);
}

/// A line that can be copied as it stands. Without a URL only the machine of the daemon can do it.
void tell_acknowledge(Lines& lines, const Incident& incident, const std::string& external_url) {
    if (external_url.empty()) {
        lines.tell(
            "Acknowledge, where `serin serve` runs (serin.db: its store): serin incidents ack {} --store serin.db",
            incident.id);
    } else {
        lines.tell("Acknowledge: serin incidents ack {} --server {} --token-env SERIN_TOKEN", incident.id,
                   external_url);
    }
}

void tell_people(Lines& lines, const Incident& incident, const std::string& external_url) {
    const std::string link = link_of(incident, external_url);
    if (!incident.owner.empty()) lines.tell("Owner: {}", incident.owner);
    if (!incident.runbook.empty()) lines.tell("Runbook: {}", incident.runbook);
    if (!link.empty()) lines.tell("Incident: {}", link);
    if (incident.acknowledgement) {
        lines.tell("Acknowledged by {} until {}.", incident.acknowledgement->by,
                   rfc3339(incident.acknowledgement->until));
    } else if (incident.state == IncidentState::open && !incident.drill) {
        tell_acknowledge(lines, incident, external_url);
    }
}

/// The headline without the words that the title's marks say already.
std::string_view title_of(const Notice& notice, std::string_view head) {
    const auto drop = [&head](std::string_view word) {
        if (head.starts_with(word)) head.remove_prefix(word.size());
    };
    if (notice.incident.drill) drop("drill: ");
    if (notice.kind == NoticeKind::resolved) drop("recovered: ");
    return head;
}

NoticeWords built_in_words(const Notice& notice, const std::string& external_url, Wall now) {
    const Incident& incident = notice.incident;
    const std::string head = headline(incident, now);
    Lines lines;
    if (incident.drill) lines.add("This is a drill: nothing is wrong, and nobody has to do anything.");
    lines.add(one_line(head, 600));
    const std::string scope = scope_in_words(incident);
    lines.tell("Where: {}{}{}", incident.service, scope.empty() ? "" : ", ", scope);
    tell_times(lines, incident);
    tell_cells(lines, incident);
    tell_symptoms(lines, incident);
    tell_causes(lines, incident);
    if (incident.outstanding > 0) lines.tell("Messages whose fate is not known yet: {}", incident.outstanding);
    Lines people;
    tell_people(people, incident, external_url);
    const std::string last = people.take();  // what to do must not be what is cut
    std::string text = clean_lines(lines.take(), text_bytes - last.size() - 1);
    if (!text.ends_with('\n')) text += '\n';
    return {.title = one_line(prefix_of(notice).append(title_of(notice, head)), title_bytes), .text = text + last};
}

/// What a notice's templates see.
class NoticeScope final : public Scope {
public:
    NoticeScope(const Notice& notice, const NoticeWords& words, const std::string& link)
        : notice_(notice), words_(words), link_(link) {}

    [[nodiscard]] std::optional<Binding> find(std::string_view name) const override {
        if (name == "kind") return std::string(name_of(notice_.kind));
        if (name == "title") return words_.title;
        if (name == "text") return words_.text;
        if (name == "link") return link_;
        if (name == "level") return std::int64_t{notice_.level} + 1;
        if (name != "incident") return std::nullopt;
        if (!incident_) incident_ = std::make_shared<const Json>(incident_json(notice_.incident));
        return JsonView{.document = incident_, .node = incident_.get(), .path = "incident"};
    }

private:
    const Notice& notice_;
    const NoticeWords& words_;
    const std::string& link_;
    mutable std::shared_ptr<const Json> incident_;
};

/// A template's text, or why there is none. Whatever goes wrong in here must not cost the page.
Result<std::string> resolved(const Text& text, Evaluator& evaluator, const Scope& scope) {
    try {
        Template whole;
        whole.value = text;
        return evaluator.resolve_text(whole, scope);
    } catch (const std::exception& broken) {
        return fail(broken.what());
    }
}

}  // namespace

std::string one_line(std::string_view text, std::size_t bytes) {
    return cleaned(text, bytes, false);
}

std::string clean_lines(std::string_view text, std::size_t bytes) {
    return cleaned(text, bytes, true);
}

const KnownNames& notice_names() {
    static const KnownNames names = [] {
        KnownNames all;
        for (const char* name : {"incident", "kind", "title", "text", "link", "level"}) all.add(name);
        return all;
    }();
    return names;
}

std::string link_of(const Incident& incident, const std::string& external_url) {
    if (external_url.empty()) return {};
    const std::string base =
        external_url.ends_with('/') ? external_url.substr(0, external_url.size() - 1) : external_url;
    return base + "/api/v1/incidents/" + url_escape(incident.id);
}

NoticeWords words_of(const Notice& notice, const ChannelConfig& config, Evaluator& evaluator,
                     const std::string& external_url, Wall now) {
    const std::string link = link_of(notice.incident, external_url);
    const NoticeWords built_in = built_in_words(notice, external_url, now);
    NoticeWords words = built_in;
    const NoticeScope scope(notice, built_in, link);
    std::string complaints;
    const auto apply = [&](const std::optional<Text>& wanted, const char* which, std::string& into) {
        if (!wanted) return;
        Result<std::string> text = resolved(*wanted, evaluator, scope);
        const bool blank = text && text->find_first_not_of(" \t\r\n") == std::string::npos;
        if (text && !blank) {
            into = std::move(*text);
            return;
        }
        complaints += one_line(fmt::format("(the {} template of channel `{}` could not be used: {})", which,
                                           config.name, text ? "it gave nothing" : text.error().title),
                               300) +
                      "\n";
    };
    apply(config.title, "title", words.title);
    apply(config.text, "text", words.text);
    const std::string_view drill = "[drill] ";
    const bool marked = words.title.starts_with(drill);
    words.title = one_line((notice.incident.drill && !marked ? std::string(drill) : "") + words.title, title_bytes);
    words.text = clean_lines(words.text, text_bytes - complaints.size()) + complaints;
    return words;
}

}  // namespace serin
