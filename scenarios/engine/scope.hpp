// SPDX-License-Identifier: Apache-2.0
// The names that expressions of a running scenario see: a chain of scopes, innermost first.
#pragma once
#include <deque>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/observation.hpp"
#include "scenarios/language/evaluator.hpp"

namespace serin {

/// A JSON document as a binding called `path` in messages.
[[nodiscard]] Binding document_binding(std::shared_ptr<const Json> document, std::string path);
/// A scalar becomes itself, anything else a document.
[[nodiscard]] Binding value_binding(Json value, std::string path);

/// Names of a scope: saved values, step results, inputs. Kept alive by the deferred steps that captured it.
class Names final : public Scope {
public:
    explicit Names(std::shared_ptr<const Scope> parent) : parent_(std::move(parent)) {}
    void set(std::string_view name, Binding value);
    [[nodiscard]] std::optional<Binding> find(std::string_view name) const override;
    /// Copies all names of `inner` into this scope (a later value replaces an earlier one).
    void adopt(const Names& inner);

private:
    std::vector<std::pair<std::string, Binding>> values_;  // few: a linear search beats a tree
    std::shared_ptr<const Scope> parent_;
};

/// The fields that a step's own expectations see bare (`status`, `json`, …), made when they are first asked for: most
/// steps look at two or three of a dozen.
class StepFields final : public Scope {
public:
    explicit StepFields(const Scope& parent) : parent_(parent) {}
    void set(std::string_view name, Binding value) { values_.emplace_back(name, std::move(value)); }
    /// The text that `json` is parsed from; it must live as long as these fields.
    void set_payload(const std::string* payload) { payload_ = payload; }
    /// Gives the fields of an HTTP exchange, its body as the payload; `seen` must live as long as these fields.
    void set_exchange(const HttpObservation* seen);
    [[nodiscard]] std::optional<Binding> find(std::string_view name) const override;
    /// How often `json` was asked for, to tell the expressions that depend on it from those that do not.
    [[nodiscard]] int json_asked() const { return json_asked_; }
    /// "" or why the payload is not JSON: `invalid_utf8`, `invalid_json`. Only known after somebody asked for `json`.
    [[nodiscard]] const std::string& json_problem() const { return json_problem_; }
    [[nodiscard]] const std::string& json_error() const { return json_error_; }
    /// All fields as one object, for `id.field` in later steps.
    [[nodiscard]] std::shared_ptr<const Json> as_document() const;

private:
    [[nodiscard]] std::shared_ptr<const Json> parsed() const;

    const Scope& parent_;
    std::vector<std::pair<std::string_view, Binding>> values_;  // names: literals, or of the scenario
    const std::string* payload_ = nullptr;
    const HttpObservation* exchange_ = nullptr;
    mutable bool asked_ = false;
    mutable int json_asked_ = 0;
    mutable std::shared_ptr<const Json> document_;
    mutable std::string json_problem_, json_error_;
};

/// Milliseconds with fraction.
[[nodiscard]] inline double milliseconds(Duration d) {
    return std::chrono::duration<double, std::milli>(d).count();
}
/// The spans of an exchange in ms: dns, connect, tls, first_byte, total.
[[nodiscard]] Json timings_json(const HttpTimings& timings);
/// Names in lower case (RFC 9110 §5.1: case-insensitive), values of repeated ones joined with ", ".
[[nodiscard]] Json headers_json(const Headers& headers);

}  // namespace serin
