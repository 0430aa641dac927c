// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace serin {

/// Quantiles of positive values with a relative error of at most 1 %, in bounded memory, mergeable without loss.
/// DDSketch (Masson, Rim, Lee: "DDSketch: a fast and fully-mergeable quantile sketch with relative-error guarantees",
/// PVLDB 12, 2019), logarithmic mapping, collapsing the lowest buckets beyond 512. Values below 1 µs count as zero.
class Sketch {
public:
    static constexpr std::size_t max_buckets = 512;

    /// A value that is not a finite number is passed over, and so is `times` below 1.
    void add(double value, std::int64_t times = 1);
    void merge(const Sketch& other);
    [[nodiscard]] std::int64_t count() const { return count_; }
    [[nodiscard]] double sum() const { return sum_; }
    [[nodiscard]] double min() const { return min_; }  ///< exact; 0 when empty
    [[nodiscard]] double max() const { return max_; }  ///< exact; 0 when empty
    /// Lower quantile; nullopt when empty. `q` in [0, 1]; beyond it the nearest end.
    [[nodiscard]] std::optional<double> quantile(double q) const;
    /// Compact bytes, versioned; decode() gives nullopt for anything that encode() did not make.
    [[nodiscard]] std::string encode() const;
    [[nodiscard]] static std::optional<Sketch> decode(std::string_view bytes);
    bool operator==(const Sketch&) const = default;

private:
    /// Values v with γ^(index-1) < v <= γ^index.
    struct Bucket {
        std::int32_t index = 0;
        std::int64_t count = 0;
        bool operator==(const Bucket&) const = default;
    };
    void collapse();
    [[nodiscard]] bool consistent() const;

    std::vector<Bucket> buckets_;  ///< by index, ascending; no count is zero
    std::int64_t zeros_ = 0, count_ = 0;
    double sum_ = 0, min_ = 0, max_ = 0;
};

}  // namespace serin
