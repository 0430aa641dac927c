// SPDX-License-Identifier: Apache-2.0
// Texts of the configuration that have a form of their own.
#pragma once
#include <cstdint>
#include <optional>
#include <string_view>

namespace serin {

/// "512MiB", "4GiB", "1.5GB", "100B" to bytes: IEC units are powers of 1024, SI units of 1000. A bare number has no
/// unit and is refused; nullopt also for an overflow.
[[nodiscard]] std::optional<std::int64_t> parse_byte_size(std::string_view text);

/// "02:00" to the minute of the day, 0 … 1439.
[[nodiscard]] std::optional<int> parse_time_of_day(std::string_view text);

/// The form "2026-11-22T02:00", with ":30" for seconds or without; whether there is such a day is not looked at.
[[nodiscard]] bool looks_like_local_time(std::string_view text);

/// "5%", "99.95%" to 0.05 and 0.9995. A bare number is refused: a reader cannot tell 5 % from 500 %. nullopt also
/// beyond 0 % … 100 %.
[[nodiscard]] std::optional<double> parse_share(std::string_view text);

/// "2 of 3"; 1 <= x <= y <= 100.
struct XOfY {
    int x = 0, y = 0;
};
[[nodiscard]] std::optional<XOfY> parse_x_of_y(std::string_view text);

/// 64 hexadecimal digits of either case.
[[nodiscard]] bool is_sha256(std::string_view text);

}  // namespace serin
