// SPDX-License-Identifier: Apache-2.0
#include "reports/alerts/status/draft_words.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <ctime>

#include "core/ascii.hpp"
#include "core/failure_classes.hpp"
#include "core/names.hpp"
#include "reports/alerts/incidents/wording.hpp"

namespace serin {
namespace {

struct ClassWords {
    std::string_view failure_class, words;  ///< "{}": the service
};
/// The first that is the incident's class, or whose words are its first ones, counts.
constexpr ClassWords class_words[] = {
    {"stored_not_", "messages are stored but not delivered live"},
    {"accepted_not_", "what is sent is accepted but not carried out"},
    {"stale_read", "changes do not show, or show late"},
    {"overload", "{} is overloaded and answers slowly or not at all"},
    {"rejected", "what is sent is refused"},
    {"dns_", "{} cannot be found by its name"},
    {"connection_reset", "connections to {} break off"},
    {"connection_refused", "{} cannot be reached"},
    {"connect_timeout", "{} cannot be reached"},
    {"unreachable", "{} cannot be reached"},
    {"proxy_failure", "{} cannot be reached"},
    {"tls_", "secure connections to {} fail"},
    {"no_response", "{} does not answer"},
    {"empty_reply", "{} does not answer"},
    {"slow", "{} is slower than usual"},
    {"timeout", "{} does not answer in time"},
    {"websocket_", "live connections cannot be made or break off"},
    {"not_in_time", "updates do not arrive in time"},
    {"duplicated", "messages arrive more than once"},
    {"reordered", "messages arrive in the wrong order"},
    {"corrupted", "messages arrive changed"},
    {"misdelivered", "messages reach the wrong recipients"},
    {"flaky", "{} works only after a second try"},
    {"budget_burn", "some requests fail"},
    {"exhaustion", "a resource of {} is running out"},
    {"silent", "background jobs do not run"},
    {"lost", "some messages are not delivered"},
    {"late", "messages arrive late"},
};

constexpr std::size_t most_name = 60, most_effect = 140;

bool is_known(std::string_view failure_class) {
    return std::ranges::find(failure_classes, failure_class, &FailureClass::name) != failure_classes.end();
}

/// What a rule found that looks at more than single runs; empty: the class says it.
std::string_view rule_words(RuleKind rule) {
    if (rule == RuleKind::lost) return "some messages are not delivered";
    if (rule == RuleKind::late) return "messages arrive late";
    if (rule == RuleKind::duplicated) return "messages arrive more than once";
    return rule == RuleKind::latency ? "{} is slower than usual" : "";
}

std::string spaced(std::string text) {
    std::ranges::replace_if(text, [](char c) { return c == '_' || c == '-'; }, ' ');
    return text;
}

/// One line without blanks or a full stop at its ends.
std::string phrase(std::string text) {
    std::ranges::replace_if(text, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }, ' ');
    std::string_view kept = trimmed(text);
    while (kept.ends_with('.')) kept.remove_suffix(1);
    return std::string(kept);
}

/// The service's name in the place of "{}".
std::string filled(std::string_view words, const std::string& service) {
    const std::size_t at = words.find("{}");
    if (at == std::string_view::npos) return std::string(words);
    return std::string(words.substr(0, at)) + service + std::string(words.substr(at + 2));
}

/// "slow" begins "slow_body", but not "slowly".
bool begins(std::string_view failure_class, std::string_view words) {
    if (!failure_class.starts_with(words)) return false;
    return words.ends_with('_') || failure_class.size() == words.size() || failure_class[words.size()] == '_';
}

std::string what(const Incident& incident) {
    if (incident.declared && !incident.message.empty()) return phrase(clipped(incident.message, most_effect));
    const std::string service = phrase(clipped(incident.service, most_name));
    if (const std::string_view words = rule_words(incident.rule); !words.empty()) return filled(words, service);
    for (const ClassWords& each : class_words) {
        if (begins(incident.failure_class, each.failure_class)) return filled(each.words, service);
    }
    if (is_known(incident.failure_class) || incident.failure_class.empty())
        return service + " does not work as it should";
    return service + ": " + phrase(spaced(clipped(incident.failure_class, most_name)));
}

std::string capital(std::string text) {
    if (!text.empty() && text.front() >= 'a' && text.front() <= 'z')
        text.front() = static_cast<char>(text.front() - 'a' + 'A');
    return text;
}

/// "14:05 UTC on 9 December 2026"
std::string moment(Wall at) {
    const auto minute = std::chrono::floor<std::chrono::minutes>(at);
    const std::time_t seconds = std::chrono::system_clock::to_time_t(minute);
    const std::tm parts = fmt::gmtime(seconds);
    return fmt::format("{:%H:%M} UTC on {} {:%B %Y}", parts, parts.tm_mday, parts);
}

}  // namespace

std::string effect_on_users(const Incident& incident) {
    std::string words = what(incident);
    const bool some = incident.scope == FaultScope::target || incident.scope == FaultScope::cell;
    std::vector<std::string> unsaid;
    for (const std::string& target : incident.targets) {
        if (words.find(target) == std::string::npos) unsaid.push_back(phrase(target));
    }
    const std::string where = some ? names_in_words(unsaid, 4) : std::string();
    return where.empty() ? words : words + " in " + where;
}

std::string draft_title(const Incident& incident) {
    return capital(effect_on_users(incident));
}

std::string draft_text(const Incident& incident) {
    const std::string effect = draft_title(incident);
    const std::string began = moment(incident.began_at);
    const std::string again = incident.waves > 1 ? fmt::format(", in {} waves", incident.waves) : "";
    if (incident.state == IncidentState::open)
        return fmt::format("{}, since {}{}. We are investigating.", effect, began, again);
    if (incident.unwatched)
        return fmt::format("{}, since {}{}. We do not watch it any more: whether it works is not known.", effect, began,
                           again);
    const std::string ended = incident.recovered_at ? moment(*incident.recovered_at) : "an unknown time";
    const std::string past = fmt::format("From {} to {}{}: {}.", began, ended, again, effect_on_users(incident));
    if (incident.state == IncidentState::watching) return past + " It works again, and we go on watching it.";
    return past + " This is resolved.";
}

}  // namespace serin
