// SPDX-License-Identifier: Apache-2.0
#include "runner/schedule/grid.hpp"

#include <string_view>

namespace serin {
namespace {

// The published parameters of 64-bit FNV-1a. They must never change: phases would move with them.
constexpr std::uint64_t fnv_offset = 0xcbf29ce484222325;
constexpr std::uint64_t fnv_prime = 0x00000100000001b3;
constexpr char separator = '\x1f';

std::uint64_t mixed(std::uint64_t hash, unsigned char byte) {
    return (hash ^ byte) * fnv_prime;
}

std::uint64_t mixed(std::uint64_t hash, std::string_view text) {
    for (const char c : text) hash = mixed(hash, static_cast<unsigned char>(c));
    return hash;
}

Duration remainder(std::uint64_t hash, Duration range) {
    if (range <= Duration::zero()) return Duration::zero();
    return Duration(static_cast<Duration::rep>(hash % static_cast<std::uint64_t>(range.count())));
}

}  // namespace

std::uint64_t hash_of(const CellKey& key) {
    std::uint64_t hash = mixed(fnv_offset, key.probe);
    for (const std::string* field : {&key.vantage, &key.target, &key.profile, &key.cell})
        hash = mixed(mixed(hash, static_cast<unsigned char>(separator)), *field);
    return hash;
}

Duration phase_of(std::uint64_t key_hash, Duration every) {
    return remainder(key_hash, every);
}

Duration jitter_of(std::uint64_t key_hash, Wall slot, Duration jitter) {
    if (jitter <= Duration::zero()) return Duration::zero();
    const auto at = static_cast<std::uint64_t>(slot.time_since_epoch().count());
    std::uint64_t hash = key_hash;
    for (unsigned shift = 0; shift < 64; shift += 8) hash = mixed(hash, static_cast<unsigned char>(at >> shift & 0xff));
    return remainder(hash, jitter);
}

Duration phase_of(const CellKey& key, Duration every) {
    return phase_of(hash_of(key), every);
}

Duration jitter_of(const CellKey& key, Wall slot, Duration jitter) {
    return jitter_of(hash_of(key), slot, jitter);
}

Wall slot_at_or_after(Wall t, Duration every, Duration phase) {
    const Duration beyond = (t.time_since_epoch() - phase) % every;  // in (-every, every), with the sign of its left
    if (beyond == Duration::zero()) return t;
    return t - beyond + (beyond > Duration::zero() ? every : Duration::zero());
}

}  // namespace serin
