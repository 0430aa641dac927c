// SPDX-License-Identifier: Apache-2.0
#include "reports/formats/change_json.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>

#include "core/ids.hpp"
#include "core/names.hpp"
#include "core/utf8.hpp"
#include "reports/formats/moment.hpp"

namespace serin {
namespace {

using Json = nlohmann::json;

constexpr std::size_t most_shards = 200;

struct TextField {
    const char* key;
    std::string Change::* member;
    std::size_t most_bytes;
    bool several_lines = false;
};
constexpr TextField text_fields[] = {
    {"id", &Change::id, 128},
    {"kind", &Change::kind, 32},
    {"component", &Change::component, 128},
    {"title", &Change::title, 300},
    {"author", &Change::author, 200},
    {"contact", &Change::contact, 200},
    {"rollback_plan", &Change::rollback_plan, 4000, true},
    {"link", &Change::link, 2000},
};

/// All mistakes of one change, each with its way out.
class Complaints {
public:
    void add(std::string title, std::string remedy) {
        title_ += (title_.empty() ? "" : "; ") + std::move(title);
        if (!remedy.empty()) remedy_ += (remedy_.empty() ? "" : "; ") + std::move(remedy);
    }
    void add(const Error& error) { add(error.title, error.remedy); }
    [[nodiscard]] bool none() const { return title_.empty(); }
    [[nodiscard]] Error error() const { return {.title = title_, .remedy = remedy_}; }

private:
    std::string title_, remedy_;
};

bool has_control(std::string_view text, bool several_lines) {
    for (std::size_t at = 0; at < text.size();) {
        const CodePoint point = code_point_at(text, at);
        at += point.bytes;
        const bool control = point.value < 0x20 || (point.value >= 0x7f && point.value < 0xa0);
        if (control && !(several_lines && (point.value == '\n' || point.value == '\t'))) return true;
    }
    return false;
}

std::string quoted_key(const std::string& key) {
    return "`" + clipped(key, 60) + "`";
}

/// A text of at most `most_bytes`, or a complaint; empty then.
std::string text_of(const Json& json, const std::string& key, std::size_t most_bytes, bool several_lines,
                    Complaints& complaints) {
    if (!json.is_string()) {
        complaints.add(quoted_key(key) + " is no text", "");
        return {};
    }
    auto text = json.get<std::string>();
    if (text.size() > most_bytes) {
        complaints.add(quoted_key(key) + " has " + std::to_string(text.size()) + " bytes",
                       "at most " + std::to_string(most_bytes));
    } else if (!valid_utf8(text)) {
        complaints.add(quoted_key(key) + " is not UTF-8", "");
    } else if (has_control(text, several_lines)) {
        complaints.add(quoted_key(key) + " holds control characters or line breaks", "");
    } else {
        return text;
    }
    return {};
}

void read_shards(const Json& json, Change& change, Complaints& complaints) {
    if (!json.is_array()) return complaints.add("`shards` is no list", "write [\"a\", \"b\"]");
    if (json.size() > most_shards) {
        return complaints.add("`shards` names " + std::to_string(json.size()) + " shards",
                              "at most " + std::to_string(most_shards) + "; none means all");
    }
    for (const Json& one : json) {
        std::string shard = text_of(one, "shards", 128, false, complaints);
        if (shard.empty() && one.is_string() && one.get_ref<const std::string&>().empty())
            complaints.add("`shards` holds an empty name", "leave it out: none means all");
        if (!shard.empty() && std::ranges::find(change.shards, shard) == change.shards.end())
            change.shards.push_back(std::move(shard));
    }
}

std::optional<Wall> read_time(const Json& json, const std::string& key, Wall now, Complaints& complaints) {
    if (json.is_null()) return std::nullopt;
    if (!json.is_string()) {
        complaints.add("`" + key + "` is no text", "write 2026-11-22T01:02:03Z, now, or -10m");
        return std::nullopt;
    }
    const Result<Wall> at = parse_moment(json.get_ref<const std::string&>(), now);
    if (at) return *at;
    complaints.add("`" + key + "`: " + at.error().title, at.error().remedy);
    return std::nullopt;
}

void read_member(const std::string& key, const Json& value, Wall now, Change& change, Complaints& complaints) {
    const auto* const field = std::ranges::find_if(text_fields, [&](const TextField& one) { return one.key == key; });
    if (field != std::ranges::end(text_fields)) {
        if (!value.is_null())
            change.*(field->member) = text_of(value, key, field->most_bytes, field->several_lines, complaints);
    } else if (key == "shards") {
        if (!value.is_null()) read_shards(value, change, complaints);
    } else if (key == "started_at") {
        change.started_at = read_time(value, key, now, complaints).value_or(now);
    } else if (key == "ended_at") {
        change.ended_at = read_time(value, key, now, complaints);
    } else {
        std::vector<std::string> known{"shards", "started_at", "ended_at"};
        for (const TextField& one : text_fields) known.emplace_back(one.key);
        complaints.add("unknown key " + quoted_key(valid_utf8(key) ? key : "?"), did_you_mean(key, known, "keys"));
    }
}

bool given(const Json& json, const char* key) {
    const auto found = json.find(key);
    return found != json.end() && !found->is_null() && *found != "";
}

void check_whole(const Json& json, const Change& change, Complaints& complaints) {
    const std::vector<std::string> kinds(change_kinds.begin(), change_kinds.end());
    if (!given(json, "kind")) {
        complaints.add("`kind` is missing", did_you_mean("", kinds, "kinds"));
    } else if (!change.kind.empty() && std::ranges::find(kinds, change.kind) == kinds.end()) {
        complaints.add("unknown kind `" + change.kind + "`", did_you_mean(change.kind, kinds, "kinds"));
    }
    if (!given(json, "component")) complaints.add("`component` is missing", "name what was changed");
    if (change.id.find(' ') != std::string::npos) complaints.add("`id` holds a blank", "ids are one word");
    if (!change.link.empty() && !change.link.starts_with("https://") && !change.link.starts_with("http://"))
        complaints.add("`link` is no web address", "write https://…");
    if (change.ended_at && *change.ended_at < change.started_at)
        complaints.add("`ended_at` is before `started_at`", "leave `ended_at` out while the change goes on");
}

}  // namespace

Json change_json(const Change& change) {
    Json json{{"shards", change.shards},
              {"started_at", rfc3339(change.started_at)},
              {"ended_at", change.ended_at ? Json(rfc3339(*change.ended_at)) : Json(nullptr)}};
    for (const TextField& field : text_fields) json[field.key] = change.*(field.member);
    return json;
}

Result<Change> change_from_json(const Json& json, Wall now) {
    if (!json.is_object()) {
        return fail("a change is an object", R"(write {"kind": "deploy", "component": "api"})");
    }
    Change change;
    change.started_at = now;
    Complaints complaints;
    for (const auto& [key, value] : json.items()) read_member(key, value, now, change, complaints);
    check_whole(json, change, complaints);
    if (!complaints.none()) return std::unexpected(complaints.error());
    if (change.id.empty()) change.id = make_run_id(now);
    return change;
}

}  // namespace serin
