// SPDX-License-Identifier: Apache-2.0
#include "reports/store/sketch.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

namespace serin {
namespace {

constexpr double accuracy = 0.01;
constexpr double gamma = (1 + accuracy) / (1 - accuracy);
constexpr double smallest = 1e-6;  ///< below it a value counts as zero
constexpr double largest = 1e15;   ///< values are clamped to it: sums stay finite
/// Of `smallest` and `largest`, with room for rounding.
constexpr std::int32_t lowest_index = -691, highest_index = 1728;
/// Doubles count exactly up to here, and sums of a few counts do not overflow.
constexpr std::int64_t most = std::int64_t{1} << 53;

std::int32_t index_of(double value) {
    static const double log_gamma = std::log(gamma);
    return static_cast<std::int32_t>(std::ceil(std::log(value) / log_gamma));
}

/// The value whose relative distance to both ends of the bucket is the accuracy.
double middle_of(std::int32_t index) {
    return 2 * std::pow(gamma, index) / (gamma + 1);
}

std::int64_t capped_sum(std::int64_t a, std::int64_t b) {
    return std::min(a + b, most);
}

// --- bytes: version, then numbers of seven bits a byte (the lowest first, the top bit says that more follow) ---

constexpr char version = 1;

void put_number(std::string& bytes, std::uint64_t number) {
    while (number >= 0x80) {
        bytes += static_cast<char>((number & 0x7f) | 0x80);
        number >>= 7;
    }
    bytes += static_cast<char>(number);
}

void put_double(std::string& bytes, double value) {
    const auto bits = std::bit_cast<std::uint64_t>(value);
    for (int shift = 0; shift < 64; shift += 8) bytes += static_cast<char>((bits >> shift) & 0xff);
}

class Bytes {
public:
    explicit Bytes(std::string_view rest) : rest_(rest) {}

