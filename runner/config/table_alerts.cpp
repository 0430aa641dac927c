// SPDX-License-Identifier: Apache-2.0
// Who is told, and when: escalation, drills, status page.
#include <chrono>

#include "core/time.hpp"
#include "runner/config/table_parts.hpp"

namespace serin {
namespace {

using namespace std::chrono_literals;

constexpr std::int64_t ns(Duration duration) {
    return duration.count();
}

MappingType alerts_block() {
    return {.name = "alerts block",
            .meaning = "Who is told of what the probes find, and when.",
            .keys = {
                {.name = "external_url",
                 .shape = Shape::words,
                 .fallback = "no links",
                 .meaning = "of our API as people reach it, for links",
                 .example = "https://serin.example.com"},
                {.name = "channels",
                 .shape = Shape::mappings_by_name,
                 .meaning = "ways to reach people, by name",
                 .example = "{ pager: { pagerduty: { routing_key: { env: PD_KEY } } } }",
                 .of = "channel"},
                {.name = "levels",
                 .shape = Shape::mappings,
                 .meaning = "of critical incidents: who is told at once, and who when nobody acknowledges",
                 .example = "[{ channels: [pager] }, { after: 5m, channels: [mail] }]",
                 .of = "escalation level"},
                {.name = "repeat",
                 .shape = Shape::duration,
                 .fallback = "15m",
                 .meaning = "after the last level: all of them again; 0s: never",
                 .example = "15m",
                 .most = ns(24h)},
                {.name = "warnings",
                 .shape = Shape::word_list,
                 .fallback = "nobody",
                 .meaning = "channels that are told of warnings",
                 .example = "[chat]"},
                {.name = "info",
                 .shape = Shape::word_list,
                 .fallback = "nobody",
                 .meaning = "channels that are told of the rest",
                 .example = "[chat]"},
                {.name = "failover_after",
                 .shape = Shape::duration,
                 .fallback = "60s",
                 .meaning = "delivery not proven for so long: the next of `failover`",
                 .example = "60s",
                 .least = ns(1s),
                 .most = ns(120s)},
                {.name = "acknowledge_for",
                 .shape = Shape::duration,
                 .fallback = "30m",
                 .meaning = "an acknowledgement is void afterwards",
                 .example = "30m",
                 .least = ns(1min),
                 .most = ns(24h)},
                {.name = "watch",
                 .shape = Shape::duration,
                 .fallback = "24h",
                 .meaning = "what recurs so soon after it recovered is the same incident",
                 .example = "24h",
                 .least = ns(1s),
                 .most = ns(24h * 30)},
                {.name = "gather",
                 .shape = Shape::duration,
                 .fallback = "0s",
                 .meaning = "hold the first page for so long, to tell siblings with it",
                 .example = "5s",
                 .most = ns(10s)},
                {.name = "suspect_within",
                 .shape = Shape::duration,
                 .fallback = "7d",
                 .meaning = "older changes are not suspected",
                 .example = "7d",
                 .least = ns(1h),
                 .most = ns(24h * 90)},
                {.name = "drills",
                 .shape = Shape::mapping,
                 .fallback = "only when asked",
                 .meaning = "proof that paging works, by a page",
                 .example = "{ every: 1h, channels: [pager] }",
                 .of = "drills block"},
                {.name = "store",
                 .shape = Shape::words,
                 .fallback = "beside the store: `serin.alerts.db`",
                 .meaning = "SQLite file of incidents and outbox, relative to the folder of this file",
                 .example = "/var/lib/serin/alerts.db"},
                {.name = "defaults",
                 .shape = Shape::mapping,
                 .meaning = "of every probe's `alert`",
                 .example = "{ hard: 2 of 3, recover: 3 }",
                 .of = "alert block"},
            }};
}

MappingType level() {
    return {.name = "escalation level",
            .meaning = "Who is told next.",
            .keys = {{.name = "after",
                      .shape = Shape::duration,
                      .fallback = "5m",
                      .meaning = "unacknowledged for so long after the level before; the first is told at once",
                      .example = "5m",
                      .least = ns(1s),
                      .most = ns(24h)},
                     {.name = "channels",
                      .shape = Shape::label_list,
                      .required = true,
                      .meaning = "all of them are told",
                      .example = "[pager]"},
                     {.name = "failover",
                      .shape = Shape::label_list,
                      .meaning = "one after the other, while none has proven delivery",
                      .example = "[hook]"}}};
}

MappingType drills() {
    return {.name = "drills block",
            .meaning = "A marked incident through rule, outbox and channel, read back, and resolved.",
            .keys = {{.name = "every",
                      .shape = Shape::duration,
                      .required = true,
                      .meaning = "how often each channel is drilled",
                      .example = "1h",
                      .least = ns(1min),
                      .most = ns(24h * 31)},
                     {.name = "channels",
                      .shape = Shape::label_list,
                      .fallback = "all that page and can prove it",
                      .meaning = "only these",
                      .example = "[pager]"}}};
}

MappingType status_page() {
    return {.name = "status page",
            .meaning = "Component states and drafts as files: JSON, HTML and Atom.",
            .keys = {{.name = "folder",
                      .shape = Shape::words,
                      .required = true,
                      .meaning = "they are written to, relative to the folder of this file",
                      .example = "status"},
                     {.name = "title",
                      .shape = Shape::words,
                      .fallback = "Status",
                      .meaning = "of the page",
                      .example = "\"Example status\""},
                     {.name = "url",
                      .shape = Shape::words,
                      .fallback = "relative links",
                      .meaning = "where people read it, for links and the ids of the feed",
                      .example = "https://status.example"},
                     {.name = "components",
                      .shape = Shape::mappings_by_title,
                      .required = true,
                      .meaning = "by the name that people know",
                      .example = "{ Chat: { services: [chat] } }",
                      .of = "component"}}};
}

MappingType component() {
    return {
        .name = "component",
        .meaning = "A part of the product as its users see it.",
        .keys = {{.name = "services",
                  .shape = Shape::label_list,
                  .required = true,
                  .meaning = "whose incidents make its state",
                  .example = "[chat]"},
                 {.name = "about", .shape = Shape::words, .meaning = "one line", .example = "Sending and receiving"},
                 {.name = "statuspage_id",
                  .shape = Shape::label,
                  .fallback = "not published there",
                  .meaning = "of the component at Statuspage",
                  .example = "8kbf7d35c070"}}};
}

}  // namespace

std::vector<MappingType> alert_types() {
    return {alerts_block(), level(), drills(), status_page(), component()};
}

}  // namespace serin
