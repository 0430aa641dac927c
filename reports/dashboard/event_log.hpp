// SPDX-License-Identifier: Apache-2.0
// The last events of GET /api/v1/stream, as server-sent events (HTML Standard §9.2). Pure; memory is bounded.
#pragma once
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>

namespace serin {

/// Numbered from 1. A reader has a position of its own: the number of the event that it wants next. One that is too far
/// behind is told how many events it has lost, so that a slow reader costs nothing but its own events.
class EventLog {
public:
    /// `epoch`: one word that no other process used, so that an id of an earlier process is recognised.
    EventLog(std::string epoch, std::size_t capacity);

    /// `data`: without line breaks.
    void add(std::string_view type, std::string_view data);
    /// An event that nobody may want: it is counted, and it and all before it are forgotten.
    void skip();
    [[nodiscard]] std::uint64_t next() const { return next_; }

    struct Batch {
        std::string text;
        std::uint64_t position = 0;  ///< to go on from
    };
    /// What follows `position`, at most about `bytes`: an event `lost` first, when some are gone. Empty at the end.
    [[nodiscard]] Batch after(std::uint64_t position, std::size_t bytes) const;

    /// Where a reader goes on that gives back an `id` of ours (the header Last-Event-ID); nullopt for one of another
    /// epoch or none at all.
    [[nodiscard]] std::optional<std::uint64_t> position_after(std::string_view last_event_id) const;
    /// The event that tells a reader that `count` events are lost; unset: nobody knows how many.
    [[nodiscard]] std::string lost(std::uint64_t before, std::optional<std::uint64_t> count) const;

private:
    [[nodiscard]] std::string id_line(std::uint64_t number) const;

    std::string epoch_;
    std::size_t capacity_;
    std::uint64_t next_ = 1;
    std::deque<std::string> events_;  // the last one is number next_ - 1
};

}  // namespace serin
