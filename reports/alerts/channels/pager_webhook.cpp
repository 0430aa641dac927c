// SPDX-License-Identifier: Apache-2.0
// PagerDuty's v3 webhooks to us (developer-docs, webhooks/v3-overview and verifying-signatures).
#include <nlohmann/json.hpp>
#include <string_view>

#include "core/ascii.hpp"
#include "core/names.hpp"
#include "reports/alerts/channels/channel.hpp"
#include "reports/alerts/channels/signatures.hpp"
#include "reports/formats/escaping.hpp"
#include "reports/formats/moment.hpp"

namespace serin {
namespace {

using Json = nlohmann::json;

constexpr std::size_t longest_body = 1 << 20;
constexpr std::size_t most_signatures = 16;  // of one header
constexpr std::size_t longest_name = 200;    // bytes

/// Every pair is compared, so that the time tells nothing of which one held.
bool signed_by_one(const std::string& body, std::string_view header, const std::vector<Secret>& keys) {
    bool holds = false;
    for (const Secret& key : keys) {
        if (key.reveal().empty()) continue;
        const std::string expected = hex(hmac_of(key.reveal(), body));
        std::string_view rest = header;
        for (std::size_t n = 0; n < most_signatures && !rest.empty(); ++n) {
            const std::size_t comma = rest.find(',');
            const std::string_view one = trimmed(rest.substr(0, comma));
            rest = comma == std::string_view::npos ? std::string_view() : rest.substr(comma + 1);
            if (one.starts_with("v1=") && equal_in_constant_time(one.substr(3), expected)) holds = true;
        }
    }
    return holds;
}

/// The text at `path`, or "" when there is none.
std::string text_at(const Json& json, const char* path) {
    const Json::json_pointer pointer(path);
    if (!json.contains(pointer) || !json.at(pointer).is_string()) return {};
    return printable(clipped(json.at(pointer).get<std::string>(), longest_name));
}

/// The time at `path`, by RFC 3339; nullopt when there is none.
std::optional<Wall> time_at(const Json& json, const char* path) {
    const std::string text = text_at(json, path);
    if (text.empty() || text.front() < '0' || text.front() > '9') return std::nullopt;  // "now" and "-10m" are people's
    const Result<Wall> at = parse_moment(text, Wall{});
    return at ? std::optional(*at) : std::nullopt;
}

}  // namespace

Result<std::optional<PagerEvent>> read_pager_webhook(const std::string& body, const std::string& signature_header,
                                                     const std::string& webhook_id, const std::vector<Secret>& keys) {
    if (body.size() > longest_body) return fail("the webhook is longer than 1 MiB");
    if (!signed_by_one(body, signature_header, keys))
        return fail("no signature of the webhook holds", "name the key of PagerDuty's subscription in `webhook_keys`");
    constexpr bool throwing = false;
    const Json json = Json::parse(body, nullptr, throwing);
    if (!json.is_object()) return fail("the webhook is no JSON object");
    const std::string type = text_at(json, "/event/event_type");
    constexpr std::string_view prefix = "incident.";
    PagerEvent event{.webhook_id = printable(clipped(webhook_id, longest_name)),
                     .event = type.starts_with(prefix) ? type.substr(prefix.size()) : std::string(),
                     .incident_id = text_at(json, "/event/data/incident_key"),
                     .by = text_at(json, "/event/agent/summary")};
    if (event.webhook_id.empty()) event.webhook_id = text_at(json, "/event/id");
    if (event.incident_id.empty()) event.incident_id = text_at(json, "/event/data/incident/incident_key");
    if (event.event.empty() || event.incident_id.empty()) return std::optional<PagerEvent>();
    if (event.by.empty()) event.by = "PagerDuty";
    const std::optional<Wall> occurred_at = time_at(json, "/event/occurred_at");
    if (!occurred_at)
        return fail("the webhook does not say when it occurred", "`event.occurred_at` is a time by RFC 3339");
    event.occurred_at = *occurred_at;
    return std::optional<PagerEvent>(std::move(event));
}

}  // namespace serin
