// SPDX-License-Identifier: Apache-2.0
#include "reports/dashboard/body_reader.hpp"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "core/names.hpp"
#include "core/utf8.hpp"
#include "reports/formats/moment.hpp"

namespace serin {

namespace {

bool has_control(std::string_view text, bool several_lines) {
    for (std::size_t at = 0; at < text.size();) {
        const CodePoint point = code_point_at(text, at);
        at += point.bytes;
        const bool control = point.value < 0x20 || (point.value >= 0x7f && point.value < 0xa0);
        if (control && !(several_lines && (point.value == '\n' || point.value == '\t'))) return true;
    }
    return false;
}

std::string quoted(const char* key) {
    return std::string("`") + key + "`";
}

}  // namespace

BodyReader::BodyReader(const nlohmann::json& json, const std::vector<std::string>& known) : json_(json) {
    if (!json.is_object()) {
        complain("the body is no JSON object", R"(write {"key": "value"})");
        return;
    }
    for (const auto& [key, value] : json.items()) {
        if (std::ranges::find(known, key) != known.end()) continue;
        complain("unknown key `" + clipped(valid_utf8(key) ? key : "?", 60) + "`", did_you_mean(key, known, "keys"));
    }
}

const nlohmann::json* BodyReader::find(const char* key) const {
    if (!json_.is_object()) return nullptr;
    const auto found = json_.find(key);
    return found == json_.end() || found->is_null() ? nullptr : &*found;
}

std::string BodyReader::text(const char* key, std::size_t most_bytes, bool several_lines) {
    const nlohmann::json* const value = find(key);
    if (value == nullptr) return {};
    if (!value->is_string()) {
        complain(quoted(key) + " is no text", "");
        return {};
    }
    const auto& text = value->get_ref<const std::string&>();
    if (text.size() > most_bytes) {
        complain(quoted(key) + " has " + std::to_string(text.size()) + " bytes",
                 "at most " + std::to_string(most_bytes));
    } else if (!valid_utf8(text)) {
        complain(quoted(key) + " is not UTF-8", "");
    } else if (has_control(text, several_lines)) {
        complain(quoted(key) + " holds control characters" + (several_lines ? "" : " or line breaks"), "");
    } else {
        return text;
    }
    return {};
}

std::string BodyReader::needed_text(const char* key, std::size_t most_bytes, const std::string& remedy,
                                    bool several_lines) {
    const nlohmann::json* const value = find(key);
    if ((value == nullptr && json_.is_object()) || (value != nullptr && *value == "")) {
        complain(quoted(key) + " is missing", remedy);
        return {};
    }
    return text(key, most_bytes, several_lines);
}

std::optional<Duration> BodyReader::duration(const char* key) {
    const nlohmann::json* const value = find(key);
    if (value == nullptr) return std::nullopt;
    const auto length = value->is_string() ? parse_duration(value->get_ref<const std::string&>()) : std::nullopt;
    if (length && *length > Duration::zero()) return length;
    complain(quoted(key) + " is no duration", "write 30m, 2h, 7d");
    return std::nullopt;
}

std::optional<Wall> BodyReader::moment(const char* key, Wall now) {
    const nlohmann::json* const value = find(key);
    if (value == nullptr) return std::nullopt;
    if (!value->is_string()) {
        complain(quoted(key) + " is no text", "write 2026-11-22T01:02:03Z, now, or -10m");
        return std::nullopt;
    }
    const Result<Wall> at = parse_moment(value->get_ref<const std::string&>(), now);
    if (at) return *at;
    complain(quoted(key) + ": " + at.error().title, at.error().remedy);
    return std::nullopt;
}

std::optional<double> BodyReader::number(const char* key) {
    const nlohmann::json* const value = find(key);
    if (value == nullptr) return std::nullopt;
    if (value->is_number() && std::isfinite(value->get<double>())) return value->get<double>();
    complain(quoted(key) + " is no number", "write 12.5");
    return std::nullopt;
}

bool BodyReader::flag(const char* key) {
    const nlohmann::json* const value = find(key);
    if (value == nullptr) return false;
    if (value->is_boolean()) return value->get<bool>();
    complain(quoted(key) + " is neither true nor false", "");
    return false;
}

void BodyReader::complain(const std::string& title, const std::string& remedy) {
    error_.title += (error_.title.empty() ? "" : "; ") + title;
    if (!remedy.empty()) error_.remedy += (error_.remedy.empty() ? "" : "; ") + remedy;
}

Result<void> BodyReader::verdict() const {
    if (error_.title.empty()) return {};
    return std::unexpected(error_);
}

}  // namespace serin
