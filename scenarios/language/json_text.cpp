// SPDX-License-Identifier: Apache-2.0
#include "scenarios/language/json_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/names.hpp"

namespace serin {
namespace {

using nlohmann::json;

// Far more than a person wants to see: who prints it clips again, after redaction, for a secret that is cut in two here
// would no longer be recognised there.
constexpr std::size_t shown_bytes = 4096;

/// Of the brackets outside texts; the text need not be JSON.
int nesting_of(std::string_view text) {
    int depth = 0, deepest = 0;
    bool quoted = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (quoted) {
            if (c == '\\') ++i;
            if (c == '"') quoted = false;
        } else if (c == '"') {
            quoted = true;
        } else if (c == '[' || c == '{') {
            deepest = std::max(deepest, ++depth);
        } else if (c == ']' || c == '}') {
            --depth;
        }
    }
    return deepest;
}

std::size_t weight_of(const json& value, int depth_left) {
    if (depth_left == 0) return SIZE_MAX;
    std::size_t sum = sizeof(json);
    if (value.is_string()) return sum + value.get_ref<const std::string&>().size();
    const auto add = [&](const json& child) {
        const std::size_t weight = weight_of(child, depth_left - 1);
        sum = weight == SIZE_MAX ? SIZE_MAX : sum + weight;
        return sum != SIZE_MAX;
    };
    if (value.is_array()) {
        for (const json& item : value) {
            if (!add(item)) return SIZE_MAX;
        }
    } else if (value.is_object()) {
        for (const auto& [key, child] : value.get_ref<const json::object_t&>()) {
            if (!add(child)) return SIZE_MAX;
            sum += key.size();
        }
    }
    return sum;
}

std::string compact(const json& value) {
    return value.dump(-1, ' ', false, json::error_handler_t::replace);
}

/// Writes until `bytes` are full, so that an excerpt of a large document costs no more than the excerpt.
class Excerpt {
public:
    explicit Excerpt(std::size_t bytes) : bytes_(bytes) {}
    std::string text;

    void write(const json& value, int depth) {
        if (full()) return;
        if (depth == 0 && value.is_structured()) {
            text += "…";
        } else if (value.is_array()) {
            text += '[';
            for (const json& item : value) {
                separate('[');
                write(item, depth - 1);
                if (full()) return;
            }
            text += ']';
        } else if (value.is_object()) {
            text += '{';
            for (const auto& [key, child] : value.get_ref<const json::object_t&>()) {
                separate('{');
                text += compact(clipped(key, bytes_ + 1));
                text += ':';
                write(child, depth - 1);
                if (full()) return;
            }
            text += '}';
        } else if (value.is_string() && value.get_ref<const std::string&>().size() > bytes_) {
            text += compact(value.get_ref<const std::string&>().substr(0, bytes_ + 1));
        } else {
            text += compact(value);
        }
    }

private:
    [[nodiscard]] bool full() const { return text.size() > bytes_; }
    void separate(char open) {
        if (text.back() != open) text += ',';
    }
    std::size_t bytes_;
};

}  // namespace

Result<json> parse_json(std::string_view text) {
    if (nesting_of(text) > deepest_json) return fail(fmt::format("the JSON nests deeper than {} levels", deepest_json));
    json value = json::parse(text, nullptr, false);
    if (!value.is_discarded()) return value;
    if (text.empty()) return fail("the text is empty, not JSON");
    return fail(fmt::format("not JSON: {}", json_excerpt(json(std::string(text)), shown_bytes)));
}

std::size_t json_weight(const json& value) {
    return weight_of(value, deepest_json + 1);
}

std::string json_excerpt(const json& value, std::size_t bytes) {
    Excerpt excerpt{bytes};
    excerpt.write(value, deepest_json);
    if (excerpt.text.size() <= bytes) return std::move(excerpt.text);
    // Cut at a character, then say so.
    std::size_t end = bytes;
    while (end > 0 && (static_cast<unsigned char>(excerpt.text[end]) & 0xC0) == 0x80) --end;
    return excerpt.text.substr(0, end) + "…";
}

std::string with_type(const json& value) {
    std::string text = json_excerpt(value, shown_bytes);
    switch (value.type()) {
        case json::value_t::null:
            return text + "  (JSON null)";
        case json::value_t::boolean:
            return text + "  (boolean)";
        case json::value_t::number_integer:
        case json::value_t::number_unsigned:
            return text + "  (integer)";
        case json::value_t::number_float:
            return text + "  (number)";
        case json::value_t::array:
            return fmt::format("{}  (list of {})", text, value.size());
        case json::value_t::object:
            return text + "  (object)";
        case json::value_t::string: {
            const std::size_t size = value.get_ref<const std::string&>().size();
            return size > shown_bytes ? fmt::format("{}  (string of {} bytes)", text, size) : text + "  (string)";
        }
        default:
            return text;
    }
}

std::string plain_text(const json& value) {
    if (value.is_string()) return value.get<std::string>();
    if (value.is_number_float()) return fmt::format("{}", value.get<double>());
    return compact(value);
}

}  // namespace serin
