// SPDX-License-Identifier: Apache-2.0
// `serin run --only`: which cells are played.
#pragma once
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/outcome.hpp"
#include "core/result.hpp"

namespace serin {

/// True when `only` ("axis=value axis=value") selects the cell: every pair of it is one of the cell's.
[[nodiscard]] bool selects(const std::string& only, const Cell& cell);

/// Chooses among the cells of all files, and knows afterwards which wish was never met. Without wishes, all are chosen.
class Selection {
public:
    explicit Selection(const std::vector<std::string>& wishes);
    [[nodiscard]] bool wants(const Cell& cell);
    /// The first wish that selected none of the cells that wants() was asked about, and what may have been meant.
    [[nodiscard]] std::optional<Error> unmet() const;

private:
    struct Wish {
        std::string only;
        bool met = false;
    };
    std::vector<Wish> wishes_;
    std::map<std::string, std::set<std::string>> axes_;  // of all cells: name → values
};

}  // namespace serin
