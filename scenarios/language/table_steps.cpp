// SPDX-License-Identifier: Apache-2.0
// The part of the table that describes steps.
#include <algorithm>

#include "scenarios/language/table.hpp"

namespace serin {
namespace {

std::vector<Key> make_common_step_keys() {
    return {
        {.name = "id",
         .shape = Shape::identifier,
         .meaning = "names the step's result for later expressions and for `from`",
         .example = "sent"},
        {.name = "as",
         .shape = Shape::words,
         .fallback = "an anonymous client",
         .meaning = "the actor",
         .example = "alice"},
        {.name = "if",
         .shape = Shape::expression,
         .meaning = "skips the step when false",
         .example = "matrix.receiver ~= \"local\""},
        {.name = "timeout",
         .shape = Shape::duration,
         .fallback = "what is left of the scenario's",
         .meaning = "of this step",
         .example = "5s",
         .least = shortest_wait},
        {.name = "expect",
         .shape = Shape::expectations,
         .meaning = "assertions: one, a list, or a `|` block with one a line; all are evaluated",
         .example = "status == 201"},
        {.name = "match",
         .shape = Shape::pattern,
         .meaning = "structure of the answer: a subset, with markers such as {$regex: …}",
         .example = "{ id: { $type: string } }"},
        {.name = "strict",
         .shape = Shape::flag,
         .fallback = "false",
         .meaning = "`match` refuses keys that it does not name",
         .example = "true"},
        {.name = "save",
         .shape = Shape::expressions_by_name,
         .meaning = "name and expression; a missing value fails here, not three steps later",
         .example = "{ msg: json.id }"},
        {.name = "defer",
         .shape = Shape::step_or_steps,
         .meaning = "undoes this step: armed once it has sent anything, runs whatever happens, last first",
         .example = "{ delete: \"/v1/messages/${msg}\" }"},
        {.name = "diagnose",
         .shape = Shape::diagnosis,
         .meaning = "when this step fails: read-only steps and rules that name the failure",
         .example = "[{ get: /health, id: up }, { class: all_down, if: up.status ~= 200 }]"},
        {.name = "severity",
         .shape = Shape::choice,
         .fallback = "fail",
         .meaning = "what a broken expectation makes of the run",
         .example = "degrade",
         .choices = {"fail", "degrade"}},
        {.name = "note", .shape = Shape::words, .meaning = "for readers of the report", .example = "the old endpoint"},
    };
}

const std::vector<std::string_view> http_fields{"status", "json",    "text",      "headers",
                                                "ms",     "timings", "version",   "bytes",
                                                "url",    "remote",  "redirects", "certificate_expiry_days"};

std::vector<StepKind> make_step_kinds() {
    const std::vector<Key> http_keys{
        {.name = "headers",
         .shape = Shape::text_map,
         .meaning = "of this request, over the actor's",
         .example = "{ If-None-Match: \"${etag}\" }"},
        {.name = "query",
         .shape = Shape::text_map,
         .meaning = "appended to the URL, escaped",
         .example = "{ limit: 10 }"},
        {.name = "json",
         .shape = Shape::any,
         .meaning = "body: this value as JSON",
         .example = "{ to: bob, text: \"canary ${nonce}\" }"},
        {.name = "body", .shape = Shape::text, .meaning = "body: this text as it is", .example = "\"<ping/>\""},
        {.name = "form", .shape = Shape::any_map, .meaning = "body: fields, URL-encoded", .example = "{ user: alice }"},
        {.name = "multipart",
         .shape = Shape::any_map,
         .meaning = "body: parts; `{file: path}` sends a file",
         .example = "{ avatar: { file: a.png } }"},
        {.name = "file",
         .shape = Shape::text,
         .meaning = "body: a file, relative to the scenario",
         .example = "mail.eml"},
        {.name = "hex", .shape = Shape::text, .meaning = "body: these bytes", .example = "\"00ff10\""},
        {.name = "reuse",
         .shape = Shape::flag_or_template,
         .fallback = "the actor's",
         .meaning = "keeps the connection for later steps",
         .example = "true"},
        {.name = "redirects",
         .shape = Shape::count,
         .fallback = "0",
         .meaning = "how many are followed; 0: a redirect is the answer",
         .example = "3",
         .least = 0,
         .most = 20},
        {.name = "max_body",
         .shape = Shape::count,
         .fallback = "1048576",
         .meaning = "bytes of the answer; more is a failure",
         .example = "65536",
         .least = 0,
         .most = 1 << 30},
        {.name = "read_only",
         .shape = Shape::flag,
         .fallback = "false",
         .meaning = "your word that this changes nothing, for `poll` and `diagnose`",
         .example = "true"},
    };
    std::vector<StepKind> kinds;
    const auto http = [&](std::string_view name, Shape shape, std::string_view meaning, std::string_view example,
                          std::string_view of) {
        StepKind kind{.name = name, .meaning = meaning, .keys = {}, .fields = http_fields, .http = true, .sends = true};
        kind.keys.push_back(
            {.name = name, .shape = shape, .required = true, .meaning = meaning, .example = example, .of = of});
        kind.keys.insert(kind.keys.end(), http_keys.begin(), http_keys.end());
        kinds.push_back(std::move(kind));
    };
    http("get", Shape::text, "sends a GET request; the value is the URL", "/v1/messages", {});
    http("post", Shape::text, "sends a POST request", "/v1/messages", {});
    http("put", Shape::text, "sends a PUT request", "/v1/status", {});
    http("patch", Shape::text, "sends a PATCH request", "/v1/status", {});
    http("delete", Shape::text, "sends a DELETE request", "\"/v1/messages/${msg}\"", {});
    http("head", Shape::text, "sends a HEAD request", "/health", {});
    http("options", Shape::text, "sends an OPTIONS request", "/v1/messages", {});
    http("request", Shape::mapping, "sends a request with any method", "{ method: PROPFIND, url: /files }",
         "request line");

    const std::vector<StepKind> others{
        {.name = "connect",
         .meaning = "opens the actor's websocket; every frame is logged from the handshake on",
         .keys =
             {
                 {.name = "connect",
                  .shape = Shape::text,
                  .required = true,
                  .meaning = "URL, absolute or relative to the actor's `ws`",
                  .example = "/ws"},
                 {.name = "headers",
                  .shape = Shape::text_map,
                  .meaning = "of the handshake, over the actor's",
                  .example = "{ Origin: \"https://app.example\" }"},
                 {.name = "protocols",
                  .shape = Shape::word_list,
                  .meaning = "sub-protocols to offer",
                  .example = "[v12.stomp]"},
                 {.name = "compress",
                  .shape = Shape::flag,
                  .fallback = "true",
                  .meaning = "offers permessage-deflate",
                  .example = "false"},
                 {.name = "max_frame",
                  .shape = Shape::count,
                  .fallback = "1048576",
                  .meaning = "bytes of one message; more is a failure",
                  .example = "65536",
                  .least = 1,
                  .most = 1 << 30},
                 {.name = "max_frames",
                  .shape = Shape::count,
                  .fallback = "10000",
                  .meaning = "frames that are kept; more is an error of the prober, not a pass",
                  .example = "1000",
                  .least = 1,
                  .most = 1'000'000},
                 {.name = "max_bytes",
                  .shape = Shape::count,
                  .fallback = "16777216",
                  .meaning = "bytes that are kept",
                  .example = "1048576",
                  .least = 1,
                  .most = 1 << 30},
             },
         .fields = {"status", "headers", "protocol", "ms", "timings", "certificate_expiry_days"},
         .sends = true},
        {.name = "send",
         .meaning = "sends one websocket message",
         .keys =
             {
                 {.name = "send",
                  .shape = Shape::any,
                  .required = true,
                  .meaning = "a mapping or list: JSON; a text: as it is; {$hex: …}: binary",
                  .example = "{ type: ping, id: \"${nonce}\" }"},
             },
         .fields = {"ms"},
         .sends = true},
        {.name = "receive",
         .meaning = "waits for a frame that matches, from the start of the `from` step on",
         .keys =
             {
                 {.name = "receive",
                  .shape = Shape::pattern,
                  .required = true,
                  .meaning =
                      "a mapping matches JSON, a text a whole text frame; {$contains: …}, {$regex: …}, {$hex: …}; "
                      "{$close: 4001}: the server closes with this code",
                  .example = "{ type: message.new, text: \"canary ${nonce}\" }"},
                 {.name = "from",
                  .shape = Shape::identifier,
                  .fallback = "the latest step that sent something",
                  .meaning = "id of the step that starts the clock",
                  .example = "sent"},
                 {.name = "within",
                  .shape = Shape::duration,
                  .required = true,
                  .meaning = "later than this is not in time",
                  .example = "2s",
                  .least = shortest_wait},
                 {.name = "exactly",
                  .shape = Shape::count_or_template,
                  .fallback = "at least one",
                  .meaning = "how many frames must match",
                  .example = "1",
                  .least = 1,
                  .most = 1'000'000},
                 {.name = "settle",
                  .shape = Shape::duration,
                  .fallback = "0s",
                  .meaning = "goes on counting copies while later steps run",
                  .example = "1s"},
                 {.name = "horizon",
                  .shape = Shape::duration,
                  .meaning = "seen by then is late, else lost",
                  .example = "10m",
                  .least = shortest_wait},
                 {.name = "ordered",
                  .shape = Shape::flag,
                  .fallback = "false",
                  .meaning = "the order of arrival must be that of sending (after `repeat`)",
                  .example = "true"},
             },
         .fields = {"json", "text", "ms", "ack_ms", "binary", "count", "frames"}},
        {.name = "none",
         .meaning = "passes when no frame matches within a period",
         .keys =
             {
                 {.name = "none",
                  .shape = Shape::pattern,
                  .required = true,
                  .meaning = "what must not come",
                  .example = "{ type: error }"},
                 {.name = "from",
                  .shape = Shape::identifier,
                  .fallback = "the latest step that sent something",
                  .meaning = "id of the step that starts the clock",
                  .example = "sent"},
                 {.name = "within",
                  .shape = Shape::duration,
                  .required = true,
                  .meaning = "the period",
                  .example = "2s",
                  .least = shortest_wait},
             },
         .fields = {}},
        {.name = "poll",
         .meaning = "repeats a read-only request until its expectations hold",
         .keys =
             {
                 {.name = "poll",
                  .shape = Shape::poll_request,
                  .required = true,
                  .meaning = "a URL to GET, or an HTTP step that reads",
                  .example = "/v1/jobs/7"},
                 {.name = "every",
                  .shape = Shape::duration,
                  .fallback = "500ms",
                  .meaning = "from start to start",
                  .example = "250ms",
                  .least = shortest_wait},
                 {.name = "within",
                  .shape = Shape::duration,
                  .required = true,
                  .meaning = "when they must hold at the latest",
                  .example = "10s",
                  .least = shortest_wait},
             },
         .fields =
             [] {
                 std::vector<std::string_view> fields = http_fields;
                 fields.emplace_back("tries");
                 return fields;
             }()},
        {.name = "repeat",
         .meaning = "plays steps several times, each with its own nonce",
         .keys = {{.name = "repeat",
                   .shape = Shape::mapping,
                   .required = true,
                   .meaning = "how often and what",
                   .example = "{ times: 20, every: 50ms, steps: [{ send: \"${nonce}\" }] }",
                   .of = "repetition"}},
         .fields = {},
         .sends = true},
        {.name = "parallel",
         .meaning = "plays branches at once; the first that fails cancels the others",
         .keys = {{.name = "parallel",
                   .shape = Shape::branches,
                   .required = true,
                   .meaning = "each a step or a list of steps",
                   .example = "[{ get: /a }, [{ get: /b }, { get: /c }]]"}},
         .fields = {},
         .sends = true},
        {.name = "call",
         .meaning = "plays a fragment; its outputs are the step's fields",
         .keys =
             {
                 {.name = "call",
                  .shape = Shape::identifier,
                  .required = true,
                  .meaning = "name of a fragment from a file in `use`",
                  .example = "login"},
                 {.name = "with", .shape = Shape::any_by_name, .meaning = "its inputs", .example = "{ user: alice }"},
             },
         .fields = {},
         .sends = true},
        {.name = "set",
         .meaning = "gives names to values",
         .keys = {{.name = "set",
                   .shape = Shape::any_by_name,
                   .required = true,
                   .meaning = "name and value",
                   .example = "{ room: \"lobby-${nonce}\" }"}},
         .fields = {}},
        {.name = "pause",
         .meaning = "waits; prefer `poll` or `receive`, which end as soon as they can",
         .keys = {{.name = "pause",
                   .shape = Shape::duration_or_template,
                   .required = true,
                   .meaning = "how long",
                   .example = "200ms"}},
         .fields = {}},
        {.name = "lua",
         .meaning = "plays a Lua script on the same engine: get(\"/x\", {expect = …}) and each other kind are calls",
         .keys = {{.name = "lua",
                   .shape = Shape::script,
                   .required = true,
                   .meaning = "the script; globals that it assigns are names of later steps",
                   .example = "\"local r = get('/health')\""}},
         .fields = {},
         .sends = true},
    };
    kinds.insert(kinds.end(), others.begin(), others.end());
    return kinds;
}

}  // namespace

const std::vector<StepKind>& step_kinds() {
    static const std::vector<StepKind> kinds = make_step_kinds();
    return kinds;
}

const StepKind* step_kind(std::string_view name) {
    const auto found = std::ranges::find(step_kinds(), name, &StepKind::name);
    return found == step_kinds().end() ? nullptr : &*found;
}

const std::vector<Key>& common_step_keys() {
    static const std::vector<Key> keys = make_common_step_keys();
    return keys;
}

}  // namespace serin
