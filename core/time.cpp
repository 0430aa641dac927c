// SPDX-License-Identifier: Apache-2.0
#include "core/time.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <array>
#include <cstdint>

namespace serin {
namespace {

struct Unit {
    std::string_view written;   ///< in scenarios: "1m30s"
    std::string_view readable;  ///< for people: "1.5 min"
    std::int64_t nanoseconds;
};

constexpr std::array units{
    Unit{"d", "d", 86'400'000'000'000},
    Unit{"h", "h", 3'600'000'000'000},
    Unit{"m", "min", 60'000'000'000},
    Unit{"s", "s", 1'000'000'000},
    Unit{"ms", "ms", 1'000'000},
    Unit{"us", "us", 1'000},
    Unit{"ns", "ns", 1},
};

/// Takes the characters that satisfy `wanted` off the front of `text`.
template <class Wanted>
std::string_view take_while(std::string_view& text, Wanted wanted) {
    std::size_t length = 0;
    while (length < text.size() && wanted(text[length])) ++length;
    const std::string_view taken = text.substr(0, length);
    text.remove_prefix(length);
    return taken;
}

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}
bool is_letter(char c) {
    return c >= 'a' && c <= 'z';
}

/// `whole`.`fraction` of `unit`, in integers throughout: "0.1s" is 100 ms exactly. What is finer than a nanosecond is
/// dropped.
std::optional<std::int64_t> in_nanoseconds(std::string_view whole, std::string_view fraction, std::int64_t unit) {
    std::int64_t total = 0;
    for (const char digit : whole) {
        if (__builtin_mul_overflow(total, 10, &total) || __builtin_add_overflow(total, digit - '0', &total))
            return std::nullopt;
    }
    if (__builtin_mul_overflow(total, unit, &total)) return std::nullopt;
    // Each digit weighs a tenth of the one before; the remainder is carried so that no digit is lost to rounding.
    std::int64_t rest = 0;
    std::int64_t scale = 1;
    for (const char digit : fraction) {
        if (scale > 1'000'000'000'000) break;
        rest = rest * 10 + (digit - '0');
        scale *= 10;
    }
    const auto part = static_cast<std::int64_t>(static_cast<__int128>(rest) * unit / scale);
    if (__builtin_add_overflow(total, part, &total)) return std::nullopt;
    return total;
}

/// Rounded to three significant digits.
std::int64_t rounded(std::int64_t value) {
    std::int64_t step = 1;
    while (value / step >= 1000) step *= 10;
    return (value / step + (value % step >= (step + 1) / 2 && step > 1 ? 1 : 0)) * step;
}

/// The unit in which people read `nanoseconds`: seconds up to two minutes, minutes up to two hours, hours up to two
/// days.
const Unit& readable_unit(std::int64_t nanoseconds) {
    for (const Unit& unit : units) {
        const std::int64_t least = unit.nanoseconds > 1'000'000'000 ? 2 * unit.nanoseconds : unit.nanoseconds;
        if (nanoseconds >= least) return unit;
    }
    return units.back();
}

}  // namespace

Duration Deadline::left(Steady now) const {
    if (at == Steady::max()) return Duration::max();
    return at <= now ? Duration::zero() : Duration(at - now);
}

Deadline deadline_after(Steady now, Duration d) {
    if (d >= Steady::max() - now) return Deadline::never();
    return Deadline{now + d};
}

boost::asio::awaitable<void> sleep_until(Clock& clock, Steady until) {
    const std::unique_ptr<Bell> bell = clock.make_bell();
    co_await bell->wait_until(until);
}

std::optional<Duration> parse_duration(std::string_view text) {
    if (text.empty()) return std::nullopt;
    std::int64_t total = 0;
    auto next_unit =
        units.begin();  // units come largest first and once each: "30s1m" is more likely a slip than a wish
    while (!text.empty()) {
        const std::string_view whole = take_while(text, is_digit);
        if (whole.empty()) return std::nullopt;
        std::string_view fraction;
        if (text.starts_with('.')) {
            text.remove_prefix(1);
            fraction = take_while(text, is_digit);
            if (fraction.empty()) return std::nullopt;
        }
        const std::string_view name = take_while(text, is_letter);
        while (next_unit != units.end() && next_unit->written != name) ++next_unit;
        if (next_unit == units.end()) return std::nullopt;
        const auto part = in_nanoseconds(whole, fraction, next_unit->nanoseconds);
        if (!part || __builtin_add_overflow(total, *part, &total)) return std::nullopt;
        ++next_unit;
    }
    return Duration(total);
}

std::string human_duration(Duration d) {
    // The most negative duration has no positive twin; one nanosecond in 292 years is not missed.
    const std::int64_t count =
        d == Duration::min() ? Duration::max().count() : (d.count() < 0 ? -d.count() : d.count());
    const char* sign = d.count() < 0 ? "-" : "";
    const std::int64_t first_guess = readable_unit(count).nanoseconds;
    // Rounding may carry into the next unit: 999.9 ms reads "1 s".
    const std::int64_t value = first_guess > 1'000'000'000 ? count : rounded(count);
    const Unit& unit = readable_unit(value);
    return fmt::format("{}{:.3g} {}", sign, static_cast<double>(value) / static_cast<double>(unit.nanoseconds),
                       unit.readable);
}

std::string rfc3339(Wall t) {
    const auto milliseconds = std::chrono::floor<std::chrono::milliseconds>(t);
    const auto seconds = std::chrono::floor<std::chrono::seconds>(milliseconds);
    const std::time_t whole = std::chrono::system_clock::to_time_t(seconds);
    return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03}Z", fmt::gmtime(whole), (milliseconds - seconds).count());
}

}  // namespace serin
