// SPDX-License-Identifier: Apache-2.0
#include "scenarios/language/units.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace serin {
namespace {

struct SizeUnit {
    std::string_view name;
    std::int64_t bytes;
};
constexpr std::array size_units{
    SizeUnit{"B", 1},
    SizeUnit{"KB", 1'000},
    SizeUnit{"MB", 1'000'000},
    SizeUnit{"GB", 1'000'000'000},
    SizeUnit{"TB", 1'000'000'000'000},
    SizeUnit{"KiB", std::int64_t{1} << 10},
    SizeUnit{"MiB", std::int64_t{1} << 20},
    SizeUnit{"GiB", std::int64_t{1} << 30},
    SizeUnit{"TiB", std::int64_t{1} << 40},
};

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}
/// `form` with `0` for any digit.
bool has_form(std::string_view text, std::string_view form) {
    return std::ranges::equal(text, form, [](char c, char f) { return f == '0' ? is_digit(c) : c == f; });
}
int number(std::string_view digits) {
    int value = 0;
    std::from_chars(digits.data(), digits.data() + digits.size(), value);
    return value;
}

}  // namespace

std::optional<std::int64_t> parse_byte_size(std::string_view text) {
    const std::size_t end = std::min(text.find_first_not_of("0123456789."), text.size());
    const std::string_view digits = text.substr(0, end);
    const auto unit = std::ranges::find(size_units, text.substr(end), &SizeUnit::name);
    if (unit == size_units.end() || digits.empty() || !is_digit(digits.front()) || !is_digit(digits.back()))
        return std::nullopt;
    double count = 0;
    const auto [stopped, error] = std::from_chars(digits.data(), digits.data() + digits.size(), count);
    if (error != std::errc() || stopped != digits.data() + digits.size()) return std::nullopt;
    const double bytes = count * static_cast<double>(unit->bytes);
    if (bytes >= 0x1p63) return std::nullopt;
    return static_cast<std::int64_t>(bytes);
}

std::optional<int> parse_time_of_day(std::string_view text) {
    if (!has_form(text, "00:00")) return std::nullopt;
    const int hour = number(text.substr(0, 2)), minute = number(text.substr(3, 2));
    if (hour > 23 || minute > 59) return std::nullopt;
    return hour * 60 + minute;
}

bool looks_like_local_time(std::string_view text) {
    return has_form(text, "0000-00-00T00:00") || has_form(text, "0000-00-00T00:00:00");
}

std::optional<double> parse_share(std::string_view text) {
    if (!text.ends_with('%')) return std::nullopt;
    const std::string_view digits = text.substr(0, text.size() - 1);
    const bool plain = !digits.empty() && is_digit(digits.front()) && is_digit(digits.back()) &&
                       digits.find_first_not_of("0123456789.") == std::string_view::npos;
    double percent = 0;
    if (!plain) return std::nullopt;
    const auto [stopped, error] = std::from_chars(digits.data(), digits.data() + digits.size(), percent);
    if (error != std::errc() || stopped != digits.data() + digits.size() || percent > 100) return std::nullopt;
    return percent / 100;
}

std::optional<XOfY> parse_x_of_y(std::string_view text) {
    constexpr std::string_view between = " of ";
    const std::size_t at = text.find(between);
    if (at == std::string_view::npos) return std::nullopt;
    const auto small = [](std::string_view digits) {
        const bool fine = !digits.empty() && digits.size() <= 3 && std::ranges::all_of(digits, is_digit);
        return fine ? number(digits) : 0;
    };
    const XOfY rule{.x = small(text.substr(0, at)), .y = small(text.substr(at + between.size()))};
    if (rule.x < 1 || rule.x > rule.y || rule.y > 100) return std::nullopt;
    return rule;
}

bool is_sha256(std::string_view text) {
    return text.size() == 64 && text.find_first_not_of("0123456789abcdefABCDEF") == std::string_view::npos;
}

}  // namespace serin
