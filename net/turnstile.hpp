// SPDX-License-Identifier: Apache-2.0
// Internal to net/.
#pragma once
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <list>
#include <optional>
#include <utility>

#include "core/time.hpp"

namespace serin {

/// Lets one coroutine at a time through, in order of arrival. One thread; must outlive its turns.
class Turnstile {
public:
    explicit Turnstile(boost::asio::any_io_executor executor) : executor_(std::move(executor)) {}

    /// Held while inside; its end lets the next one in.
    class Turn {
    public:
        explicit Turn(Turnstile& owner) : owner_(&owner) {}
        Turn(Turn&& other) noexcept : owner_(std::exchange(other.owner_, nullptr)) {}
        Turn& operator=(Turn&&) = delete;
        ~Turn() {
            if (owner_ != nullptr) owner_->leave();
        }

    private:
        Turnstile* owner_;
    };
    /// nullopt when `until` came first, or the waiting coroutine was cancelled.
    boost::asio::awaitable<std::optional<Turn>> enter(Steady until);

private:
    struct Waiting;
    void leave();

    boost::asio::any_io_executor executor_;
    bool occupied_ = false;
    std::list<Waiting*> queue_;
};

}  // namespace serin
