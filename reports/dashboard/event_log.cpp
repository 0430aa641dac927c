// SPDX-License-Identifier: Apache-2.0
#include "reports/dashboard/event_log.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

namespace serin {

EventLog::EventLog(std::string epoch, std::size_t capacity)
    : epoch_(std::move(epoch)), capacity_(std::max<std::size_t>(capacity, 1)) {}

std::string EventLog::id_line(std::uint64_t number) const {
    return "id: " + epoch_ + "-" + std::to_string(number) + "\n";
}

void EventLog::add(std::string_view type, std::string_view data) {
    std::string text = id_line(next_);
    text.append("event: ").append(type).append("\ndata: ").append(data).append("\n\n");
    if (events_.size() == capacity_) events_.pop_front();
    events_.push_back(std::move(text));
    ++next_;
}

void EventLog::skip() {
    events_.clear();
    ++next_;
}

EventLog::Batch EventLog::after(std::uint64_t position, std::size_t bytes) const {
    const std::uint64_t first = next_ - events_.size();
    Batch batch{.text = {}, .position = std::min(position, next_)};
    if (batch.position < first) {
        batch.text = lost(first, first - batch.position);
        batch.position = first;
    }
    while (batch.position < next_ && batch.text.size() < bytes) {
        batch.text += events_[static_cast<std::size_t>(batch.position - first)];
        ++batch.position;
    }
    return batch;
}

std::optional<std::uint64_t> EventLog::position_after(std::string_view last_event_id) const {
    const std::string ours = epoch_ + "-";
    if (!last_event_id.starts_with(ours)) return std::nullopt;
    last_event_id.remove_prefix(ours.size());
    std::uint64_t number = 0;
    const auto [end, error] =
        std::from_chars(last_event_id.data(), last_event_id.data() + last_event_id.size(), number);
    if (error != std::errc() || end != last_event_id.data() + last_event_id.size() || number >= next_)
        return std::nullopt;
    return number + 1;
}

std::string EventLog::lost(std::uint64_t before, std::optional<std::uint64_t> count) const {
    return id_line(before - 1) + "event: lost\ndata: {\"count\":" + (count ? std::to_string(*count) : "null") + "}\n\n";
}

}  // namespace serin
