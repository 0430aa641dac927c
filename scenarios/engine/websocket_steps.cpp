// SPDX-License-Identifier: Apache-2.0
// Websocket steps: connect, send, and waiting for frames that must or must not come.
#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/names.hpp"
#include "scenarios/engine/headers.hpp"
#include "scenarios/engine/http_body.hpp"
#include "scenarios/engine/run.hpp"
#include "scenarios/language/json_text.hpp"
#include "scenarios/language/matching.hpp"

namespace serin {
namespace {

constexpr std::size_t evidence_frame = 300;
constexpr std::size_t evidence_frames = 200;
constexpr std::size_t evidence_remark = 160;

std::string hex_of(std::string_view bytes) {
    static constexpr char digits[] = "0123456789abcdef";
    std::string hex = "hex";
    for (std::size_t i = 0; i < std::min<std::size_t>(bytes.size(), 64); ++i) {
        const auto byte = static_cast<unsigned char>(bytes[i]);
        hex += {' ', digits[byte >> 4], digits[byte & 15]};
    }
    return hex + (bytes.size() > 64 ? " … (" + std::to_string(bytes.size()) + " bytes)" : "");
}

/// First frame of the log that arrived at or after `start`.
std::size_t first_since(const FrameLog& log, Steady start) {
    const auto it = std::ranges::find_if(log.frames, [&](const Frame& frame) { return frame.at >= start; });
    return static_cast<std::size_t>(it - log.frames.begin());
}

StepFields frame_fields(const Names& names, const Frame& frame) {
    StepFields fields(names);
    fields.set("text", frame.payload);
    fields.set("binary", frame.binary);
    fields.set_payload(&frame.payload);
    return fields;
}

}  // namespace

std::optional<WireFailure> Run::ended(const FrameLog& log) const {
    if (log.overflow) {
        return WireFailure{.failure_class = "frame_log_overflow",
                           .message = "the frame log is full (" + std::to_string(log.frames.size()) + " frames, " +
                                      std::to_string(log.bytes) + " bytes), so later frames are unknown",
                           .own_fault = true};
    }
    if (!log.closed) return std::nullopt;
    if (log.closed->failure) return log.closed->failure;
    std::string message = "the server closed the websocket with code " + std::to_string(log.closed->code);
    if (!log.closed->reason.empty()) message += " (" + clipped(redacted(log.closed->reason), 120) + ")";
    return WireFailure{.failure_class = "websocket_closed", .message = std::move(message), .own_fault = false};
}

Conversation* Run::conversation_of(const Step& step, StepResult& result) {
    Client* const client = client_of(step, result);
    if (client == nullptr) return nullptr;
    if (client->conversation) return client->conversation.get();
    find(result, step, step.place, "invalid_request", "`" + step.actor + "` has no open websocket",
         "connect first, as the same actor");
    return nullptr;
}

std::vector<FrameNote> Run::frame_notes(const FrameLog& log, std::size_t first, const Json* pattern,
                                        bool strict) const {
    std::vector<FrameNote> notes;
    // What came before the window is worth a look too, e.g. a refusal that the server sent as its first frame.
    const std::size_t begin = log.frames.size() > evidence_frames ? log.frames.size() - evidence_frames : 0;
    for (std::size_t i = begin; i < log.frames.size(); ++i) {
        const Frame& frame = log.frames[i];
        FrameNote note{.at = since_start(frame.at), .outgoing = frame.outgoing, .text = {}, .remark = {}};
        const std::string safe = redacted(frame.payload);
        note.text = clipped(frame.binary ? hex_of(safe) : safe, evidence_frame);
        if (pattern != nullptr && !frame.outgoing) {
            const std::vector<Difference> different =
                payload_differences(*pattern, frame.payload, frame.binary, strict);
            std::string remark = i < first ? "MATCH, but before the sending step" : "MATCH";
            if (!different.empty()) remark.clear();
            for (const Difference& one : different) remark.append(remark.empty() ? "" : "; ").append(one.text());
            note.remark = clipped(redacted(remark), evidence_remark);
        }
        notes.push_back(std::move(note));
    }
    return notes;
}

boost::asio::awaitable<void> Run::play_connect(const Step& step, const ConnectStep& connect, Stage stage,
                                               StepResult& result) {
    Client* const client = client_of(step, result);
    if (client == nullptr) co_return;
    const Result<std::string> written = lua_.resolve_text(connect.url, *stage.names);
    if (!written) co_return find_error(result, step, written.error());
    result.title = "connect " + redacted(*written);
    Result<std::string> url = absolute_url(*written, client->ws, "ws");
    if (!url) co_return find(result, step, step.place, "invalid_request", url.error().title, url.error().remedy);

    WebsocketRequest request;
    request.url = *std::move(url);
    request.headers = client->headers;
    for (const TemplateEntry& entry : connect.headers) {
        Result<std::string> value = lua_.resolve_text(entry.value, *stage.names);
        if (!value) co_return find_error(result, step, value.error());
        put_header(request.headers, entry.key, *std::move(value));
    }
    request.headers.emplace_back("traceparent", "00-" + outcome_.trace_id + "-" + make_span_id() + "-01");
    request.headers.emplace_back("X-Canary", scenario_.name + "/" + outcome_.run_id);
    request.protocols = connect.protocols;
    request.compress = connect.compress;
    request.route = client->route;
    request.max_frame = connect.max_frame;
    request.max_frames = connect.max_frames;
    request.max_bytes = connect.max_bytes;
    request.deadline = stage.deadline;

    if (std::exchange(client->connecting, true)) {
        co_return find(result, step, step.place, "invalid_request", "`" + step.actor + "` is connecting already",
                       "an actor has one websocket at a time");
    }
    const std::unique_ptr<bool, void (*)(bool*)> done(&client->connecting, [](bool* flag) { *flag = false; });
    if (client->conversation) {  // connecting again: the old socket says goodbye, its frames stay evidence
        co_await client->conversation->close(deadline_after(parts_.clock.now(), std::chrono::seconds(1)));
        client->earlier.push_back(std::move(client->conversation));
    }
    Connected connected = co_await parts_.websocket.connect(request);
    const Handshake& handshake = connected.handshake;
    HttpObservation seen;
    seen.status = handshake.status;
    seen.headers = handshake.headers;
    seen.body = handshake.body;
    seen.timings = handshake.timings;
    seen.remote = handshake.remote;
    seen.certificate_expiry_days = handshake.certificate_expiry_days;
    if (!connected.failure) {
        client->conversation = std::move(connected.conversation);
        client->connected = parts_.clock.now();
    }
    StepFields fields(*stage.names);
    fields.set_exchange(&seen);
    fields.set("protocol", handshake.protocol);
    // A refusal may be just what is expected (`expect: status == 401`); without a word about it, it is a failure.
    const bool refused = connected.failure && connected.failure->failure_class == "websocket_refused";
    bool as_expected = !connected.failure;
    if (!connected.failure || (refused && !step.expect.empty())) {
        as_expected = judge(step, fields, nullptr, false, stage, result);
        if (!step.id.empty()) stage.names->set(step.id, document_binding(fields.as_document(), step.id));
    }
    if (connected.failure && !as_expected) {
        find(result, step, *connected.failure);
        std::ranges::rotate(result.findings,
                            result.findings.end() - 1);  // the cause stands before what follows from it
        ++judged_;
    }
    HttpRequest as_http;
    as_http.method = "GET";
    as_http.url = request.url;
    as_http.headers = request.headers;
    as_http.route = request.route;
    note_exchange(as_http, seen, result);
    if (result.http) result.http->curl.clear();  // curl cannot repeat a websocket handshake
}

boost::asio::awaitable<void> Run::play_send(const Step& step, const SendStep& send, Stage stage, StepResult& result) {
    Conversation* const conversation = conversation_of(step, result);
    if (conversation == nullptr) co_return;
    const Result<Json> message = lua_.resolve(send.message, *stage.names);
    if (!message) co_return find_error(result, step, message.error());
    bool binary = false;
    std::string payload;
    if (message->is_object() && message->size() == 1 && message->contains("$hex") && message->at("$hex").is_string()) {
        Result<std::string> bytes = from_hex(message->at("$hex").get<std::string>());
        if (!bytes) co_return find_error(result, step, bytes.error());
        binary = true;
        payload = *std::move(bytes);
    } else {
        payload = message->is_string() ? message->get<std::string>()
                                       : message->dump(-1, ' ', false, Json::error_handler_t::replace);
    }
    result.title = "send " + clipped(redacted(binary ? "(binary)" : payload), 80);
    const std::size_t sent = note_sending(step, stage, payload);
    const Steady start = parts_.clock.now();
    const std::optional<WireFailure> failure = co_await conversation->send(std::move(payload), binary, stage.deadline);
    sent_[sent].first_byte = start;
    sent_[sent].answered = parts_.clock.now();
    sent_[sent].acknowledged = !failure;
    if (failure) {
        find(result, step, *failure);
        ++judged_;
        co_return;
    }
    StepFields fields(*stage.names);
    fields.set("ms", milliseconds(sent_[sent].answered - start));
    judge(step, fields, nullptr, false, stage, result);
    if (!step.id.empty()) stage.names->set(step.id, document_binding(fields.as_document(), step.id));
}

boost::asio::awaitable<void> Run::play_receive(const Step& step, const ReceiveStep& receive, Stage stage,
                                               StepResult& result) {
    Conversation* const conversation = conversation_of(step, result);
    if (conversation == nullptr) co_return;
    Client* const client = client_of(step, result);
    Result<Json> pattern = lua_.resolve(receive.pattern, *stage.names);
    if (!pattern) co_return find_error(result, step, pattern.error());
    int wanted = 1;
    if (receive.exactly) {
        const Result<Json> count = lua_.resolve(*receive.exactly, *stage.names);
        if (!count) co_return find_error(result, step, count.error());
        if (!count->is_number_integer() || count->get<std::int64_t>() < 1 || count->get<std::int64_t>() > 100'000) {
            co_return find(result, step, receive.exactly->place, "expression_error",
                           "`exactly` must be a whole number from 1",
                           "it is " + plain_text(*count) + "; use `none:` for a frame that must not come");
        }
        wanted = count->get<int>();
    }
    ++judged_;
    result.title = "receive " + clipped(redacted(plain_text(*pattern)), 120);

    const Reference reference = reference_of(receive.from, *client, stage);
    const Sent* const sender = reference.last();
    const Deadline in_time = deadline_after(reference.clock(), receive.within);
    const Deadline until = earliest(in_time, stage.deadline);
    const FrameLog& log = conversation->log();
    const std::size_t first = first_since(log, reference.scan_from());

    if (pattern->is_object() && pattern->contains("$close")) {
        co_await await_close(step, receive, pattern->at("$close"), *conversation, until, result);
        co_return;
    }
    std::vector<std::size_t> found;
    std::size_t next = first;
    while (true) {
        for (; next < log.frames.size(); ++next) {
            const Frame& frame = log.frames[next];
            if (shows(*pattern, frame, step.strict) && frame.at <= reference.due(frame.payload, receive.within))
                found.push_back(next);
        }
        if (found.size() >= static_cast<std::size_t>(wanted) || log.closed || log.overflow) break;
        if (until.passed(parts_.clock.now())) break;
        co_await conversation->wait_beyond(next, until.at);
    }

    const Steady now = parts_.clock.now();
    const std::string own_nonce = nonce_of(stage);
    const std::string& nonce = sender != nullptr && !sender->nonce.empty() ? sender->nonce : own_nonce;
    const bool awaits_nonce = plain_text(*pattern).find(nonce) != std::string::npos;
    const bool named_sender = receive.from && sender != nullptr && !sender->nonce.empty();
    watches_.push_back(
        std::make_unique<Watch>(Watch{.step = &step,
                                      .receive = &receive,
                                      .client = client,
                                      .conversation = conversation,
                                      .pattern = std::make_shared<const Json>(*pattern),
                                      .from_frame = first,
                                      .reference = reference,
                                      .exactly = receive.exactly ? wanted : 0,
                                      .until = deadline_after(now, receive.settle).at,
                                      .nonce = nonce,
                                      .tagged = awaits_nonce || named_sender || reference.message_by_message(),
                                      .number = result.number}));

    if (found.size() >= static_cast<std::size_t>(wanted)) {
        const Frame& frame = log.frames[found.front()];
        StepFields fields = frame_fields(*stage.names, frame);
        fields.set("count", static_cast<std::int64_t>(found.size()));
        const Sent* const sent = reference.sender_of(frame.payload);
        if (sent != nullptr) fields.set("ms", milliseconds(frame.at - sent->first_byte));
        if (sent != nullptr && sent->answered != Steady{})
            fields.set("ack_ms", milliseconds(frame.at - sent->answered));
        if (found.size() > 1 || receive.exactly) {
            Json all = Json::array();
            for (const std::size_t index : found)
                all.push_back(parse_json(log.frames[index].payload).value_or(nullptr));
            fields.set("frames", value_binding(std::move(all), "frames"));
        }
        judge(step, fields, &frame.payload, frame.binary, stage, result);
        if (!step.id.empty()) stage.names->set(step.id, document_binding(fields.as_document(), step.id));
        if (receive.ordered) {
            std::vector<int> order;
            for (const std::size_t index : found) {
                if (const auto message = reference.index_of(log.frames[index].payload))
                    order.push_back(static_cast<int>(*message));
            }
            if (reordered(order)) {
                find(result, step, step.place, "reordered", "the messages came in another order than they were sent",
                     std::to_string(found.size()) + " frames");
            }
        }
        if (!result.findings.empty() || request_.evidence == Evidence::of_all) {
            result.frames = frame_notes(log, first, &*pattern, step.strict);
        }
    } else {
        std::string note = std::to_string(found.size()) + " of " + std::to_string(wanted) + " within " +
                           human_duration(receive.within);
        if (sender != nullptr) {
            note += sender->step.empty() ? " of line " + std::to_string(sender->line)
                                         : " of `" + sender->step + "` (line " + std::to_string(sender->line) + ")";
        }
        note += "; nonce = " + nonce;
        const std::optional<WireFailure> end = ended(log);
        const bool tampered = std::any_of(
            log.frames.begin() + static_cast<std::ptrdiff_t>(first), log.frames.end(), [&](const Frame& frame) {
                return !frame.outgoing && frame.payload.find(nonce) != std::string::npos &&
                       !shows(*pattern, frame, step.strict);
            });
        if (end) {
            find(result, step, *end, note);
        } else if (tampered && found.empty()) {
            find(result, step, step.place, "corrupted", "the message came, but not as it was sent", note);
        } else if (!in_time.passed(now)) {
            find(result, step, step.place, "timeout", "the scenario's time was over before the message could come",
                 note);
        } else {
            find(result, step, step.place, "not_in_time", "message not delivered in time", note);
        }
        result.frames = frame_notes(log, first, &*pattern, step.strict);
    }
}

boost::asio::awaitable<void> Run::await_close(const Step& step, const ReceiveStep& receive, const Json& code,
                                              Conversation& conversation, Deadline until, StepResult& result) {
    const FrameLog& log = conversation.log();
    while (!log.closed && !until.passed(parts_.clock.now()))
        co_await conversation.wait_beyond(log.frames.size(), until.at);
    if (!log.closed) {
        find(result, step, step.place, "not_in_time", "the server did not close the websocket in time",
             "open after " + human_duration(receive.within));
    } else if (log.closed->failure) {
        find(result, step, *log.closed->failure, "it ended, but not by a close frame");
    } else if (const auto different = differences(code, Json(log.closed->code), true); !different.empty()) {
        find(result, step, step.place, "websocket_closed", "the server closed the websocket with another code",
             different.front().text());
    }
    if (!result.findings.empty()) result.frames = frame_notes(log, 0, nullptr, false);
}

boost::asio::awaitable<void> Run::play_none(const Step& step, const NoneStep& none, Stage stage, StepResult& result) {
    Conversation* const conversation = conversation_of(step, result);
    if (conversation == nullptr) co_return;
    const Result<Json> pattern = lua_.resolve(none.pattern, *stage.names);
    if (!pattern) co_return find_error(result, step, pattern.error());
    ++judged_;
    result.title = "none " + clipped(redacted(plain_text(*pattern)), 120);
    const Reference reference = reference_of(none.from, *client_of(step, result), stage);
    const Deadline quiet = deadline_after(reference.clock(), none.within);
    const Deadline until = earliest(quiet, stage.deadline);
    const FrameLog& log = conversation->log();
    const std::size_t first = first_since(log, reference.sent().empty() ? reference.clock() : reference.scan_from());
    std::size_t next = first;
    while (result.findings.empty()) {
        for (; next < log.frames.size() && result.findings.empty(); ++next) {
            if (log.frames[next].at > quiet.at || !shows(*pattern, log.frames[next], step.strict)) continue;
            const Sent* const sent = reference.sender_of(log.frames[next].payload);
            const std::string nonce = sent != nullptr && !sent->nonce.empty() ? sent->nonce : nonce_of(stage);
            const bool ours = log.frames[next].payload.find(nonce) != std::string::npos;
            find(result, step, step.place, ours ? "misdelivered" : "unexpected_frame",
                 ours ? "a message reached a client that must not get it" : "a frame came that must not come",
                 human_duration(log.frames[next].at - (sent != nullptr ? sent->first_byte : started_)) + " after " +
                     (sent != nullptr ? "it was sent" : "the start"));
            if (!ours) break;
            Delivery delivery;
            delivery.nonce = nonce;
            delivery.sender = sent != nullptr ? sent->actor : "";
            delivery.receiver = step.actor;
            delivery.state = "misdelivered";
            delivery.copies = 1;
            parts_.ledger.settled(delivery);
            outcome_.deliveries.push_back(std::move(delivery));
        }
        if (!result.findings.empty()) break;
        // Silence on a dead connection proves nothing.
        if (log.closed ? log.closed->at < quiet.at : log.overflow) {
            find(result, step, *ended(log), "so nobody can say that nothing came");
            break;
        }
        if (until.passed(parts_.clock.now())) break;
        co_await conversation->wait_beyond(next, until.at);
    }
    if (result.findings.empty() && !quiet.passed(parts_.clock.now())) {
        find(result, step, step.place, "timeout", "the time was over before the period of silence had passed");
    }
    if (result.findings.empty()) {
        const StepFields fields(*stage.names);
        judge(step, fields, nullptr, false, stage, result);
    }
    if (!result.findings.empty() || request_.evidence == Evidence::of_all) {
        result.frames = frame_notes(log, first, &*pattern, step.strict);
    }
}

}  // namespace serin
