// SPDX-License-Identifier: Apache-2.0
// What became of the messages: which sendings a step refers to, and how many copies of each came in the end.
#include <algorithm>
#include <nlohmann/json.hpp>
#include <ranges>

#include "scenarios/engine/nonces_in.hpp"
#include "scenarios/engine/run.hpp"
#include "scenarios/language/matching.hpp"

namespace serin {

bool shows(const Json& pattern, const Frame& frame, bool strict) {
    return !frame.outgoing && payload_differences(pattern, frame.payload, frame.binary, strict).empty();
}

Reference::Reference(std::vector<const Sent*> sent, Steady clock, Steady scan_from)
    : sent_(std::move(sent)), clock_(clock), scan_from_(scan_from) {
    for (std::size_t i = 0; i < sent_.size(); ++i) {
        if (!sent_[i]->nonce.empty()) index_.emplace(sent_[i]->nonce, i);
    }
}

std::optional<std::size_t> Reference::index_of(const std::string& payload) const {
    std::optional<std::size_t> index;
    if (index_.empty()) return index;
    for_each_nonce(payload, [&](const std::string& nonce) {
        const auto known = index_.find(nonce);
        if (known != index_.end() && !index) index = known->second;
    });
    return index;
}

const Sent* Reference::sender_of(const std::string& payload) const {
    const std::optional<std::size_t> index = index_of(payload);
    return index ? sent_[*index] : last();
}

Steady Reference::due(const std::string& payload, Duration within) const {
    const std::optional<std::size_t> index = sent_.size() > 1 ? index_of(payload) : std::nullopt;
    return deadline_after(index ? sent_[*index]->first_byte : clock_, within).at;
}

Reference Run::reference_of(const std::optional<std::string>& from, const Client& receiver, const Stage& stage) const {
    const Steady now = parts_.clock.now();
    const auto refers_to = [&](const std::vector<const Sent*>& sent) {
        return Reference(sent, sent.back()->first_byte, sent.front()->started);
    };
    // Unless named, a sending from before the receiver connected cannot be what it waits for.
    const auto meant = [&](const Sent& one) { return from ? one.step == *from : one.started >= receiver.connected; };
    const auto latest_first = std::views::reverse(sent_);
    const auto last = std::ranges::find_if(latest_first, meant);
    if (last != latest_first.end()) {
        const auto index = static_cast<std::size_t>(latest_first.end() - last) - 1;
        if (last->turn == nonce_of(stage) || index < stage.first_sent) return refers_to({&*last});
        // It was sent inside of a `repeat` that ended: all of its iterations are meant.
        std::vector<const Sent*> all;
        for (std::size_t i = stage.first_sent; i <= index; ++i) {
            if (meant(sent_[i]) && sent_[i].line == last->line && sent_[i].step == last->step) all.push_back(&sent_[i]);
        }
        return refers_to(all);
    }
    // Nothing was sent by a step of that name: it holds others (repeat, parallel, call, lua), or only listens and
    // reads.
    const auto mark = from ? marks_.find(*from) : marks_.end();
    if (mark == marks_.end()) return {{}, now, Steady{}};
    std::vector<const Sent*> inside;
    for (std::size_t i = mark->second.first_sent; i < mark->second.end_sent; ++i) inside.push_back(&sent_[i]);
    if (!inside.empty()) return refers_to(inside);
    return {{}, mark->second.started, mark->second.started};
}

boost::asio::awaitable<void> Run::settle() {
    for (const std::unique_ptr<Watch>& watch : watches_) {
        const Steady until = std::min(watch->until, deadline_.at);
        while (parts_.clock.now() < until && !watch->conversation->log().closed) {
            const std::size_t seen = watch->conversation->log().frames.size();
            if (!co_await watch->conversation->wait_beyond(seen, until)) break;
        }
    }
    // Only now, without a pause between: a signal during the waits must not have some closed twice.
    for (const std::unique_ptr<Watch>& watch : watches_) close_watch(*watch);
    watches_.clear();
}

void Run::close_watch(const Watch& watch) {
    const FrameLog& log = watch.conversation->log();
    const std::vector<const Sent*>& sent = watch.reference.sent();
    const bool one_by_one = watch.reference.message_by_message();
    std::vector<std::vector<Seen>> seen(one_by_one ? sent.size() : 1);
    for (std::size_t i = watch.from_frame; i < log.frames.size(); ++i) {
        const Frame& frame = log.frames[i];
        if (frame.outgoing) continue;
        const std::optional<std::size_t> message = one_by_one ? watch.reference.index_of(frame.payload) : 0;
        if (!message) continue;
        // A copy after the settling time may be the answer to a later step; a first sighting is news whenever it comes.
        // (Asked before the costly comparison: there may be many watches, each with many later frames.)
        if (frame.at > watch.until && std::ranges::any_of(seen[*message], &Seen::matched)) continue;
        const bool matched = shows(*watch.pattern, frame, watch.step->strict);
        if (!matched && !one_by_one && frame.payload.find(watch.nonce) == std::string::npos) continue;
        seen[*message].push_back(Seen{.at = frame.at, .matched = matched});
    }
    StepResult* const result = result_numbered(watch.number);
    for (std::size_t i = 0; i < seen.size(); ++i) {
        settle_delivery(watch, one_by_one ? sent[i] : watch.reference.last(), seen[i], result);
    }
    if (result == nullptr) return;
    // Silence on a dead connection proves nothing.
    const bool cut_off =
        log.closed && log.closed->failure && log.closed->at < watch.until && watch.receive->settle > Duration::zero();
    if ((log.overflow || cut_off) && watch.exactly > 0 && result->verdict < Verdict::error) {
        find(*result, *watch.step, *ended(log), "so nobody can say that no further copy came");
        worsen_step(watch.number, result->findings.back().verdict);
    }
    if (!result->findings.empty()) {
        result->frames = frame_notes(log, watch.from_frame, watch.pattern.get(), watch.step->strict);
    }
}

void Run::settle_delivery(const Watch& watch, const Sent* sent, const std::vector<Seen>& seen, StepResult* result) {
    const bool one_by_one = watch.reference.message_by_message();
    const int messages = one_by_one ? static_cast<int>(watch.reference.sent().size()) : 1;
    Expected expected;
    // Without a sender the clock starts where the waiting did.
    expected.sent = sent != nullptr ? sent->first_byte : watch.reference.clock();
    expected.rejected = sent != nullptr && sent->rejected;
    expected.acknowledged = sent != nullptr && sent->acknowledged;
    expected.within = watch.receive->within;
    expected.horizon = watch.receive->horizon;
    expected.exactly = watch.exactly % messages == 0 ? watch.exactly / messages : 0;

    const auto first = std::ranges::find_if(seen, &Seen::matched);
    Delivery delivery;
    delivery.nonce = one_by_one ? sent->nonce : watch.nonce;
    delivery.sender = sent != nullptr ? sent->actor : "";
    delivery.receiver = watch.client->name;
    delivery.state = delivery_state(expected, seen, parts_.clock.now());
    delivery.copies = static_cast<int>(std::ranges::count_if(seen, &Seen::matched));
    if (first != seen.end() && sent != nullptr) {
        delivery.send_to_receive = first->at - sent->first_byte;
        if (sent->answered != Steady{}) delivery.ack_to_receive = first->at - sent->answered;
    }
    if (result != nullptr && delivery.state == "duplicated" && result->verdict < Verdict::fail) {
        find(*result, *watch.step, watch.step->place, "duplicated", "message delivered more than once",
             std::to_string(delivery.copies) + " copies, `exactly` allows " + std::to_string(expected.exactly) +
                 "; nonce = " + delivery.nonce);
        worsen_step(watch.number, result->findings.back().verdict);
    } else if (result != nullptr && delivery.state == "late" && !result->findings.empty()) {
        result->findings.front().explanation.push_back("it came " +
                                                       human_duration(first->at - *expected.sent - expected.within) +
                                                       " after its deadline: late, not lost");
    }
    if (!watch.tagged) return;
    parts_.ledger.settled(delivery);
    outcome_.deliveries.push_back(std::move(delivery));
}

namespace {
StepResult* numbered(std::vector<StepResult>& results, int number) {
    for (StepResult& result : results) {
        if (result.number == number) return &result;
        if (StepResult* inner = numbered(result.children, number)) return inner;
    }
    return nullptr;
}

/// Makes the step of that number, and the steps that hold it, at least as bad as `verdict`.
bool worsen(std::vector<StepResult>& results, int number, Verdict verdict) {
    for (StepResult& result : results) {
        if (result.number != number && !worsen(result.children, number, verdict)) continue;
        result.verdict = std::max(result.verdict, verdict);
        return true;
    }
    return false;
}
}  // namespace

void Run::worsen_step(int number, Verdict verdict) {
    worsen(outcome_.steps, number, verdict);
}

StepResult* Run::result_numbered(int number) {
    return numbered(outcome_.steps, number);
}

}  // namespace serin
