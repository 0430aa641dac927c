// SPDX-License-Identifier: Apache-2.0
#include "scenarios/engine/scope.hpp"

#include <array>
#include <nlohmann/json.hpp>

#include "core/names.hpp"
#include "scenarios/language/json_text.hpp"

namespace serin {

Binding document_binding(std::shared_ptr<const Json> document, std::string path) {
    const Json* node = document.get();
    return JsonView{.document = std::move(document), .node = node, .path = std::move(path)};
}

Binding value_binding(Json value, std::string path) {
    switch (value.type()) {
        case Json::value_t::boolean:
            return value.get<bool>();
        case Json::value_t::number_integer:
            return value.get<std::int64_t>();
        case Json::value_t::number_unsigned:
            if (value.get<std::uint64_t>() > static_cast<std::uint64_t>(INT64_MAX)) return value.get<double>();
            return value.get<std::int64_t>();
        case Json::value_t::number_float:
            return value.get<double>();
        case Json::value_t::string:
            return std::move(value.get_ref<std::string&>());
        default:
            return document_binding(std::make_shared<const Json>(std::move(value)), std::move(path));
    }
}

void Names::set(std::string_view name, Binding value) {
    for (auto& [known, old] : values_) {
        if (known == name) {
            old = std::move(value);
            return;
        }
    }
    values_.emplace_back(name, std::move(value));
}

std::optional<Binding> Names::find(std::string_view name) const {
    for (const auto& [known, value] : values_) {
        if (known == name) return value;
    }
    return parent_ ? parent_->find(name) : std::nullopt;
}

void Names::adopt(const Names& inner) {
    for (const auto& [name, value] : inner.values_) set(name, value);
}

std::shared_ptr<const Json> StepFields::parsed() const {
    if (asked_ || payload_ == nullptr) return document_;
    asked_ = true;
    if (!valid_utf8(*payload_)) {
        json_problem_ = "invalid_utf8";
        json_error_ = "the payload is not UTF-8";
        return nullptr;
    }
    Result<Json> document = parse_json(*payload_);
    if (!document) {
        json_problem_ = "invalid_json";
        const std::string& why = document.error().title;
        json_error_ = payload_->empty()             ? "the payload is empty, not JSON"
                      : why.starts_with("not JSON") ? "the payload is not JSON"  // evidence shows the text itself
                                                    : why;
        return nullptr;
    }
    document_ = std::make_shared<const Json>(*std::move(document));
    return document_;
}

Json timings_json(const HttpTimings& timings) {
    return {{"dns", milliseconds(timings.dns)},
            {"connect", milliseconds(timings.connect)},
            {"tls", milliseconds(timings.tls)},
            {"first_byte", milliseconds(timings.first_byte)},
            {"total", milliseconds(timings.total)}};
}

Json headers_json(const Headers& headers) {
    Json all = Json::object();
    for (const auto& [name, value] : headers) {
        std::string lower = name;
        for (char& c : lower) {
            if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
        }
        // A header value may hold any byte; JSON texts hold UTF-8 only.
        const std::string text = valid_utf8(value) ? value : "(not UTF-8)";
        Json& slot = all[lower];
        slot = slot.is_string() ? slot.get<std::string>() + ", " + text : text;
    }
    return all;
}

namespace {

constexpr std::array exchange_fields{"status",
                                     "text",
                                     "headers",
                                     "ms",
                                     "timings",
                                     "version",
                                     "bytes",
                                     "url",
                                     "remote",
                                     "redirects",
                                     "certificate_expiry_days"};

std::optional<Binding> exchange_field(const HttpObservation& seen, std::string_view name) {
    if (name == "status") return std::int64_t{seen.status};
    if (name == "ms") return milliseconds(seen.timings.total);
    if (name == "text") return seen.body;
    if (name == "bytes") return static_cast<std::int64_t>(seen.body.size());
    if (name == "headers") return document_binding(std::make_shared<const Json>(headers_json(seen.headers)), "headers");
    if (name == "timings") return document_binding(std::make_shared<const Json>(timings_json(seen.timings)), "timings");
    if (name == "version") return seen.version;
    if (name == "url") return seen.effective_url;
    if (name == "remote") return seen.remote;
    if (name == "redirects") return std::int64_t{seen.redirects};
    if (name == "certificate_expiry_days") {
        return seen.certificate_expiry_days ? Binding{*seen.certificate_expiry_days} : Binding{};
    }
    return std::nullopt;
}

}  // namespace

void StepFields::set_exchange(const HttpObservation* seen) {
    exchange_ = seen;
    payload_ = &seen->body;
}

std::optional<Binding> StepFields::find(std::string_view name) const {
    for (const auto& [known, value] : values_) {
        if (known == name) return value;
    }
    if (exchange_ != nullptr) {
        if (std::optional<Binding> field = exchange_field(*exchange_, name)) return field;
    }
    if (payload_ != nullptr && name == "json") {
        ++json_asked_;
        const std::shared_ptr<const Json> document = parsed();
        return document ? document_binding(document, "json") : Binding{};
    }
    return parent_.find(name);
}

namespace {
Json json_of(const Binding& value) {
    if (const auto* flag = std::get_if<bool>(&value)) return *flag;
    if (const auto* integer = std::get_if<std::int64_t>(&value)) return *integer;
    if (const auto* number = std::get_if<double>(&value)) return *number;
    if (const auto* text = std::get_if<std::string>(&value)) return *text;
    if (const auto* view = std::get_if<JsonView>(&value)) return *view->node;
    return nullptr;
}
}  // namespace

std::shared_ptr<const Json> StepFields::as_document() const {
    Json all = Json::object();
    for (const auto& [name, value] : values_) {
        if (!std::holds_alternative<std::monostate>(value)) all[std::string(name)] = json_of(value);
    }
    if (exchange_ != nullptr) {
        for (const char* name : exchange_fields) {
            const std::optional<Binding> field = exchange_field(*exchange_, name);
            const auto* text = field ? std::get_if<std::string>(&*field) : nullptr;
            if (field && !std::holds_alternative<std::monostate>(*field) && (text == nullptr || valid_utf8(*text))) {
                all[name] = json_of(*field);
            }
        }
    }
    if (const std::shared_ptr<const Json> document = parsed()) all["json"] = *document;
    return std::make_shared<const Json>(std::move(all));
}

}  // namespace serin
