// SPDX-License-Identifier: Apache-2.0
#include "runner/serve/log_rate.hpp"

#include <functional>
#include <memory>

namespace serin {
namespace {

constexpr unsigned count_bits = 24;
constexpr std::uint64_t count_mask = (std::uint64_t{1} << count_bits) - 1;

std::int64_t second_of(Wall t) {
    return std::chrono::floor<std::chrono::seconds>(t).time_since_epoch().count();
}

}  // namespace

EventRate::~EventRate() {
    for (const Place& place : places_) delete place.event.load();
}

/// Linear probing from the word's hash; a place is claimed once and for ever.
EventRate::Place& EventRate::place_of(std::string_view event) {
    const std::size_t start = std::hash<std::string_view>{}(event);
    for (std::size_t i = 0; i < places_.size(); ++i) {
        Place& place = places_[(start + i) % places_.size()];
        const std::string* held = place.event.load(std::memory_order_acquire);
        if (held == nullptr) {
            auto ours = std::make_unique<const std::string>(event);
            if (place.event.compare_exchange_strong(held, ours.get(), std::memory_order_acq_rel)) {
                // The place owns it until the end.
                static_cast<void>(ours.release());
                return place;
            }
        }
        if (*held == event) return place;
    }
    return others_;
}

bool EventRate::allow(std::string_view event, Wall now) {
    Place& place = place_of(event);
    const std::uint64_t second = static_cast<std::uint64_t>(second_of(now)) << count_bits;
    std::uint64_t window = place.window.load(std::memory_order_relaxed);
    std::uint64_t next = 0;
    do {
        const bool same_second = (window & ~count_mask) == second;
        const std::uint64_t lines = same_second ? window & count_mask : 0;
        if (lines >= static_cast<std::uint64_t>(per_second_)) {
            place.left_out.fetch_add(1, std::memory_order_relaxed);
            return false;
        }
        next = second | (lines + 1);
    } while (!place.window.compare_exchange_weak(window, next, std::memory_order_relaxed));
    return true;
}

bool EventRate::new_second(Wall now) {
    const std::int64_t second = second_of(now);
    if (last_second_.load(std::memory_order_relaxed) == second) return false;
    return last_second_.exchange(second, std::memory_order_relaxed) != second;
}

std::vector<EventRate::LeftOut> EventRate::left_out() {
    std::vector<LeftOut> all;
    for (Place& place : places_) {
        const std::string* event = place.event.load(std::memory_order_acquire);
        if (event == nullptr) continue;
        if (const std::int64_t lines = place.left_out.exchange(0, std::memory_order_relaxed); lines > 0)
            all.push_back({.event = *event, .lines = lines});
    }
    if (const std::int64_t lines = others_.left_out.exchange(0, std::memory_order_relaxed); lines > 0)
        all.push_back({.event = "others", .lines = lines});
    return all;
}

}  // namespace serin
