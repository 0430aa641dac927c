// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <vector>

#include "core/time.hpp"

namespace serin {

/// Tells when discovered files have changed: by name, size, inode and time of change. Looks at the disk only when asked.
class Discovery {
public:
    Discovery() = default;
    Discovery(std::vector<std::string> patterns, Duration every);
    /// True when something differs from the last look. Looks at most once in `every`.
    [[nodiscard]] bool changed(Steady now);

private:
    [[nodiscard]] std::vector<std::string> look() const;
    std::vector<std::string> patterns_;
    Duration every_{};
    Steady next_look_{};
    std::vector<std::string> seen_;
};

}  // namespace serin
