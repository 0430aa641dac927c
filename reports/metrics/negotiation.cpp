// SPDX-License-Identifier: Apache-2.0
#include <charconv>
#include <string_view>

#include "reports/metrics/metrics.hpp"

namespace serin {
namespace {

// RFC 9110 §12.5.1: of all ranges that name a type, the most specific one gives its quality.
struct Quality {
    int specificity = 0;  // 0: not named; 1: */*, 2: text/*, 3: the type, 4: the type with its version
    double q = 0;
    void take(int other, double value) {
        if (other <= specificity) return;
        specificity = other;
        q = value;
    }
};

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
    return text;
}

std::string lower(std::string_view text) {
    std::string low(text);
    for (char& c : low) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    return low;
}

// Takes the part before the next `separator` outside of quotes off `text`.
std::string_view next_part(std::string_view& text, char separator) {
    bool quoted = false;
    std::size_t end = 0;
    for (; end < text.size(); ++end) {
        if (text[end] == '\\' && quoted) {
            ++end;
        } else if (text[end] == '"') {
            quoted = !quoted;
        } else if (text[end] == separator && !quoted) {
            break;
        }
    }
    const std::string_view part = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    return trimmed(part);
}

struct MediaRange {
    std::string type, version;
    double q = 1;
};

std::optional<MediaRange> parse_range(std::string_view text) {
    MediaRange range;
    range.type = lower(next_part(text, ';'));
    while (!text.empty()) {
        std::string_view value = next_part(text, ';');
        const std::string name = lower(next_part(value, '='));
        value = trimmed(value);
        if (value.size() >= 2 && value.front() == '"' && value.back() == '"') value = value.substr(1, value.size() - 2);
        if (name == "version") range.version = value;
        if (name != "q") continue;
        const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), range.q);
        if (error != std::errc{} || end != value.data() + value.size()) return std::nullopt;
        if (!(range.q >= 0 && range.q <= 1)) return std::nullopt;
    }
    return range;
}

void judge(const MediaRange& range, std::string_view type, std::string_view version, Quality& quality) {
    const std::string group = std::string(type.substr(0, type.find('/'))) + "/*";
    if (range.type == "*/*") quality.take(1, range.q);
    if (range.type == group) quality.take(2, range.q);
    if (range.type != type) return;
    if (range.version.empty()) quality.take(3, range.q);
    if (range.version == version) quality.take(4, range.q);
}

}  // namespace

MetricsFormat negotiate(const std::string& accept) {
    Quality text;
    Quality openmetrics;
    std::string_view rest = accept;
    while (!rest.empty()) {
        const auto range = parse_range(next_part(rest, ','));
        if (!range) continue;
        judge(*range, "text/plain", "0.0.4", text);
        judge(*range, "application/openmetrics-text", "1.0.0", openmetrics);
    }
    return openmetrics.q > text.q ? MetricsFormat::openmetrics : MetricsFormat::prometheus;
}

const char* content_type(MetricsFormat format) {
    return format == MetricsFormat::openmetrics ? "application/openmetrics-text; version=1.0.0; charset=utf-8"
                                                : "text/plain; version=0.0.4; charset=utf-8";
}

}  // namespace serin
