// SPDX-License-Identifier: Apache-2.0
#include "reports/metrics/metrics_writer.hpp"

#include <fmt/format.h>

#include <charconv>
#include <cmath>

#include "core/utf8.hpp"

namespace serin {
namespace {

constexpr std::size_t number_room = 32;     // any integer, double or timestamp
constexpr std::size_t exemplar_room = 128;  // ` # {run_id="…"} 0.054 1645557742.004`

char* put(char* at, std::string_view text) {
    std::memcpy(at, text.data(), text.size());
    return at + text.size();
}

char* put(char* at, std::int64_t value) {
    if (value >= 0 && value < 10) {
        *at = static_cast<char>('0' + value);
        return at + 1;
    }
    return std::to_chars(at, at + number_room, value).ptr;
}

// value / 10^digits without a rounding error; trailing zeros of the fraction are left out.
char* put_fraction(char* at, std::int64_t value, int digits, std::int64_t scale) {
    if (value < 0) {
        *at++ = '-';
        value = -value;
    }
    at = put(at, value / scale);
    std::int64_t rest = value % scale;
    if (rest == 0) return at;
    *at++ = '.';
    char* const end = at + digits;
    for (char* digit = end; digit != at; rest /= 10) *--digit = static_cast<char>('0' + rest % 10);
    char* last = end;
    while (last[-1] == '0') --last;
    return last;
}

char* put_seconds(char* at, Duration value) {
    return put_fraction(at, value.count(), 9, 1'000'000'000);
}

char* put_moment(char* at, std::int64_t unix_milliseconds) {
    return put_fraction(at, unix_milliseconds, 3, 1'000);
}

char* put_real(char* at, double value) {
    if (std::isnan(value)) return put(at, "NaN");
    if (std::isinf(value)) return put(at, value > 0 ? "+Inf" : "-Inf");
    return std::to_chars(at, at + number_room, value).ptr;
}

bool ends_with_unit(const MetricFamily& family, std::string_view name) {
    return !family.unit.empty() && name.ends_with(family.unit);
}

}  // namespace

std::string escaped_label(std::string_view text) {
    std::string escaped;
    escaped.reserve(text.size());
    for (std::size_t at = 0; at < text.size();) {
        const CodePoint point = code_point_at(text, at);
        if (!point.valid) {
            escaped += "\xef\xbf\xbd";
        } else if (text[at] == '\n') {
            escaped += "\\n";
        } else {
            if (text[at] == '\\' || text[at] == '"') escaped += '\\';
            escaped += text.substr(at, point.bytes);
        }
        at += point.bytes;
    }
    return escaped;
}

std::string label_name(std::string_view text) {
    const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; };
    const auto digit = [](char c) { return c >= '0' && c <= '9'; };
    std::string name;
    if (text.empty() || digit(text[0])) name = "_";
    for (const char c : text) name += letter(c) || digit(c) ? c : '_';
    return name;
}

MetricsWriter::MetricsWriter(MetricsFormat format, std::size_t expected)
    : openmetrics_(format == MetricsFormat::openmetrics) {
    text_.reserve(expected);
}

void MetricsWriter::begin(const MetricFamily& family) {
    name_ = family.name;
    // In OpenMetrics a family is named without the suffix that its samples have.
    std::string_view name = family.name;
    if (openmetrics_ && family.type == MetricType::counter) name.remove_suffix(std::string_view("_total").size());
    if (openmetrics_ && family.type == MetricType::info) name.remove_suffix(std::string_view("_info").size());
    const bool info_as_gauge = !openmetrics_ && family.type == MetricType::info;
    const auto line = [this, name](std::string_view keyword, std::string_view value) {
        text_.append("# ").append(keyword).append(" ").append(name).append(" ").append(value).append("\n");
    };
    line("HELP", family.help);
    line("TYPE", info_as_gauge ? "gauge" : name_of(family.type));
    if (openmetrics_ && ends_with_unit(family, name)) line("UNIT", family.unit);
}

char* MetricsWriter::head(char* at, std::string_view suffix, std::string_view labels, std::string_view more) const {
    at = put(put(at, name_), suffix);
    if (!labels.empty() || !more.empty()) {
        *at++ = '{';
        at = put(at, labels);
        at = put(at, labels.empty() ? more.substr(1) : more);
        *at++ = '}';
    }
    *at++ = ' ';
    return at;
}

char* MetricsWriter::tail(char* at, const Exemplar* exemplar) const {
    if (openmetrics_ && exemplar != nullptr && exemplar->size > 0) {
        at = put(at, " # {run_id=\"");
        at = put(at, {exemplar->run_id.data(), exemplar->size});
        at = put(at, "\"} ");
        at = exemplar->counter ? put(at, "1") : put_seconds(at, exemplar->value);
        *at++ = ' ';
        at = put_moment(at, exemplar->unix_milliseconds);
    }
    *at++ = '\n';
    return at;
}

template <class Write>
void MetricsWriter::line(std::string_view labels, std::string_view more, const Exemplar* exemplar, Write write) {
    const std::size_t before = text_.size();
    const std::size_t room = name_.size() + labels.size() + more.size() + 4 + number_room + exemplar_room;
    text_.resize_and_overwrite(before + room, [&](char* text, std::size_t) {
        return static_cast<std::size_t>(tail(write(head(text + before, "", labels, more)), exemplar) - text);
    });
}

void MetricsWriter::integer(std::string_view labels, std::string_view more, std::int64_t value,
                            const Exemplar* exemplar) {
    line(labels, more, exemplar, [value](char* at) { return put(at, value); });
}

void MetricsWriter::seconds(std::string_view labels, std::string_view more, Duration value) {
    line(labels, more, nullptr, [value](char* at) { return put_seconds(at, value); });
}

void MetricsWriter::moment(std::string_view labels, std::string_view more, std::int64_t unix_milliseconds) {
    line(labels, more, nullptr, [unix_milliseconds](char* at) { return put_moment(at, unix_milliseconds); });
}

void MetricsWriter::real(std::string_view labels, std::string_view more, double value) {
    line(labels, more, nullptr, [value](char* at) { return put_real(at, value); });
}

void MetricsWriter::histogram(std::string_view labels, const HistogramBounds& bounds, const std::uint64_t* buckets,
                              Duration sum, const Exemplar* exemplars) {
    constexpr std::string_view infinite = ",le=\"+Inf\"";
    constexpr std::size_t suffix_room = 24;  // `_bucket` and `,le="0.0005"`
    const std::size_t before = text_.size();
    const std::size_t room =
        (bounds.size() + 3) * (name_.size() + suffix_room + labels.size() + 4 + number_room + exemplar_room);
    text_.resize_and_overwrite(before + room, [&](char* text, std::size_t) {
        char* at = text + before;
        std::uint64_t count = 0;
        for (std::size_t i = 0; i <= bounds.size(); ++i) {
            count += buckets[i];
            at = head(at, "_bucket", labels, i < bounds.size() ? bounds[i].more : infinite);
            at = put(at, static_cast<std::int64_t>(count));
            at = tail(at, exemplars == nullptr ? nullptr : exemplars + i);
        }
        at = tail(put_seconds(head(at, "_sum", labels, ""), sum), nullptr);
        at = tail(put(head(at, "_count", labels, ""), static_cast<std::int64_t>(count)), nullptr);
        return static_cast<std::size_t>(at - text);
    });
}

void MetricsWriter::histogram(std::string_view labels, std::string_view more,
                              const std::vector<std::pair<double, std::int64_t>>& buckets, double sum,
                              std::int64_t count) {
    const std::string_view family = name_;
    const auto part = [&](const char* suffix, const std::string& labels_more, const auto& write) {
        const std::string name = std::string(family) + suffix;
        name_ = name;
        write(labels_more);
        name_ = family;
    };
    const auto bucket = [&](const std::string& bound, std::int64_t so_many) {
        part("_bucket", std::string(more) + ",le=\"" + bound + "\"",
             [&](const std::string& all) { integer(labels, all, so_many); });
    };
    for (const auto& [bound, so_many] : buckets) {
        if (!std::isfinite(bound)) continue;
        std::string text = fmt::format("{}", bound);
        if (text.find_first_of(".e") == std::string::npos) text += ".0";
        bucket(text, so_many);
    }
    bucket("+Inf", count);
    part("_sum", std::string(more), [&](const std::string& all) { real(labels, all, sum); });
    part("_count", std::string(more), [&](const std::string& all) { integer(labels, all, count); });
}

std::string MetricsWriter::finish() {
    if (openmetrics_) text_ += "# EOF\n";
    return std::move(text_);
}

}  // namespace serin
