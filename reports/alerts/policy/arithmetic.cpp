// SPDX-License-Identifier: Apache-2.0
#include "reports/alerts/policy/arithmetic.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "core/failure_classes.hpp"

namespace serin {
namespace {

constexpr int transitions = 20;

bool contains(std::span<const std::string_view> words, std::string_view word) {
    return std::ranges::find(words, word) != words.end();
}

/// Does a class that a scenario named speak of signing in? By whole words of "token_expired_auth".
bool about_authentication(std::string_view failure_class) {
    static constexpr std::array<std::string_view, 14> words{
        "auth",         "authentication", "authorization", "authorisation", "unauthenticated",
        "unauthorized", "oauth",          "unauthorised",  "login",         "logon",
        "signin",       "forbidden",      "credential",    "credentials"};
    while (!failure_class.empty()) {
        const std::size_t end = std::min(failure_class.find_first_of("_-. "), failure_class.size());
        if (contains(words, failure_class.substr(0, end))) return true;
        failure_class.remove_prefix(std::min(end + 1, failure_class.size()));
    }
    return false;
}

}  // namespace

Interval wilson(std::int64_t bad, std::int64_t all, double z) {
    if (all <= 0) return {};
    const double n = static_cast<double>(all);
    const double share = static_cast<double>(std::clamp<std::int64_t>(bad, 0, all)) / n;
    const double squared = z * z;
    const double centre = (share + squared / (2 * n)) / (1 + squared / n);
    const double half = z / (1 + squared / n) * std::sqrt(share * (1 - share) / n + squared / (4 * n * n));
    return {.low = bad <= 0 ? 0 : std::max(0.0, centre - half), .high = bad >= all ? 1 : std::min(1.0, centre + half)};
}

bool Flapping::record(bool bad) {
    changes_ >>= 1U;
    if (states_ > 0 && bad != last_) changes_ |= 1U << static_cast<unsigned>(transitions - 1);
    states_ = std::min(states_ + 1, transitions + 1);
    last_ = bad;
    const double changed = percent();
    const bool before = flapping_;
    if (changed >= high) flapping_ = true;
    if (changed <= low) flapping_ = false;
    return flapping_ != before;
}

double Flapping::percent() const {
    double sum = 0;
    for (int i = 0; i < transitions; ++i) {
        if ((changes_ >> static_cast<unsigned>(i) & 1U) != 0) sum += 0.75 + 0.5 * i / (transitions - 1);
    }
    return sum * 100 / transitions;
}

std::span<const BurnWindow> burn_windows() {
    using std::chrono::hours;
    using std::chrono::minutes;
    static constexpr std::array<BurnWindow, 4> windows{
        BurnWindow{.long_window = hours(1), .short_window = minutes(5), .rate = 14.4},
        BurnWindow{.long_window = hours(6), .short_window = minutes(30), .rate = 6},
        BurnWindow{.long_window = hours(24), .short_window = hours(2), .rate = 3},
        BurnWindow{.long_window = hours(72), .short_window = hours(6), .rate = 1},
    };
    return windows;
}

int root_order(std::string_view failure_class) {
    static constexpr std::array<std::string_view, 2> not_run{"stale", "missed_runs"};
    static constexpr std::array<std::string_view, 5> network{"connection_refused", "connection_reset", "unreachable",
                                                             "connect_timeout", "proxy_failure"};
    static constexpr std::array<std::string_view, 3> consequences{"slow", "budget_burn", "flaky"};
    if (own_fault(failure_class) || contains(not_run, failure_class)) return 0;
    if (failure_class.starts_with("dns_")) return 1;
    if (contains(network, failure_class)) return 2;
    if (failure_class.starts_with("tls_")) return 3;
    if (about_authentication(failure_class)) return 4;
    return contains(consequences, failure_class) ? 6 : 5;
}

}  // namespace serin
