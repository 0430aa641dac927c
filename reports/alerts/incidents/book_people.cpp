// SPDX-License-Identifier: Apache-2.0
// What people do to incidents.
#include <fmt/format.h>

#include <algorithm>

#include "core/names.hpp"
#include "reports/alerts/incidents/book_impl.hpp"
#include "reports/alerts/incidents/book_join.hpp"
#include "reports/alerts/incidents/wording.hpp"

namespace serin {
namespace {

constexpr Duration longest_acknowledgement = std::chrono::hours(24);
constexpr std::size_t most_words = 500;
constexpr const char* declared_class = "declared";

std::unexpected<Error> unknown(const std::string& id) {
    return fail("there is no incident `" + clipped(id, 60) + "`", "`serin incidents list` shows those that are open");
}
std::unexpected<Error> nobody() {
    return fail("nobody is named", "say who you are: --by NAME");
}
std::string with_note(std::string text, const std::string& note) {
    return note.empty() ? text : std::move(text) + ": " + clipped(note, most_words);
}

/// Whether a rule's incident covers what a person saw from `from` to `until`, or as long before it.
bool covers(const Incident& incident, const std::string& service, Wall from, Wall until, Wall now) {
    if (incident.service != service || incident.drill) return false;
    const Wall earliest = from - (until - from);
    const Wall end = incident.recovered_at.value_or(incident.closed_at.value_or(now));
    return incident.began_at <= until && end >= earliest;
}

}  // namespace

Result<Transitions> Book::acknowledge(const std::string& id, const std::string& by, const std::string& via,
                                      const std::string& note, std::optional<Duration> lasts, Wall now) {
    BookEntry* const entry = impl_->with_id(id);
    if (entry == nullptr) return unknown(id);
    Incident& incident = entry->incident;
    if (incident.state != IncidentState::open)
        return fail(fmt::format("incident {} is {}, there is nothing to acknowledge", id, name_of(incident.state)),
                    "only what fails now is acknowledged");
    if (by.empty()) return nobody();
    const Duration length = lasts.value_or(impl_->rules.ack_for);
    if (length <= Duration::zero() || length > longest_acknowledgement)
        return fail("an acknowledgement cannot last " + human_duration(length), "more than 0 and at most 24 h");
    impl_->last_now = now;
    BookStep step(now);
    incident.acknowledgement = Acknowledgement{
        .by = clipped(by, 100), .via = via, .note = clipped(note, most_words), .at = now, .until = now + length};
    if (!incident.acknowledged_at) incident.acknowledged_at = now;
    incident.escalate_at.reset();
    step.log(
        incident, "acknowledged",
        with_note("acknowledged until " + moment_in_words(now + length, now) + (via.empty() ? "" : " by " + via), note),
        by);
    if (incident.told && !silenced(incident)) impl_->follow_up(incident, NoticeKind::acknowledged, step);
    Transitions transitions = std::move(step).finish();
    for (Transition& transition : transitions) transition.acknowledged = true;
    return transitions;
}

Result<Transitions> Book::mute(const Mute& mute, Wall now) {
    if (mute.service.empty()) return fail("the mute names no service", "name one; a failure class may be left out");
    if (mute.owner.empty()) return fail("the mute has no owner", "say who answers for it: --by NAME");
    if (mute.reason.empty()) return fail("the mute has no reason", "say why: --reason TEXT");
    if (mute.until <= now) return fail("the mute is over before it begins", "give an end in the future");
    if (mute.until - now > impl_->rules.longest_mute)
        return fail("the mute lasts " + human_duration(mute.until - now),
                    "at most " + human_duration(impl_->rules.longest_mute) + "; mend the rule instead");
    impl_->last_now = now;
    std::erase_if(impl_->muted, [&](const Mute& other) {
        return other.service == mute.service && other.failure_class == mute.failure_class;
    });
    Mute kept = mute;
    kept.at = now;
    kept.reason = clipped(mute.reason, most_words);
    impl_->muted.push_back(std::move(kept));
    BookStep step(now);
    impl_->settle_all(step);
    return std::move(step).finish();
}

Result<Transitions> Book::unmute(const std::string& service, const std::string& failure_class, const std::string& by,
                                 Wall now) {
    if (by.empty()) return nobody();
    const auto meant = [&](const Mute& mute) {
        return mute.service == service && mute.failure_class == failure_class && now < mute.until;
    };
    if (std::ranges::none_of(impl_->muted, meant))
        return fail("no mute of `" + clipped(service, 60) + "`" +
                        (failure_class.empty() ? "" : " and `" + clipped(failure_class, 60) + "`"),
                    "a mute is named by its service and failure class");
    impl_->last_now = now;
    BookStep step(now);
    std::erase_if(impl_->muted, meant);
    for (BookEntry* const entry : impl_->active_entries()) {
        const Incident& incident = entry->incident;
        if (incident.service == service && incident.muted && incident.muted->failure_class == failure_class)
            step.log(incident, "unmuted", "the mute was taken back", by);
    }
    impl_->settle_all(step);
    return std::move(step).finish();
}

Result<Transitions> Book::close(const std::string& id, const std::string& by, const std::string& note,
                                Usefulness usefulness, Wall now) {
    BookEntry* const entry = impl_->with_id(id);
    if (entry == nullptr) return unknown(id);
    Incident& incident = entry->incident;
    if (incident.state == IncidentState::closed && usefulness == Usefulness::unknown)
        return fail("incident " + id + " is closed already",
                    "what its page was worth can still be said: --usefulness WORD");
    if (by.empty()) return nobody();
    if (incident.state == IncidentState::closed) {
        impl_->last_now = now;
        BookStep step(now);
        incident.usefulness = usefulness;
        step.log(incident, "judged", with_note(fmt::format("judged as {}", name_of(usefulness)), note), by);
        return std::move(step).finish();
    }
    const bool by_wish = incident.declared || incident.drill || failing_cells(incident) == 0;
    if (incident.state == IncidentState::open && !by_wish)
        return fail("incident " + id + " still fails, and no wish ends that",
                    "acknowledge it, or mute it with a reason; it closes when it works again");
    impl_->last_now = now;
    BookStep step(now);
    if (incident.state == IncidentState::open) impl_->recover(*entry, "ended by a person", by, step);
    if (usefulness != Usefulness::unknown) incident.usefulness = usefulness;
    impl_->close(*entry, with_note(fmt::format("closed as {}", name_of(usefulness)), note), by, step);
    impl_->settle_all(step);
    return std::move(step).finish();
}

Result<Transitions> Book::declare(const std::string& service, const std::string& message, const std::string& by,
                                  Wall began_at, std::optional<Wall> ended_at, Wall now) {
    if (service.empty()) return fail("no service is named", "say what does not work");
    if (message.empty()) return fail("there is no message", "say in one line what users cannot do");
    if (by.empty()) return nobody();
    if (began_at > now) return fail("it begins in the future", "give the time when it began");
    if (ended_at && (*ended_at < began_at || *ended_at > now))
        return fail("it ends before it begins, or in the future", "leave the end out while it goes on");
    impl_->last_now = now;
    BookStep step(now);
    for (const auto& [id, entry] : impl_->entries) {
        if (!covers(entry.incident, service, began_at, ended_at.value_or(now), now)) continue;
        step.log(entry.incident, "declared", clipped(message, most_words), by);
        return std::move(step).finish();
    }
    Fault fault{.service = service, .failure_class = declared_class, .scope = FaultScope::named, .since = began_at};
    BookEntry& entry = impl_->open(fault, step);
    Incident& incident = entry.incident;
    entry.cause.reset();
    entry.hold_over = true;
    incident.declared = true;
    incident.message = clipped(message, most_words);
    step.log(incident, "declared", incident.message, by);
    if (ended_at) {
        incident.recovered_at = ended_at;
        impl_->close(entry, "it was over when it was declared", by, step);
        return std::move(step).finish();
    }
    impl_->settle({&entry}, step);
    return std::move(step).finish();
}

Transitions Book::note(const std::string& id, const std::string& event, const std::string& text, Wall now) {
    const BookEntry* const entry = impl_->with_id(id);
    if (entry == nullptr) return {};
    impl_->last_now = now;
    BookStep step(now);
    step.log(entry->incident, clipped(event, 40), text);
    return std::move(step).finish();
}

std::vector<Mute> Book::mutes(Wall now) const {
    std::vector<Mute> all;
    std::ranges::copy_if(impl_->muted, std::back_inserter(all), [now](const Mute& mute) { return now < mute.until; });
    return all;
}

}  // namespace serin
