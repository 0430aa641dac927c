// SPDX-License-Identifier: Apache-2.0
#include "scenarios/language/table.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <stdexcept>

namespace serin {
namespace {

constexpr std::array run_name_table{
    RunName{"nonce", "the run's own tag: new for each attempt and each iteration of `repeat`; put it into what you send"},
    RunName{"run_id", "the run's id (UUID version 7)"},
    RunName{"attempt", "1, or more after a `retry`"},
    RunName{"scenario", "the scenario's name"},
    RunName{"started_at", "when the run started (RFC 3339, UTC)"},
    RunName{"vantage", "the name of the place that the run starts from"},
    RunName{"target", "the run's own target: `target.name`, `target.api`, `target.ws` and its other values"},
    RunName{"targets", "all targets by name: `targets[\"us-east-1\"].api`"},
    RunName{"matrix", "the cell's value on each axis: `matrix.receiver`"},
    RunName{"vars", "the scenario's `vars`"},
    RunName{"secret", "the scenario's `secrets`; redacted in every output"},
};

std::vector<MappingType> make_mapping_types() {
    return {
        {.name = "scenario",
         .meaning = "A scenario file: what a client does, never when or where.",
         .keys = {
             {.name = "version", .shape = Shape::version, .required = true, .meaning = "of the language", .example = "1"},
             {.name = "name", .shape = Shape::label, .required = true, .meaning = "unique among the scenarios; a metric label", .example = "chat-delivery"},
             {.name = "about", .shape = Shape::words, .meaning = "one sentence for whoever is woken by it", .example = "A message reaches every subscriber within 2 s."},
             {.name = "tags", .shape = Shape::word_list, .meaning = "for selecting scenarios", .example = "[chat, core]"},
             {.name = "owner", .shape = Shape::words, .meaning = "who is told", .example = "team-chat"},
             {.name = "runbook", .shape = Shape::words, .meaning = "link that an alert carries", .example = "https://wiki.example/chat"},
             {.name = "timeout", .shape = Shape::duration, .fallback = "30s", .meaning = "of all steps together; cleanup has its own", .example = "15s"},
             {.name = "cleanup_timeout", .shape = Shape::duration, .fallback = "10s", .meaning = "of all deferred steps and `cleanup` together", .example = "10s"},
             {.name = "vars", .shape = Shape::any_by_name, .meaning = "values that `--set` may replace", .example = "{ room: lobby }"},
             {.name = "secrets", .shape = Shape::mappings_by_name, .meaning = "values that are read where they are kept, by name", .example = "{ alice: { env: ALICE_TOKEN } }", .of = "secret"},
             {.name = "actors", .shape = Shape::mappings_by_name, .meaning = "client identities, each with its own cookies and connections", .example = "{ bob: { bearer: \"${secret.bob}\" } }", .of = "actor"},
             {.name = "matrix", .shape = Shape::axes, .meaning = "one run, with its own verdict, for each combination", .example = "{ receiver: [us-east-1, eu-west-2] }"},
             {.name = "retry", .shape = Shape::mapping, .meaning = "runs all again with a new nonce; a pass after it is degraded, never silently green", .example = "{ attempts: 2, backoff: 1s }", .of = "retry"},
             {.name = "use", .shape = Shape::word_list, .meaning = "fragment files, relative to this file", .example = "[lib/login.yaml]"},
             {.name = "steps", .shape = Shape::steps, .required = true, .meaning = "in order; the first that fails stops the run", .example = "[{ get: /health }]"},
             {.name = "cleanup", .shape = Shape::steps, .meaning = "always run, after the deferred steps; every one is tried", .example = "[{ delete: /v1/room }]"},
         }},
        {.name = "fragment",
         .meaning = "A fragment file: steps with declared inputs and outputs, played by `call`.",
         .keys = {
             {.name = "version", .shape = Shape::version, .required = true, .meaning = "of the language", .example = "1"},
             {.name = "fragment", .shape = Shape::identifier, .required = true, .meaning = "its name, as `call` gives it", .example = "login"},
             {.name = "about", .shape = Shape::words, .meaning = "one sentence", .example = "Logs in and gives the token."},
             {.name = "inputs", .shape = Shape::any_by_name, .meaning = "name and default; an empty default makes the input required", .example = "{ user: }"},
             {.name = "outputs", .shape = Shape::expressions_by_name, .meaning = "name and expression; fields of the `call` step", .example = "{ token: session.json.token }"},
             {.name = "steps", .shape = Shape::steps, .required = true, .meaning = "in order", .example = "[{ post: /login }]"},
         }},
        {.name = "actor",
         .meaning = "A client identity. Keys left out fall back to those of its target.",
         .keys = {
             {.name = "target", .shape = Shape::text, .fallback = "the run's", .meaning = "name of the target that this actor talks to", .example = "\"${matrix.receiver}\""},
             {.name = "api", .shape = Shape::text, .fallback = "the target's", .meaning = "base URL of HTTP steps", .example = "\"${target.api}\""},
             {.name = "ws", .shape = Shape::text, .fallback = "the target's", .meaning = "base URL of `connect`", .example = "\"${target.ws}\""},
             {.name = "bearer", .shape = Shape::text, .meaning = "token of an `Authorization: Bearer` header", .example = "\"${secret.alice}\""},
             {.name = "basic", .shape = Shape::mapping, .meaning = "HTTP Basic credentials", .example = "{ user: alice, password: \"${secret.alice}\" }", .of = "basic"},
             {.name = "headers", .shape = Shape::text_map, .meaning = "of every request and handshake", .example = "{ X-Tenant: canary }"},
             {.name = "ca", .shape = Shape::text, .fallback = "the system's", .meaning = "PEM file of trusted roots", .example = "ca.pem"},
             {.name = "cert", .shape = Shape::text, .meaning = "PEM file of the client certificate", .example = "client.pem"},
             {.name = "key", .shape = Shape::text, .meaning = "PEM file of its key", .example = "client.key"},
             {.name = "proxy", .shape = Shape::text, .fallback = "none", .meaning = "URL of an HTTP proxy; the environment's are not used", .example = "http://proxy.example:3128"},
             {.name = "resolve", .shape = Shape::text_or_list, .meaning = "`host:port:address`: an address instead of a look-up", .example = "\"api.example:443:192.0.2.1\""},
             {.name = "connect_to", .shape = Shape::text_or_list, .meaning = "`host:port:host:port`: connects there, keeping name and certificate", .example = "\"api.example:443:shard-7.example:443\""},
             {.name = "http", .shape = Shape::text, .meaning = "version to speak, `1.1` or `2`; default: what both sides prefer", .example = "\"1.1\""},
             {.name = "reuse", .shape = Shape::flag_or_template, .fallback = "false", .meaning = "keeps connections between steps; without it each request pays for its own", .example = "true"},
             {.name = "insecure", .shape = Shape::flag, .fallback = "false", .meaning = "does not verify certificates; every result says so", .example = "true"},
         }},
        {.name = "basic",
         .meaning = "HTTP Basic credentials.",
         .keys = {
             {.name = "user", .shape = Shape::text, .required = true, .meaning = "user name", .example = "alice"},
             {.name = "password", .shape = Shape::text, .required = true, .meaning = "password", .example = "\"${secret.alice}\""},
         }},
        {.name = "secret",
         .meaning = "Where a secret is read: exactly one of the two.",
         .keys = {
             {.name = "env", .shape = Shape::words, .meaning = "environment variable", .example = "ALICE_TOKEN"},
             {.name = "file", .shape = Shape::words, .meaning = "file, relative to the scenario's folder", .example = "/run/secrets/alice"},
         },
         .exactly_one = true},
        {.name = "retry",
         .meaning = "Repetition of a whole scenario.",
         .keys = {
             {.name = "attempts", .shape = Shape::count, .required = true, .meaning = "the first included", .example = "2", .least = 1, .most = 3},
             {.name = "backoff", .shape = Shape::duration, .fallback = "0s", .meaning = "pause before another attempt", .example = "1s"},
         }},
        {.name = "request line",
         .meaning = "Method and URL of a `request` step.",
         .keys = {
             {.name = "method", .shape = Shape::words, .required = true, .meaning = "any method", .example = "PROPFIND"},
             {.name = "url", .shape = Shape::text, .required = true, .meaning = "absolute, or relative to the actor's `api`", .example = "/v1/files"},
         }},
        {.name = "repetition",
         .meaning = "What `repeat` plays.",
         .keys = {
             {.name = "times", .shape = Shape::count_or_template, .required = true, .meaning = "how often; each has its own nonce and `iteration`", .example = "20", .least = 1, .most = 10'000},
             {.name = "every", .shape = Shape::duration, .fallback = "0s", .meaning = "from start to start; no catching up after a slow one", .example = "50ms"},
             {.name = "steps", .shape = Shape::steps, .required = true, .meaning = "in order", .example = "[{ send: \"${nonce}\" }]"},
         }},
        {.name = "diagnosis rule",
         .meaning = "Names the failure when its condition holds; the first that does wins.",
         .keys = {
             {.name = "class", .shape = Shape::identifier, .required = true, .meaning = "failure class of the run", .example = "stored_not_pushed"},
             {.name = "if", .shape = Shape::expression, .required = true, .meaning = "condition over the diagnosing steps", .example = "stored.status == 200"},
         }},
        {.name = "targets file",
         .meaning = "A targets file: the shards that there are.",
         .keys = {
             {.name = "version", .shape = Shape::version, .required = true, .meaning = "of the language", .example = "1"},
             {.name = "targets", .shape = Shape::mappings_by_name, .required = true, .meaning = "at least one, by name", .example = "{ us-east-1: { api: https://us-east-1.api.example } }", .of = "target"},
         }},
        {.name = "target",
         .meaning = "One shard. Other keys than these are texts for expressions: `target.zone`.",
         .keys = {
             {.name = "api", .shape = Shape::words, .meaning = "base URL of HTTP steps", .example = "https://api.example"},
             {.name = "ws", .shape = Shape::words, .meaning = "base URL of `connect`", .example = "wss://ws.example"},
             {.name = "region", .shape = Shape::words, .meaning = "for people and labels", .example = "us-east-1"},
             {.name = "resolve", .shape = Shape::word_list, .meaning = "`host:port:address`: an address instead of a look-up", .example = "[\"api.example:443:192.0.2.1\"]"},
             {.name = "connect_to", .shape = Shape::word_list, .meaning = "`host:port:host:port`: connects there, keeping name and certificate", .example = "[\"api.example:443:shard-7.example:443\"]"},
             {.name = "ca", .shape = Shape::words, .fallback = "the system's", .meaning = "PEM file of trusted roots", .example = "ca.pem"},
             {.name = "cert", .shape = Shape::words, .meaning = "PEM file of the client certificate", .example = "client.pem"},
             {.name = "key", .shape = Shape::words, .meaning = "PEM file of its key", .example = "client.key"},
             {.name = "proxy", .shape = Shape::words, .fallback = "none", .meaning = "URL of an HTTP proxy", .example = "http://proxy.example:3128"},
         },
         .open = true},
    };
}

std::vector<Key> make_common_step_keys() {
    return {
        {.name = "id", .shape = Shape::identifier, .meaning = "names the step's result for later expressions and for `from`", .example = "sent"},
        {.name = "as", .shape = Shape::words, .fallback = "an anonymous client", .meaning = "the actor", .example = "alice"},
        {.name = "if", .shape = Shape::expression, .meaning = "skips the step when false", .example = "matrix.receiver ~= \"local\""},
        {.name = "timeout", .shape = Shape::duration, .fallback = "what is left of the scenario's", .meaning = "of this step", .example = "5s"},
        {.name = "expect", .shape = Shape::expectations, .meaning = "assertions: one, a list, or a `|` block with one a line; all are evaluated", .example = "status == 201"},
        {.name = "match", .shape = Shape::pattern, .meaning = "structure of the answer: a subset, with markers such as {$regex: …}", .example = "{ id: { $type: string } }"},
        {.name = "strict", .shape = Shape::flag, .fallback = "false", .meaning = "`match` refuses keys that it does not name", .example = "true"},
        {.name = "save", .shape = Shape::expressions_by_name, .meaning = "name and expression; a missing value fails here, not three steps later", .example = "{ msg: json.id }"},
        {.name = "defer", .shape = Shape::step_or_steps, .meaning = "undoes this step: armed once it has sent anything, runs whatever happens, last first", .example = "{ delete: \"/v1/messages/${msg}\" }"},
        {.name = "diagnose", .shape = Shape::diagnosis, .meaning = "when this step fails: read-only steps and rules that name the failure", .example = "[{ get: /health, id: up }, { class: all_down, if: up.status ~= 200 }]"},
        {.name = "severity", .shape = Shape::choice, .fallback = "fail", .meaning = "what a broken expectation makes of the run", .example = "degrade", .choices = {"fail", "degrade"}},
        {.name = "note", .shape = Shape::words, .meaning = "for readers of the report", .example = "the old endpoint"},
    };
}

const std::vector<std::string_view> http_fields{"status", "json",  "text", "headers", "ms",        "timings",
                                                "version", "bytes", "url",  "remote",  "redirects", "certificate_expiry_days"};

std::vector<StepKind> make_step_kinds() {
    const std::vector<Key> http_keys{
        {.name = "headers", .shape = Shape::text_map, .meaning = "of this request, over the actor's", .example = "{ If-None-Match: \"${etag}\" }"},
        {.name = "query", .shape = Shape::text_map, .meaning = "appended to the URL, escaped", .example = "{ limit: 10 }"},
        {.name = "json", .shape = Shape::any, .meaning = "body: this value as JSON", .example = "{ to: bob, text: \"canary ${nonce}\" }"},
        {.name = "body", .shape = Shape::text, .meaning = "body: this text as it is", .example = "\"<ping/>\""},
        {.name = "form", .shape = Shape::any_map, .meaning = "body: fields, URL-encoded", .example = "{ user: alice }"},
        {.name = "multipart", .shape = Shape::any_map, .meaning = "body: parts; `{file: path}` sends a file", .example = "{ avatar: { file: a.png } }"},
        {.name = "file", .shape = Shape::text, .meaning = "body: a file, relative to the scenario", .example = "mail.eml"},
        {.name = "hex", .shape = Shape::text, .meaning = "body: these bytes", .example = "\"00ff10\""},
        {.name = "reuse", .shape = Shape::flag_or_template, .fallback = "the actor's", .meaning = "keeps the connection for later steps", .example = "true"},
        {.name = "redirects", .shape = Shape::count, .fallback = "0", .meaning = "how many are followed; 0: a redirect is the answer", .example = "3", .least = 0, .most = 20},
        {.name = "max_body", .shape = Shape::count, .fallback = "1048576", .meaning = "bytes of the answer; more is a failure", .example = "65536", .least = 0, .most = 1 << 30},
        {.name = "read_only", .shape = Shape::flag, .fallback = "false", .meaning = "your word that this changes nothing, for `poll` and `diagnose`", .example = "true"},
    };
    std::vector<StepKind> kinds;
    const auto http = [&](std::string_view name, Shape shape, std::string_view meaning, std::string_view example, std::string_view of) {
        StepKind kind{.name = name, .meaning = meaning, .keys = {}, .fields = http_fields, .http = true, .sends = true};
        kind.keys.push_back({.name = name, .shape = shape, .required = true, .meaning = meaning, .example = example, .of = of});
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
    http("request", Shape::mapping, "sends a request with any method", "{ method: PROPFIND, url: /files }", "request line");

    const std::vector<StepKind> others{
        {.name = "connect",
         .meaning = "opens the actor's websocket; every frame is logged from the handshake on",
         .keys =
             {
                 {.name = "connect", .shape = Shape::text, .required = true, .meaning = "URL, absolute or relative to the actor's `ws`", .example = "/ws"},
                 {.name = "headers", .shape = Shape::text_map, .meaning = "of the handshake, over the actor's", .example = "{ Origin: \"https://app.example\" }"},
                 {.name = "protocols", .shape = Shape::word_list, .meaning = "sub-protocols to offer", .example = "[v12.stomp]"},
                 {.name = "compress", .shape = Shape::flag, .fallback = "true", .meaning = "offers permessage-deflate", .example = "false"},
                 {.name = "max_frame", .shape = Shape::count, .fallback = "1048576", .meaning = "bytes of one message; more is a failure", .example = "65536", .least = 1, .most = 1 << 30},
                 {.name = "max_frames", .shape = Shape::count, .fallback = "10000", .meaning = "frames that are kept; more is an error of the prober, not a pass", .example = "1000", .least = 1, .most = 1'000'000},
                 {.name = "max_bytes", .shape = Shape::count, .fallback = "16777216", .meaning = "bytes that are kept", .example = "1048576", .least = 1, .most = 1 << 30},
             },
         .fields = {"status", "headers", "protocol", "ms", "timings", "certificate_expiry_days"},
         .sends = true},
        {.name = "send",
         .meaning = "sends one websocket message",
         .keys =
             {
                 {.name = "send", .shape = Shape::any, .required = true, .meaning = "a mapping or list: JSON; a text: as it is; {$hex: …}: binary", .example = "{ type: ping, id: \"${nonce}\" }"},
                 {.name = "receivers", .shape = Shape::text_or_list, .meaning = "actors that must see it, for the ledger", .example = "[bob, carol]"},
             },
         .fields = {"ms"},
         .sends = true},
        {.name = "receive",
         .meaning = "waits for a frame that matches, from the start of the `from` step on",
         .keys =
             {
                 {.name = "receive", .shape = Shape::pattern, .required = true, .meaning = "a mapping matches JSON, a text a whole text frame; {$contains: …}, {$regex: …}, {$hex: …}", .example = "{ type: message.new, text: \"canary ${nonce}\" }"},
                 {.name = "from", .shape = Shape::identifier, .fallback = "the latest step that sent something", .meaning = "id of the step that starts the clock", .example = "sent"},
                 {.name = "within", .shape = Shape::duration, .required = true, .meaning = "later than this is not in time", .example = "2s"},
                 {.name = "exactly", .shape = Shape::count_or_template, .fallback = "at least one", .meaning = "how many frames must match", .example = "1", .least = 1, .most = 1'000'000},
                 {.name = "settle", .shape = Shape::duration, .fallback = "0s", .meaning = "goes on counting copies while later steps run", .example = "1s"},
                 {.name = "horizon", .shape = Shape::duration, .meaning = "seen by then is late, else lost", .example = "10m"},
                 {.name = "ordered", .shape = Shape::flag, .fallback = "false", .meaning = "the order of arrival must be that of sending (after `repeat`)", .example = "true"},
             },
         .fields = {"json", "text", "ms", "ack_ms", "binary", "count", "frames"}},
        {.name = "none",
         .meaning = "passes when no frame matches within a period",
         .keys =
             {
                 {.name = "none", .shape = Shape::pattern, .required = true, .meaning = "what must not come", .example = "{ type: error }"},
                 {.name = "from", .shape = Shape::identifier, .fallback = "the latest step that sent something", .meaning = "id of the step that starts the clock", .example = "sent"},
                 {.name = "within", .shape = Shape::duration, .required = true, .meaning = "the period", .example = "2s"},
             },
         .fields = {}},
        {.name = "poll",
         .meaning = "repeats a read-only request until its expectations hold",
         .keys =
             {
                 {.name = "poll", .shape = Shape::poll_request, .required = true, .meaning = "a URL to GET, or an HTTP step that reads", .example = "/v1/jobs/7"},
                 {.name = "every", .shape = Shape::duration, .fallback = "500ms", .meaning = "from start to start", .example = "250ms"},
                 {.name = "within", .shape = Shape::duration, .required = true, .meaning = "when they must hold at the latest", .example = "10s"},
             },
         .fields = [] {
             std::vector<std::string_view> fields = http_fields;
             fields.push_back("tries");
             return fields;
         }()},
        {.name = "repeat",
         .meaning = "plays steps several times, each with its own nonce",
         .keys = {{.name = "repeat", .shape = Shape::mapping, .required = true, .meaning = "how often and what", .example = "{ times: 20, every: 50ms, steps: [{ send: \"${nonce}\" }] }", .of = "repetition"}},
         .fields = {},
         .sends = true},
        {.name = "parallel",
         .meaning = "plays branches at once; the first that fails cancels the others",
         .keys = {{.name = "parallel", .shape = Shape::branches, .required = true, .meaning = "each a step or a list of steps", .example = "[{ get: /a }, [{ get: /b }, { get: /c }]]"}},
         .fields = {},
         .sends = true},
        {.name = "call",
         .meaning = "plays a fragment; its outputs are the step's fields",
         .keys =
             {
                 {.name = "call", .shape = Shape::identifier, .required = true, .meaning = "name of a fragment from a file in `use`", .example = "login"},
                 {.name = "with", .shape = Shape::any_by_name, .meaning = "its inputs", .example = "{ user: alice }"},
             },
         .fields = {},
         .sends = true},
        {.name = "set",
         .meaning = "gives names to values",
         .keys = {{.name = "set", .shape = Shape::any_by_name, .required = true, .meaning = "name and value", .example = "{ room: \"lobby-${nonce}\" }"}},
         .fields = {}},
        {.name = "pause",
         .meaning = "waits; prefer `poll` or `receive`, which end as soon as they can",
         .keys = {{.name = "pause", .shape = Shape::duration_or_template, .required = true, .meaning = "how long", .example = "200ms"}},
         .fields = {}},
        {.name = "lua",
         .meaning = "plays a Lua script on the same engine: get(\"/x\", {expect = …}) and each other kind are calls",
         .keys = {{.name = "lua", .shape = Shape::script, .required = true, .meaning = "the script; globals that it assigns are names of later steps", .example = "\"local r = get('/health')\""}},
         .fields = {},
         .sends = true},
    };
    kinds.insert(kinds.end(), others.begin(), others.end());
    return kinds;
}

}  // namespace

const std::vector<MappingType>& mapping_types() {
    static const std::vector<MappingType> types = make_mapping_types();
    return types;
}

const MappingType& mapping_type(std::string_view name) {
    const auto found = std::ranges::find(mapping_types(), name, &MappingType::name);
    if (found == mapping_types().end()) throw std::logic_error(fmt::format("no mapping type {}", name));
    return *found;
}

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

std::span<const RunName> run_names() { return run_name_table; }

std::string words_for(const Key& key) {
    switch (key.shape) {
        case Shape::version:
            return "the number 1";
        case Shape::words:
            return "a text";
        case Shape::word_list:
            return "a list of texts";
        case Shape::label:
            return "a name of letters, digits, `.`, `_` and `-`";
        case Shape::identifier:
            return "a name of letters, digits and `_`";
        case Shape::choice:
            return fmt::format("`{}`", fmt::join(key.choices, "` or `"));
        case Shape::flag:
            return "true or false";
        case Shape::flag_or_template:
            return "true, false or `${…}`";
        case Shape::count:
        case Shape::count_or_template: {
            std::string words = key.most == INT64_MAX ? fmt::format("a whole number from {}", key.least)
                                                      : fmt::format("a whole number from {} to {}", key.least, key.most);
            return key.shape == Shape::count ? words : words + ", or `${…}`";
        }
        case Shape::duration:
            return "a duration";
        case Shape::duration_or_template:
            return "a duration or `${…}`";
        case Shape::text:
            return "a text";
        case Shape::text_or_list:
            return "a text or a list of texts";
        case Shape::text_map:
            return "a mapping of names to texts";
        case Shape::any:
            return "any value";
        case Shape::any_map:
        case Shape::any_by_name:
            return "a mapping of names to values";
        case Shape::pattern:
            return "a pattern";
        case Shape::axes:
            return "a mapping of names to lists, or to `${…}`";
        case Shape::expression:
            return "an expression";
        case Shape::expectations:
            return "an expression, a list of them, or a `|` block with one a line";
        case Shape::expressions_by_name:
            return "a mapping of names to expressions";
        case Shape::script:
            return "a Lua script";
        case Shape::steps:
            return "a list of steps";
        case Shape::step_or_steps:
            return "a step or a list of steps";
        case Shape::branches:
            return "a list of steps, or of lists of steps";
        case Shape::diagnosis:
            return "a list of read-only steps and of rules {class, if}";
        case Shape::poll_request:
            return "a URL, or a mapping that is an HTTP step";
        case Shape::mapping:
            return fmt::format("a mapping with the keys of a {}", key.of);
        case Shape::mappings_by_name:
            return fmt::format("a mapping of names to {}s", key.of);
    }
    return "a value";
}

}  // namespace serin
