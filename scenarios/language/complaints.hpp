// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstddef>
#include <string>
#include <vector>

#include "core/result.hpp"

namespace serin {

/// Collects the mistakes of one load. While an included file is read, each gets the place that included it.
class Complaints {
public:
    void error(const Place& place, std::string title, std::string note = {}, std::string remedy = {});
    void warning(const Place& place, std::string title, std::string note = {}, std::string remedy = {});
    void add(Mistake mistake);
    void add(Mistakes mistakes);

    /// Errors so far: a caller that compares two values knows whether a part was fine.
    [[nodiscard]] std::size_t errors() const { return errors_; }
    /// Who includes the file that is being read, innermost first.
    [[nodiscard]] const std::vector<Place>& includers() const { return includers_; }
    /// All of them in the order of the file that was asked for, each once (an alias repeats its mistakes).
    [[nodiscard]] Mistakes take();

    /// Marks all mistakes noted during its life as made in a file that `includer` names.
    class Included {
    public:
        Included(Complaints& complaints, const Place& includer);
        ~Included();
        Included(const Included&) = delete;
        Included& operator=(const Included&) = delete;

    private:
        Complaints& complaints_;
        std::vector<Place> outer_;
    };

private:
    Mistakes mistakes_;
    std::size_t errors_ = 0;
    std::vector<Place> includers_;  // innermost first
};

}  // namespace serin
