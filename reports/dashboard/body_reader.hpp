// SPDX-License-Identifier: Apache-2.0
// Internal to reports/dashboard: reads one JSON object key by key and gathers what is wrong with it.
#pragma once
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "core/result.hpp"
#include "core/time.hpp"

namespace serin {

class BodyReader {
public:
    /// `json` must outlive it. Keys beside `known` are complaints.
    BodyReader(const nlohmann::json& json, const std::vector<std::string>& known);

    /// Empty when it is absent or wrong.
    [[nodiscard]] std::string text(const char* key, std::size_t most_bytes, bool several_lines = false);
    /// A complaint with `remedy` when it is absent or empty.
    [[nodiscard]] std::string needed_text(const char* key, std::size_t most_bytes, const std::string& remedy,
                                          bool several_lines = false);
    /// Longer than zero.
    [[nodiscard]] std::optional<Duration> duration(const char* key);
    [[nodiscard]] std::optional<Wall> moment(const char* key, Wall now);
    [[nodiscard]] std::optional<double> number(const char* key);
    [[nodiscard]] bool flag(const char* key);
    void complain(const std::string& title, const std::string& remedy);

    /// Every complaint in one Error.
    [[nodiscard]] Result<void> verdict() const;

private:
    [[nodiscard]] const nlohmann::json* find(const char* key) const;

    const nlohmann::json& json_;
    Error error_;
};

}  // namespace serin
