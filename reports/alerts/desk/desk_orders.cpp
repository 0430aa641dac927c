// SPDX-License-Identifier: Apache-2.0
// What people want of the desk: commands, webhooks of a pager, another configuration.
#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <utility>

#include "reports/alerts/desk/desk_house.hpp"

namespace serin {

namespace {

using namespace std::chrono_literals;

constexpr std::size_t most_webhook_ids = 10'000;

}  // namespace

void DeskHouse::poll_commands() {
    if (polling_) return;
    polling_ = true;
    post(database_thread_.executor(), [this] {
        Result<std::vector<AlertCommand>> commands = store_->commands();
        post(executor(),
             [this, commands = std::move(commands), generation = store_->generation(), fault = store_->fault()] {
                 polling_ = false;
                 commits_.note_generation(generation, fault);
                 if (commands) take_commands(*commands);
             });
    });
}

/// An order that waited in the database, as it must be understood by now: its time runs from when it was given.
Result<AlertCommand> DeskHouse::still_wanted(AlertCommand command) const {
    const Wall now = clock_.wall();
    if (command.at == Wall{} || command.at >= now) return command;
    const std::string given = "it was given at " + rfc3339(command.at);
    if (command.kind == "acknowledge") {
        const Incident* incident = book_->find(command.incident_id);
        if (incident != nullptr && !incident->wave_began_at.empty() && incident->wave_began_at.back() > command.at)
            return fail("too late: " + given + ", and the incident has begun anew since");
        if (!command.lasts) command.lasts = rules_.book.ack_for;
    }
    if (command.kind == "mute" && !command.lasts) command.lasts = 24h;
    if (!command.lasts) return command;
    command.lasts = *command.lasts - (now - command.at);
    if (*command.lasts <= Duration::zero()) return fail("too late: " + given + ", and its time is over");
    return command;
}

void DeskHouse::take_commands(const std::vector<AlertCommand>& commands) {
    std::set<std::int64_t> waiting;
    for (const AlertCommand& each : commands) {
        waiting.insert(each.id);
        if (!taken_commands_.insert(each.id).second) continue;  // its outcome is on the way to the disk
        AlertBatch outcome;
        outcome.commands.push_back(each);
        outcome.commands.front().outcome = "done";
        const Result<AlertCommand> wanted = still_wanted(each);
        // What it does and that it was done is one transaction.
        const Result<void> done = wanted ? command(*wanted, "cli", outcome) : std::unexpected(wanted.error());
        if (done) continue;
        outcome.commands.front().outcome = done.error().title;
        commits_.write(std::move(outcome), nullptr);
    }
    std::erase_if(taken_commands_, [&](std::int64_t id) { return !waiting.contains(id); });
}

Result<void> DeskHouse::replace(DeskRules rules) {
    Redactor redactor = redactor_;
    auto armed = arm_channels(rules.channels, parts_.folder, redactor);
    if (!armed) return std::unexpected(armed.error());
    std::swap(redactor_, redactor);
    if (Result<void> opened = open_channels(*std::move(armed), rules.external_url); !opened) {
        std::swap(redactor_, redactor);
        return opened;
    }
    rules_ = std::move(rules);
    sender_->replace_rules(rules_.sending);
    book_->replace_rules(book_rules());
    digest(policy_->replace_rules(policy_options(clock_.wall())));
    status_changed_ = true;
    return {};
}

Result<void> DeskHouse::command(const AlertCommand& command, const std::string& via, AlertBatch batch) {
    const Wall now = clock_.wall();
    const auto done = [&](Result<Transitions> transitions) -> Result<void> {
        if (!transitions) return std::unexpected(transitions.error());
        act(*std::move(transitions), std::move(batch));
        return {};
    };
    if (command.kind == "acknowledge")
        return done(book_->acknowledge(command.incident_id, command.by, via, command.note, command.lasts, now));
    if (command.kind == "close") {
        Usefulness usefulness = Usefulness::unknown;
        for (const Usefulness each : {Usefulness::actioned, Usefulness::no_action, Usefulness::false_alarm}) {
            if (command.usefulness == name_of(each)) usefulness = each;
        }
        return done(book_->close(command.incident_id, command.by, command.note, usefulness, now));
    }
    if (command.kind == "declare")
        return done(book_->declare(command.service, command.note, command.by, command.began_at, command.ended_at, now));
    if (command.kind == "mute") {
        const Mute mute{.service = command.service,
                        .failure_class = command.failure_class,
                        .owner = command.by,
                        .reason = command.note,
                        .at = now,
                        .until = now + std::chrono::duration_cast<Wall::duration>(command.lasts.value_or(24h))};
        batch.mutes.push_back(mute);
        return done(book_->mute(mute, now));
    }
    if (command.kind == "unmute") {
        batch.mutes.push_back(
            {.service = command.service, .failure_class = command.failure_class, .at = now, .until = now});
        return done(book_->unmute(command.service, command.failure_class, command.by, now));
    }
    return fail("unknown command `" + command.kind + "`");
}

Result<void> DeskHouse::pager_webhook(const std::string& body, const std::string& signature,
                                      const std::string& webhook_id) {
    const auto event = read_pager_webhook(body, signature, webhook_id, pager_keys_);
    if (!event) return std::unexpected(event.error());
    if (!*event || !pager_seen_.insert((*event)->webhook_id).second) return {};
    if (pager_seen_.size() > most_webhook_ids) pager_seen_.clear();
    const PagerEvent& told = **event;
    const Wall now = clock_.wall();
    for (const auto& [name, channel] : sender_->channels()) channel->heard(told);
    if (told.event == "acknowledged") {
        // Webhooks are repeated for two days: the acknowledgement counts from when the person gave it.
        AlertCommand order;
        order.kind = "acknowledge";
        order.incident_id = told.incident_id;
        order.by = told.by;
        order.at = told.occurred_at;
        if (const auto wanted = still_wanted(std::move(order))) {
            static_cast<void>(command(*wanted, "pagerduty"));  // of an incident that has ended, or is not ours
            return {};
        }
    }
    act(book_->note(told.incident_id, "pager_" + told.event, told.by + " at PagerDuty: " + told.event, now));
    return {};
}

}  // namespace serin