    std::uint64_t byte() {
        if (rest_.empty()) {
            good_ = false;
            return 0;
        }
        const auto first = static_cast<unsigned char>(rest_.front());
        rest_.remove_prefix(1);
        return first;
    }
    /// At most 2^53.
    std::int64_t number() {
        std::uint64_t value = 0;
        for (unsigned shift = 0; shift < 56; shift += 7) {
            const std::uint64_t next = byte();
            value |= (next & 0x7f) << shift;
            if (next < 0x80) {
                // A longer form of a short number is none of ours.
                good_ = good_ && (next != 0 || shift == 0) && value <= std::uint64_t{most};
                return static_cast<std::int64_t>(value);
            }
        }
        good_ = false;
        return 0;
    }
    double real() {
        std::uint64_t bits = 0;
        for (unsigned shift = 0; shift < 64; shift += 8) bits |= byte() << shift;
        return std::bit_cast<double>(bits);
    }
    [[nodiscard]] bool good() const { return good_; }
    [[nodiscard]] bool ended() const { return rest_.empty(); }

private:
    std::string_view rest_;
    bool good_ = true;
};

}  // namespace

void Sketch::add(double value, std::int64_t times) {
    if (!std::isfinite(value) || times < 1) return;
    times = std::min(times, most - count_);
    if (times == 0) return;
    value = std::clamp(value, 0.0, largest);
    min_ = count_ == 0 ? value : std::min(min_, value);
    max_ = count_ == 0 ? value : std::max(max_, value);
    sum_ += value * static_cast<double>(times);
    count_ += times;
    if (value < smallest) {
        zeros_ += times;
        return;
    }
    const std::int32_t index = index_of(value);
    const auto place = std::ranges::lower_bound(buckets_, index, {}, &Bucket::index);
    if (place != buckets_.end() && place->index == index) {
        place->count += times;
        return;
    }
    buckets_.insert(place, Bucket{.index = index, .count = times});
    collapse();
}

void Sketch::merge(const Sketch& other) {
    if (other.count_ == 0) return;
    min_ = count_ == 0 ? other.min_ : std::min(min_, other.min_);
    max_ = count_ == 0 ? other.max_ : std::max(max_, other.max_);
    sum_ += other.sum_;
    zeros_ = capped_sum(zeros_, other.zeros_);
    std::vector<Bucket> both;
    both.reserve(buckets_.size() + other.buckets_.size());
    std::ranges::merge(buckets_, other.buckets_, std::back_inserter(both), {}, &Bucket::index, &Bucket::index);
    buckets_.clear();
    count_ = zeros_;
    for (const Bucket& bucket : both) {
        // The count of all stays exact however large: what is beyond `most` is given up in the highest buckets.
        const std::int64_t fits = std::min(bucket.count, most - count_);
        if (fits == 0) break;
        count_ += fits;
        if (!buckets_.empty() && buckets_.back().index == bucket.index)
            buckets_.back().count += fits;
        else
            buckets_.push_back(Bucket{.index = bucket.index, .count = fits});
    }
    collapse();
}

void Sketch::collapse() {
    if (buckets_.size() <= max_buckets) return;
    const std::size_t surplus = buckets_.size() - max_buckets;
    for (std::size_t i = 0; i < surplus; ++i) buckets_[surplus].count += buckets_[i].count;
    buckets_.erase(buckets_.begin(), buckets_.begin() + static_cast<std::ptrdiff_t>(surplus));
}

std::optional<double> Sketch::quantile(double q) const {
    if (count_ == 0 || std::isnan(q)) return std::nullopt;
    const double rank = std::floor(std::clamp(q, 0.0, 1.0) * static_cast<double>(count_ - 1));
    if (rank >= static_cast<double>(count_ - 1)) return max_;
    auto seen = static_cast<double>(zeros_);
    if (rank < seen) return min_ < smallest ? min_ : 0.0;
    for (const Bucket& bucket : buckets_) {
        seen += static_cast<double>(bucket.count);
        if (rank < seen) return std::clamp(middle_of(bucket.index), min_, max_);
    }
    return max_;
}

std::string Sketch::encode() const {
    std::string bytes(1, version);
    put_number(bytes, static_cast<std::uint64_t>(zeros_));
    put_number(bytes, buckets_.size());
    put_double(bytes, sum_);
    put_double(bytes, min_);
    put_double(bytes, max_);
    std::int32_t before = lowest_index - 1;
    for (const Bucket& bucket : buckets_) {
        put_number(bytes, static_cast<std::uint64_t>(bucket.index - before));
        put_number(bytes, static_cast<std::uint64_t>(bucket.count));
        before = bucket.index;
    }
    return bytes;
}

std::optional<Sketch> Sketch::decode(std::string_view text) {
    Bytes bytes(text);
    if (bytes.byte() != static_cast<std::uint64_t>(version)) return std::nullopt;
    Sketch sketch;
    sketch.zeros_ = bytes.number();
    const std::int64_t buckets = bytes.number();
    sketch.sum_ = bytes.real();
    sketch.min_ = bytes.real();
    sketch.max_ = bytes.real();
    if (!bytes.good() || buckets > std::int64_t{max_buckets}) return std::nullopt;
    sketch.count_ = sketch.zeros_;
    std::int64_t index = lowest_index - 1;
    for (std::int64_t i = 0; i < buckets; ++i) {
        const std::int64_t distance = bytes.number();
        const std::int64_t count = bytes.number();
        if (!bytes.good() || distance < 1 || distance > highest_index - index) return std::nullopt;
        if (count < 1 || count > most - sketch.count_) return std::nullopt;
        index += distance;
        sketch.count_ += count;
        sketch.buckets_.push_back(Bucket{.index = static_cast<std::int32_t>(index), .count = count});
    }
    if (!bytes.ended() || !sketch.consistent()) return std::nullopt;
    return sketch;
}

bool Sketch::consistent() const {
    if (!std::isfinite(sum_) || !std::isfinite(min_) || !std::isfinite(max_)) return false;
    if (std::signbit(sum_) || std::signbit(min_) || min_ > max_ || max_ > largest) return false;
    if (count_ == 0) return sum_ == 0 && max_ == 0;
    if ((zeros_ > 0) != (min_ < smallest)) return false;
    // The highest bucket is never collapsed, so it is the one of the greatest value.
    return buckets_.empty() ? max_ < smallest : index_of(std::max(max_, smallest)) == buckets_.back().index;
}

}  // namespace serin
