// SPDX-License-Identifier: Apache-2.0
// JSON Schema (draft 7) from the table. It says less than the loader where a schema cannot say more: names in
// expressions, uniqueness and everything that depends on the order of steps.
#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "scenarios/language/loader.hpp"
#include "scenarios/language/pages.hpp"
#include "scenarios/language/table.hpp"

namespace serin {
namespace {

using Json = nlohmann::json;

constexpr const char* identifier_pattern = "^[A-Za-z_][A-Za-z0-9_]*$";
constexpr const char* label_pattern = "^[A-Za-z0-9][A-Za-z0-9._-]*$";
constexpr const char* template_pattern = "\\$\\{";
constexpr const char* duration_pattern = "^([0-9]+(\\.[0-9]+)?(ns|us|ms|s|m|h|d))+$";
constexpr const char* byte_size_pattern = "^[0-9]+(\\.[0-9]+)?(B|KB|MB|GB|TB|KiB|MiB|GiB|TiB)$";

std::string definition_name(std::string_view type) {
    std::string name(type);
    std::ranges::replace(name, ' ', '_');
    return name;
}
Json reference(std::string_view type) {
    return {{"$ref", "#/definitions/" + definition_name(type)}};
}

Json constant_text() {
    return {{"type", "string"}, {"minLength", 1}};
}
Json matching(const char* pattern) {
    return {{"type", "string"}, {"pattern", pattern}};
}
Json scalar() {
    return {{"type", {"string", "number", "boolean"}}};
}
Json list_of(Json item) {
    return {{"type", "array"}, {"items", std::move(item)}};
}
Json some_of(Json item) {
    return {{"type", "array"}, {"items", std::move(item)}, {"minItems", 1}};
}
Json map_of(Json value) {
    return {{"type", "object"}, {"additionalProperties", std::move(value)}};
}
Json named(Json map, const char* pattern) {
    map["propertyNames"] = {{"pattern", pattern}};
    return map;
}
Json any_of(Json one, Json other) {
    return {{"anyOf", Json::array({std::move(one), std::move(other)})}};
}

Json one_of(const std::vector<std::string_view>& choices) {
    Json all = Json::array();
    for (const std::string_view choice : choices) all.push_back(choice);
    return {{"enum", std::move(all)}};
}

Json schema_of(const Key& key) {
    switch (key.shape) {
        case Shape::version:
            return {{"type", "integer"}, {"enum", {1}}};
        case Shape::words:
            return constant_text();
        case Shape::word_list:
            return list_of(constant_text());
        case Shape::label:
            return matching(label_pattern);
        case Shape::identifier:
            return matching(identifier_pattern);
        case Shape::choice:
            return one_of(key.choices);
        case Shape::flag:
            return {{"type", "boolean"}};
        case Shape::flag_or_template:
            return any_of({{"type", "boolean"}}, matching(template_pattern));
        case Shape::count:
        case Shape::count_or_template: {
            Json count = {{"type", "integer"}, {"minimum", key.least}};
            if (key.most != INT64_MAX) count["maximum"] = key.most;
            return key.shape == Shape::count ? count : any_of(std::move(count), matching(template_pattern));
        }
        case Shape::duration:
            return matching(duration_pattern);
        case Shape::duration_or_template:
            return any_of(matching(duration_pattern), matching(template_pattern));
        case Shape::text:
            return scalar();
        case Shape::text_or_list:
            return any_of(scalar(), list_of(scalar()));
        case Shape::text_map:
            return map_of(scalar());
        case Shape::any:
            return Json::object();
        case Shape::any_map:
            return {{"type", "object"}};
        case Shape::any_by_name:
            return named({{"type", "object"}}, identifier_pattern);
        case Shape::pattern:
            return {{"type", {"string", "number", "boolean", "array", "object"}}};
        case Shape::axes:
            return named(map_of(any_of(some_of(scalar()), matching(template_pattern))), identifier_pattern);
        case Shape::expression:
            return reference("expression");
        case Shape::expectations:
            return reference("expectations");
        case Shape::expressions_by_name:
            return named(map_of(reference("expression")), identifier_pattern);
        case Shape::script:
            return constant_text();
        case Shape::steps:
            return some_of(reference("step"));
        case Shape::step_or_steps:
            return any_of(reference("step"), some_of(reference("step")));
        case Shape::branches:
            return some_of(any_of(reference("step"), list_of(reference("step"))));
        case Shape::diagnosis:
            return list_of(any_of(reference("diagnosis rule"), reference("step")));
        case Shape::poll_request:
            return any_of(scalar(), reference("poll request"));
        case Shape::mapping:
            return reference(key.of);
        case Shape::mappings_by_name: {
            Json map = named(map_of(reference(key.of)), key.of == "secret" ? identifier_pattern : label_pattern);
            if (key.required) map["minProperties"] = 1;
            return map;
        }
        case Shape::mappings:
            return list_of(reference(key.of));
        case Shape::label_list:
            return some_of(matching(label_pattern));
        case Shape::choice_list:
            return some_of(one_of(key.choices));
        case Shape::count_list:
            return some_of({{"type", "integer"}, {"minimum", key.least}, {"maximum", key.most}});
        case Shape::byte_size:
            return matching(byte_size_pattern);
        case Shape::local_time:
            return matching("^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(:[0-9]{2})?$");
        case Shape::time_of_day:
            return matching("^([01][0-9]|2[0-3]):[0-5][0-9]$");
        case Shape::sha256:
            return matching("^[0-9a-fA-F]{64}$");
        case Shape::words_by_name:
            return named(map_of(constant_text()), identifier_pattern);
        case Shape::scalars_by_name:
            return named(map_of(scalar()), identifier_pattern);
        case Shape::scalar_lists_by_name:
            return named(map_of(some_of(scalar())), identifier_pattern);
        case Shape::choice_or_mapping:
            return any_of(one_of(key.choices), reference(key.of));
        case Shape::selection:
            return any_of(any_of(one_of(key.choices), some_of(matching(label_pattern))), reference(key.of));
        case Shape::share:
            return matching("^(100|[0-9]{1,2}(\\.[0-9]+)?)%$");
        case Shape::number: {
            Json number = {{"type", "number"}};
            if (key.least != INT64_MIN) number["minimum"] = key.least;
            if (key.most != INT64_MAX) number["maximum"] = key.most;
            return number;
        }
        case Shape::of_last: {
            Json rule = matching("^[1-9][0-9]{0,2} of [1-9][0-9]{0,2}$");
            return key.choices.empty() ? rule : any_of(one_of(key.choices), std::move(rule));
        }
        case Shape::secret:
            return reference(key.of);
        case Shape::secret_list:
            return some_of(reference(key.of));
        case Shape::words_or_secret:
            return any_of(constant_text(), reference(key.of));
        case Shape::words_or_secret_list:
            return some_of(any_of(constant_text(), reference(key.of)));
        case Shape::words_or_secret_map:
            return map_of(any_of(constant_text(), reference(key.of)));
        case Shape::mappings_by_title:
            return map_of(reference(key.of));
    }
    return Json::object();
}

void add_keys(Json& object, const std::vector<Key>& keys) {
    for (const Key& key : keys) {
        Json schema = schema_of(key);
        std::string description(key.meaning);
        if (!key.fallback.empty()) description += fmt::format(" (default: {})", key.fallback);
        schema["description"] = description + fmt::format(". Example: {}: {}", key.name, key.example);
        object["properties"][std::string(key.name)] = std::move(schema);
        if (key.required) object["required"].push_back(key.name);
    }
}

Json closed_object(std::string_view meaning) {
    return {
        {"type", "object"}, {"description", meaning}, {"properties", Json::object()}, {"additionalProperties", false}};
}

Json object_of(const MappingType& type) {
    Json object = closed_object(type.meaning);
    add_keys(object, type.keys);
    if (type.exactly_one) object["minProperties"] = object["maxProperties"] = 1;
    if (type.open) object["additionalProperties"] = constant_text();
    return object;
}

/// Step kinds have each their own key, which is required, and allow no other: so exactly one can fit.
Json step_objects(bool only_requests) {
    Json kinds = Json::array();
    for (const StepKind& kind : step_kinds()) {
        if (only_requests && !kind.http) continue;
        Json object = closed_object(kind.meaning);
        add_keys(object, kind.keys);
        if (!only_requests) add_keys(object, common_step_keys());
        kinds.push_back(std::move(object));
    }
    return {{"oneOf", std::move(kinds)}};
}

Json expectation_schema() {
    const Json expression = reference("expression");
    Json with_severity = closed_object("An expectation with its own severity.");
    with_severity["properties"] = {{"fail", expression}, {"degrade", expression}};
    with_severity["minProperties"] = with_severity["maxProperties"] = 1;
    const Json one = any_of(expression, with_severity);
    return any_of(one, some_of(one));
}

Json definitions(std::span<const MappingType> more) {
    Json all = Json::object();
    for (const MappingType& type : mapping_types()) all[definition_name(type.name)] = object_of(type);
    for (const MappingType& type : more) all[definition_name(type.name)] = object_of(type);
    all["expression"] = scalar();
    all["expectations"] = expectation_schema();
    all["step"] = step_objects(/*only_requests=*/false);
    all[definition_name("poll request")] = step_objects(/*only_requests=*/true);
    return all;
}

/// Moves the definitions that `node` refers to, and those that they refer to, from `all` to `used`.
void take_referenced(const Json& node, Json& all, Json& used) {
    if (node.is_object() && node.contains("$ref")) {
        const std::string name = node["$ref"].get<std::string>().substr(std::string_view("#/definitions/").size());
        if (!used.contains(name)) {
            used[name] = std::move(all.at(name));
            take_referenced(Json(used[name]), all, used);
        }
    }
    if (!node.is_structured()) return;
    for (const Json& inner : node) take_referenced(inner, all, used);
}

Json document(const char* title, Json root, std::span<const MappingType> more = {}) {
    Json all = definitions(more);
    Json used = Json::object();
    take_referenced(root, all, used);
    root["$schema"] = "http://json-schema.org/draft-07/schema#";
    root["title"] = title;
    root["definitions"] = std::move(used);
    return root;
}

}  // namespace

Json scenario_schema() {
    return document("Serin scenario or fragment", {{"if", {{"type", "object"}, {"required", {"fragment"}}}},
                                                   {"then", reference("fragment")},
                                                   {"else", reference("scenario")}});
}

Json targets_schema() {
    return document("Serin targets", {{"allOf", Json::array({reference("targets file")})}});
}

Json schema_of_file(const char* title, std::string_view root, std::span<const MappingType> types) {
    return document(title, {{"allOf", Json::array({reference(root)})}}, types);
}

}  // namespace serin
