// SPDX-License-Identifier: Apache-2.0
// A scenario as a value: what the loader made of a file, places kept. It says *what* a client does, never when or
// where. Nothing here is evaluated: `${…}` is kept as Expression and resolved by the engine at run time.
#pragma once
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "core/place.hpp"
#include "core/result.hpp"
#include "core/time.hpp"

namespace serin {

/// One expression, parsed and checked at load. `lua` is its translation, ready to be compiled; `id` is unique in this
/// process, so that each worker's evaluator compiles it once.
struct Expression {
    std::string text;  ///< as written
    Place place;       ///< of its first character; `length` is that of the whole expression (on its first line)
    std::string lua;   ///< a Lua expression: "!=" and friends translated, absent-aware
    std::uint32_t id = 0;
};

/// A scalar with `${…}` inside. One lone Expression keeps its type; anything else becomes a string, and nil there is an
/// error.
struct Text {
    std::vector<std::variant<std::string, Expression>> parts;

    [[nodiscard]] bool constant() const {
        return parts.empty() || (parts.size() == 1 && std::holds_alternative<std::string>(parts.front()));
    }
    [[nodiscard]] const Expression* lone_expression() const {
        return parts.size() == 1 ? std::get_if<Expression>(&parts.front()) : nullptr;
    }
};

struct Template;
struct TemplateEntry;
/// A YAML value whose texts may hold `${…}`; resolved to JSON at run time. Map order is the file's.
struct Template {
    using List = std::vector<Template>;
    using Map = std::vector<TemplateEntry>;
    std::variant<std::nullptr_t, bool, std::int64_t, double, Text, List, Map> value;
    Place place;

