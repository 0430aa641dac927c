// SPDX-License-Identifier: Apache-2.0
#include "scenarios/engine/http_body.hpp"

#include <filesystem>
#include <nlohmann/json.hpp>

#include "core/ids.hpp"
#include "core/secret.hpp"
#include "scenarios/language/loader.hpp"

namespace serin {
namespace {

Result<std::string> file_bytes(const std::string& path, const std::string& folder) {
    const std::filesystem::path given(path);
    Result<std::string> bytes =
        read_file((given.is_relative() ? std::filesystem::path(folder) / given : given).string());
    if (!bytes)
        return std::unexpected(Error{.title = bytes.error().title, .remedy = bytes.error().remedy, .own_fault = true});
    return bytes;
}

Result<HttpBody> form(const Template::Map& fields, Evaluator& evaluator, const Scope& names) {
    std::string text;
    for (const TemplateEntry& field : fields) {
        const Result<std::string> value = evaluator.resolve_text(field.value, names);
        if (!value) return std::unexpected(value.error());
        text += (text.empty() ? "" : "&") + url_escape(field.key) + "=" + url_escape(*value);
    }
    return HttpBody{.bytes = std::move(text), .content_type = "application/x-www-form-urlencoded"};
}

/// RFC 7578 §4.2 and the HTML standard: a quote or a line break in a name must not end it and begin a header.
std::string part_name(std::string_view text) {
    std::string name;
    for (const char c : text) {
        if (c == '"') {
            name += "%22";
        } else if (c == '\r') {
            name += "%0D";
        } else if (c == '\n') {
            name += "%0A";
        } else {
            name += c;
        }
    }
    return name;
}

/// RFC 7578. A part is a text, or a mapping {file: path, type: media type, name: file name}.
Result<HttpBody> multipart(const Template::Map& fields, Evaluator& evaluator, const Scope& names,
                           const std::string& folder) {
    const std::string boundary = "serin-" + make_trace_id();
    std::string bytes;
    for (const TemplateEntry& field : fields) {
        const Result<Json> part = evaluator.resolve(field.value, names);
        if (!part) return std::unexpected(part.error());
        bytes += "--" + boundary + "\r\nContent-Disposition: form-data; name=\"" + part_name(field.key) + "\"";
        if (part->is_object() && part->contains("file")) {
            for (const char* key : {"file", "name", "type"}) {
                if (part->contains(key) && !part->at(key).is_string()) {
                    return fail("multipart `" + field.key + "`: `" + key + "` must be a text", "quote it");
                }
            }
            const std::string path = part->at("file").get<std::string>();
            Result<std::string> content = file_bytes(path, folder);
            if (!content) return std::unexpected(content.error());
            bytes += "; filename=\"" + part_name(part->value("name", std::filesystem::path(path).filename().string())) +
                     "\"\r\nContent-Type: " + part_name(part->value("type", "application/octet-stream")) + "\r\n\r\n" +
                     *content + "\r\n";
        } else {
            bytes += "\r\n\r\n" +
                     (part->is_string() ? part->get<std::string>()
                                        : part->dump(-1, ' ', false, Json::error_handler_t::replace)) +
                     "\r\n";
        }
    }
    bytes += "--" + boundary + "--\r\n";
    return HttpBody{.bytes = std::move(bytes), .content_type = "multipart/form-data; boundary=" + boundary};
}

}  // namespace

Result<std::string> from_hex(std::string_view text) {
    std::string bytes;
    int high = -1;
    for (const char c : text) {
        if (c == ' ' || c == '\n' || c == '\t') continue;
        const int digit = c >= '0' && c <= '9'   ? c - '0'
                          : c >= 'a' && c <= 'f' ? c - 'a' + 10
                          : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                                 : -1;
        if (digit < 0) return fail("`" + std::string(1, c) + "` is not a hex digit", "write bytes as 0a 1b 2c");
        if (high < 0) {
            high = digit;
        } else {
            bytes.push_back(static_cast<char>(high * 16 + digit));
            high = -1;
        }
    }
    if (high >= 0) return fail("an odd number of hex digits", "a byte is two digits");
    return bytes;
}

Result<HttpBody> make_body(const HttpStep& http, Evaluator& evaluator, const Scope& names, const std::string& folder) {
    static const Template::Map no_fields;
    const auto* fields = std::get_if<Template::Map>(&http.body.value);
    switch (http.body_kind) {
        case BodyKind::none:
            return HttpBody{};
        case BodyKind::json: {
            const Result<Json> value = evaluator.resolve(http.body, names);
            if (!value) return std::unexpected(value.error());
            return HttpBody{.bytes = value->dump(-1, ' ', false, Json::error_handler_t::replace),
                            .content_type = "application/json"};
        }
        case BodyKind::form:
            return form(fields != nullptr ? *fields : no_fields, evaluator, names);
        case BodyKind::multipart:
            return multipart(fields != nullptr ? *fields : no_fields, evaluator, names, folder);
        case BodyKind::text:
        case BodyKind::file:
        case BodyKind::hex:
            break;
    }
    Result<std::string> text = evaluator.resolve_text(http.body, names);
    if (!text) return std::unexpected(text.error());
    if (http.body_kind == BodyKind::text)
        return HttpBody{.bytes = *std::move(text), .content_type = "text/plain; charset=utf-8"};
    Result<std::string> bytes = http.body_kind == BodyKind::hex ? from_hex(*text) : file_bytes(*text, folder);
    if (!bytes) return std::unexpected(bytes.error());
    return HttpBody{.bytes = *std::move(bytes), .content_type = "application/octet-stream"};
}

}  // namespace serin
