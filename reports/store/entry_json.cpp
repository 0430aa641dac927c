// SPDX-License-Identifier: Apache-2.0
// Entries as lines of the journal, and back. A journal is read by the version that wrote it or a later one: a key that
// is missing takes its default, an unknown one is passed over.
#include <array>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <utility>

#include "reports/store/entry.hpp"
#include "reports/store/sqlite.hpp"

namespace serin {
namespace {

using Json = nlohmann::json;

Json key_json(const CellKey& key) {
    return {key.probe, key.vantage, key.target, key.profile, key.cell};
}

std::shared_ptr<const CellKey> key_of(const Json& json) {
    const auto texts = json.get<std::array<std::string, 5>>();
    return std::make_shared<const CellKey>(
        CellKey{.probe = texts[0], .vantage = texts[1], .target = texts[2], .profile = texts[3], .cell = texts[4]});
}

Json micros_or_null(const std::optional<Duration>& duration) {
    return duration ? Json(to_micros(*duration)) : Json(nullptr);
}

std::optional<Duration> duration_or_null(const Json& json) {
    if (json.is_null()) return std::nullopt;
    return duration_of(json.get<std::int64_t>());
}

struct Line {
    Json operator()(const StoredRun& run) const {
        return {{"entry", "run"},
                {"key", key_json(*run.key)},
                {"run_id", run.run_id},
                {"scheduled_at", to_micros(run.scheduled_at)},
                {"started_at", to_micros(run.started_at)},
                {"start_lateness", to_micros(run.start_lateness)},
                {"took", to_micros(run.took)},
                {"verdict", static_cast<int>(run.verdict)},
                {"failure_class", run.failure_class},
                {"message", run.message},
                {"attempts", run.attempts},
                {"maintenance", run.maintenance},
                {"on_request", run.on_request},
                {"cleanup_failed", run.cleanup_failed},
                {"evidence", run.evidence}};
    }
    Json operator()(const Gap& gap) const {
        return {{"entry", "gap"},
                {"key", key_json(*gap.key)},
                {"reason", name_of(gap.reason)},
                {"first_scheduled_at", to_micros(gap.first_scheduled_at)},
                {"last_scheduled_at", to_micros(gap.last_scheduled_at)},
                {"count", gap.count}};
    }
    Json operator()(const Sending& sending) const {
        return {{"entry", "sending"},           {"nonce", sending.nonce}, {"run_id", sending.run_id},
                {"scenario", sending.scenario}, {"step", sending.step},   {"sender", sending.sender},
                {"at", to_micros(sending.at)}};
    }
    Json operator()(const Sighting& sighting) const {
        return {{"entry", "sighting"},
                {"nonce", sighting.nonce},
                {"receiver", sighting.receiver},
                {"run_id", sighting.run_id},
                {"at", to_micros(sighting.at)}};
    }
    Json operator()(const Delivery& delivery) const {
        return {{"entry", "delivery"},
                {"nonce", delivery.nonce},
                {"sender", delivery.sender},
                {"receiver", delivery.receiver},
                {"state", delivery.state},
                {"send_to_receive", micros_or_null(delivery.send_to_receive)},
                {"ack_to_receive", micros_or_null(delivery.ack_to_receive)},
                {"copies", delivery.copies}};
    }
    Json operator()(const Change& change) const {
        return {{"entry", "change"},
                {"id", change.id},
                {"kind", change.kind},
                {"component", change.component},
                {"title", change.title},
                {"shards", change.shards},
                {"author", change.author},
                {"contact", change.contact},
                {"rollback_plan", change.rollback_plan},
                {"link", change.link},
                {"started_at", to_micros(change.started_at)},
                {"ended_at", change.ended_at ? Json(to_micros(*change.ended_at)) : Json(nullptr)}};
    }
};

// Reading: nlohmann throws where a type is not as expected; entry_of() catches.

std::string text(const Json& json, const char* key) {
    return json.value(key, std::string());
}

Wall wall(const Json& json, const char* key) {
    return wall_of(json.value(key, std::int64_t{0}));
}

StoredRun run_of(const Json& json) {
    const int verdict = json.at("verdict").get<int>();
    if (verdict < 0 || verdict > static_cast<int>(Verdict::aborted)) throw std::out_of_range("verdict");
    return StoredRun{.key = key_of(json.at("key")),
                     .run_id = json.at("run_id").get<std::string>(),
                     .scheduled_at = wall(json, "scheduled_at"),
                     .started_at = wall(json, "started_at"),
                     .start_lateness = duration_of(json.value("start_lateness", std::int64_t{0})),
                     .took = duration_of(json.value("took", std::int64_t{0})),
                     .verdict = static_cast<Verdict>(verdict),
                     .failure_class = text(json, "failure_class"),
                     .message = text(json, "message"),
                     .attempts = json.value("attempts", 1),
                     .maintenance = json.value("maintenance", false),
                     .on_request = json.value("on_request", false),
                     .cleanup_failed = json.value("cleanup_failed", false),
                     .evidence = text(json, "evidence")};
}

Gap gap_of(const Json& json) {
    Gap gap{.key = key_of(json.at("key")),
            .reason = GapReason::missed,
            .first_scheduled_at = wall(json, "first_scheduled_at"),
            .last_scheduled_at = wall(json, "last_scheduled_at"),
            .count = json.value("count", std::int64_t{1})};
    for (const GapReason reason : {GapReason::missed, GapReason::shed, GapReason::overlap}) {
        if (json.at("reason").get<std::string>() == name_of(reason)) gap.reason = reason;
    }
    return gap;
}

Sending sending_of(const Json& json) {
    return Sending{.nonce = json.at("nonce").get<std::string>(),
                   .run_id = text(json, "run_id"),
                   .scenario = text(json, "scenario"),
                   .step = text(json, "step"),
                   .sender = text(json, "sender"),
                   .at = wall(json, "at")};
}

Sighting sighting_of(const Json& json) {
    return Sighting{.nonce = json.at("nonce").get<std::string>(),
                    .receiver = text(json, "receiver"),
                    .run_id = text(json, "run_id"),
                    .at = wall(json, "at")};
}

Delivery delivery_of(const Json& json) {
    return Delivery{.nonce = json.at("nonce").get<std::string>(),
                    .sender = text(json, "sender"),
                    .receiver = text(json, "receiver"),
                    .state = json.at("state").get<std::string>(),
                    .send_to_receive = duration_or_null(json.value("send_to_receive", Json(nullptr))),
                    .ack_to_receive = duration_or_null(json.value("ack_to_receive", Json(nullptr))),
                    .copies = json.value("copies", 0)};
}

Change change_of(const Json& json) {
    Change change{.id = json.at("id").get<std::string>(),
                  .kind = text(json, "kind"),
                  .component = text(json, "component"),
                  .title = text(json, "title"),
                  .shards = json.value("shards", std::vector<std::string>()),
                  .author = text(json, "author"),
                  .contact = text(json, "contact"),
                  .rollback_plan = text(json, "rollback_plan"),
                  .link = text(json, "link"),
                  .started_at = wall(json, "started_at"),
                  .ended_at = std::nullopt};
    const Json ended = json.value("ended_at", Json(nullptr));
    if (!ended.is_null()) change.ended_at = wall_of(ended.get<std::int64_t>());
    return change;
}

}  // namespace

std::string journal_line(const StoredEntry& entry) {
    return std::visit(Line{}, entry).dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::optional<StoredEntry> entry_of(std::string_view line) {
    try {
        const Json json = Json::parse(line);
        const auto entry = json.at("entry").get<std::string>();
        if (entry == "run") return run_of(json);
        if (entry == "gap") return gap_of(json);
        if (entry == "sending") return sending_of(json);
        if (entry == "sighting") return sighting_of(json);
        if (entry == "delivery") return delivery_of(json);
        if (entry == "change") return change_of(json);
        return std::nullopt;
    } catch (const std::exception&) {
        return std::nullopt;  // whatever it is, it is none of ours
    }
}

}  // namespace serin