    Template();  // out of line, all six: TemplateEntry is incomplete here
    ~Template();
    Template(const Template&);
    Template(Template&&) noexcept;
    Template& operator=(const Template&);
    Template& operator=(Template&&) noexcept;
};
struct TemplateEntry {
    std::string key;
    Place key_place;
    Template value;
};

enum class Severity { fail, degrade };

/// One assertion.
struct Expectation {
    Expression expression;
    Severity severity = Severity::fail;
};

struct Save {
    std::string name;
    Place place;
    Expression value;
};

struct Step;
using Steps = std::vector<Step>;

/// An item of `diagnose:`: either a read-only step, or a rule that names the failure when its condition holds.
struct DiagnoseItem {
    std::shared_ptr<const Step> step;
    std::string failure_class;
    std::optional<Expression> when;
    Place place;
};

enum class BodyKind { none, json, text, form, multipart, file, hex };

struct HttpStep {
    std::string method;  ///< upper case
    Template url;        ///< absolute, or relative to the actor's `api`
    Template::Map headers;
    Template::Map query;
    BodyKind body_kind = BodyKind::none;
    Template body;                  ///< json: any value · text, file, hex: a text · form, multipart: a map
    std::optional<Template> reuse;  ///< bool; default: the actor's, else false
    int max_redirects = 0;          ///< 0: a redirect is the answer
    std::int64_t max_body = 1 << 20;
    bool read_only = false;  ///< the author's word that a POST changes nothing (poll, diagnose)
};
struct ConnectStep {
    Template url;  ///< absolute, or relative to the actor's `ws`
    Template::Map headers;
    std::vector<std::string> protocols;  ///< offered in Sec-WebSocket-Protocol
    bool compress = true;                ///< offer permessage-deflate (RFC 7692)
    std::int64_t max_frame = 1 << 20;    ///< bytes of one message
    int max_frames = 10'000;             ///< of the frame log
    std::int64_t max_bytes = 16 << 20;   ///< of the frame log
};
struct SendStep {
    Template message;  ///< a map: JSON text frame · a scalar: text · {$hex: …}: binary
};
struct ReceiveStep {
    Template pattern;
    std::optional<std::string> from;  ///< id of the step that starts the clock; default: the latest that sent something
    Duration within{};
    std::optional<Template> exactly;  ///< count of matching frames; default: at least one
    Duration settle{};                ///< goes on counting copies while later steps run
    std::optional<Duration> horizon;  ///< seen by then = late, else lost
    bool ordered = false;             ///< of a repeat: the order of sightings must be that of sending
};
struct NoneStep {
    Template pattern;
    std::optional<std::string> from;
    Duration within{};  ///< the period in which nothing may match
};
struct PollStep {
    std::shared_ptr<const Step> request;  ///< an HttpStep that reads
    Duration every{};
    Duration within{};
};
struct RepeatStep {
    Template times;
    Duration every{};
    std::shared_ptr<const Steps> steps;
};
struct ParallelStep {
    std::vector<Steps> branches;
};
struct Fragment;
struct CallStep {
    std::string fragment;
    Place fragment_place;
    std::shared_ptr<const Fragment> target;
    Template::Map with;
};
struct SetStep {
    Template::Map values;
};
struct PauseStep {
    Template duration;
};
struct LuaStep {
    std::string script;
    Place place;  ///< of the script's first line
};

struct Step {
    Place place;       ///< of the kind's key, e.g. `receive`
    std::string kind;  ///< the key as written: get, post, connect, …
    std::string id;
    std::string actor;                    ///< `as`; empty: the anonymous actor
    std::optional<Expression> condition;  ///< `if`
    std::optional<Duration> timeout;
    std::vector<Expectation> expect;
    std::optional<Template> match;
    bool strict = false;
    std::vector<Save> save;
    std::shared_ptr<const Steps> defer;
    std::vector<DiagnoseItem> diagnose;
    Severity severity = Severity::fail;
    std::string note;
    using Action = std::variant<HttpStep, ConnectStep, SendStep, ReceiveStep, NoneStep, PollStep, RepeatStep,
                                ParallelStep, CallStep, SetStep, PauseStep, LuaStep>;
    Action action;
};

/// A reusable piece with declared inputs and outputs, from a file named in `use:`.
struct Fragment {
    std::string name;
    Template::Map inputs;  ///< name → default; a null default makes the input required
    std::vector<Save> outputs;
    Steps steps;
    Place place;
};

/// A client identity. Keys left out fall back to those of the target that `target` names (default: the run's own).
struct Actor {
    std::string name;
    Place place;
    std::optional<Template> target;
    std::optional<Template> api, ws;  ///< base URLs
    std::optional<Template> bearer;
    std::optional<Template> user, password;  ///< HTTP Basic
    Template::Map headers;
    std::optional<Template> ca, cert, key;  ///< PEM files
    std::optional<Template> proxy;
    std::optional<Template> resolve;     ///< text or list of "host:port:address"
    std::optional<Template> connect_to;  ///< text or list of "host:port:host:port"
    std::optional<Template> http;        ///< "1.1" or "2"
    std::optional<Template> reuse;
    bool insecure = false;
};

/// Where a secret is read; the value never stands in a file of ours.
struct SecretReference {
    std::string name;
    Place place;
    std::string env;   ///< environment variable, or
    std::string file;  ///< path, relative to the scenario's folder (a Kubernetes mount is a file)
};

struct MatrixAxis {
    std::string name;
    Place place;
    Template values;  ///< a list, or `${…}` that gives one
};

struct Retry {
    int attempts = 1;  ///< of the whole scenario, the first included
    Duration backoff{};
};

struct Scenario {
    std::string name;
    std::string about;
    std::vector<std::string> tags;
    std::string owner, runbook;
    Duration timeout = std::chrono::seconds(30);
    Duration cleanup_timeout = std::chrono::seconds(10);
    Template::Map vars;
    std::vector<SecretReference> secrets;
    std::vector<Actor> actors;
    std::vector<MatrixAxis> matrix;
    Retry retry;
    std::vector<std::shared_ptr<const Fragment>> fragments;
    Steps steps;
    Steps cleanup;
    std::shared_ptr<const Source> source;
};

}  // namespace serin
