// SPDX-License-Identifier: Apache-2.0
#include "tests/support/openapi.hpp"

#include <algorithm>
#include <cctype>
#include <functional>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "scenarios/language/document.hpp"
#include "tests/support/golden_files.hpp"

namespace serin::test {

namespace {

using Json = nlohmann::json;

std::string upper(std::string text) {
    std::ranges::transform(text, text.begin(), [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
    return text;
}
std::string lower(std::string text) {
    std::ranges::transform(text, text.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return text;
}

/// valijson holds null against a format of texts too, where JSON Schema (validation, §7) looks at texts only.
void drop_formats_beside_null(Json& node) {
    if (!node.is_structured()) return;
    if (node.is_object() && node.contains("format") && node.contains("type") && node["type"].is_array())
        node.erase("format");
    for (Json& child : node) drop_formats_beside_null(child);
}

/// Calls `see` with each reference in `node`.
void each_reference(const Json& node, const std::function<void(const std::string&)>& see) {
    if (node.is_object() && node.contains("$ref") && node["$ref"].is_string()) see(node["$ref"]);
    if (!node.is_structured()) return;
    for (const Json& child : node) each_reference(child, see);
}

}  // namespace

struct OpenApi::Impl {
    Json document;

    /// A parameter, response or schema, its reference followed.
    [[nodiscard]] const Json& resolved(const Json& node) const {
        // NOLINTNEXTLINE(bugprone-return-const-ref-from-parameter): every caller passes a part of the document
        if (!node.contains("$ref")) return node;
        return document.at(Json::json_pointer(node.at("$ref").get<std::string>().substr(1)));
    }

    [[nodiscard]] std::string complaint(const Json& schema, const Json& value) const {
        // The components come along, so that references lead somewhere.
        Json root{{"components", document.at("components")}, {"allOf", Json::array({schema})}};
        return SchemaCheck(root).why_not(value);
    }

    [[nodiscard]] OpenApiOperation operation(const std::string& method, const std::string& path,
                                             const Json& node) const {
        OpenApiOperation one;
        one.method = upper(method);
        one.path = path;
        if (!node.at("security").empty()) one.scope = node.at("x-scope").get<std::string>();
        one.has_body = node.contains("requestBody");
        if (node.contains("parameters")) {
            for (const Json& parameter : node.at("parameters")) {
                const Json& known = resolved(parameter);
                if (known.at("in") == "query") one.query.insert(known.at("name").get<std::string>());
            }
        }
        for (const auto& [status, response] : node.at("responses").items()) one.statuses.insert(status);
        return one;
    }
};

OpenApi::OpenApi() : impl_(std::make_unique<Impl>()) {
    Mistakes mistakes;
    const Document document =
        parse_document("openapi.yaml", contents(std::string(SERIN_SOURCE_DIR) + "/docs/openapi.yaml"), mistakes);
    if (!document.root || !mistakes.empty())
        throw std::runtime_error("docs/openapi.yaml: " + (mistakes.empty() ? "unreadable" : mistakes.front().title));
    impl_->document = json_of(*document.root);
    drop_formats_beside_null(impl_->document);
}
OpenApi::~OpenApi() = default;

std::vector<OpenApiOperation> OpenApi::operations() const {
    std::vector<OpenApiOperation> all;
    for (const auto& [path, methods] : impl_->document.at("paths").items()) {
        for (const auto& [method, node] : methods.items()) all.push_back(impl_->operation(method, path, node));
    }
    return all;
}

std::string OpenApi::why_not(const std::string& method, const std::string& path, int status, const Json& json) const {
    const Json& paths = impl_->document.at("paths");
    if (!paths.contains(path) || !paths[path].contains(lower(method))) return "no such operation";
    const Json& responses = paths[path][lower(method)].at("responses");
    if (!responses.contains(std::to_string(status))) return "status " + std::to_string(status) + " is not documented";
    const Json& content = impl_->resolved(responses[std::to_string(status)]).at("content");
    if (!content.contains("application/json")) return "JSON is not documented";
    return impl_->complaint(content["application/json"].at("schema"), json);
}

std::string OpenApi::why_not(const std::string& schema, const Json& json) const {
    return impl_->complaint({{"$ref", "#/components/schemas/" + schema}}, json);
}

std::vector<std::string> OpenApi::loose_ends() const {
    std::set<std::string> used;
    std::vector<std::string> loose;
    each_reference(impl_->document, [&](const std::string& reference) {
        used.insert(reference);
        if (!impl_->document.contains(Json::json_pointer(reference.substr(1)))) loose.push_back(reference);
    });
    // Data of the stream's events, which the text of its description names.
    used.insert({"#/components/schemas/Gap", "#/components/schemas/Lost"});
    for (const char* kind : {"schemas", "parameters", "responses"}) {
        for (const auto& [name, node] : impl_->document.at("components").at(kind).items()) {
            const std::string reference = std::string("#/components/") + kind + "/" + name;
            if (!used.contains(reference)) loose.push_back(reference);
        }
    }
    return loose;
}

}  // namespace serin::test
