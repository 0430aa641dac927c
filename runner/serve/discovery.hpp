// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <vector>

#include "core/time.hpp"

namespace serin {

/// Tells when discovered files have changed: by name, size, inode and time of change. Looks at the disk only when
/// asked.
class Discovery {
public:
    Discovery() = default;
    /// `read_at`: when reading the files began. One that was written since may have been read half, or before: it
    /// counts as changed.
    Discovery(std::vector<std::string> patterns, Duration every, Wall read_at);
    /// True when something differs from the last look. Looks at most once in `every`.
    [[nodiscard]] bool changed(Steady now);

private:
    /// `newest`: set to the latest time of change among the files.
    [[nodiscard]] std::vector<std::string> look(Wall& newest) const;
    std::vector<std::string> patterns_;
    Duration every_{};
    Steady next_look_{};
    std::vector<std::string> seen_;
};

}  // namespace serin
