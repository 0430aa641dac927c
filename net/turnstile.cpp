// SPDX-License-Identifier: Apache-2.0
#include "net/turnstile.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace serin {

struct Turnstile::Waiting {
    boost::asio::steady_timer bell;
    bool let_in = false;
};

boost::asio::awaitable<std::optional<Turnstile::Turn>> Turnstile::enter(Steady until) {
    if (!occupied_) {
        occupied_ = true;
        co_return Turn(*this);
    }
    Waiting waiting{.bell = boost::asio::steady_timer(executor_, until), .let_in = false};
    const auto place = queue_.insert(queue_.end(), &waiting);
    co_await waiting.bell.async_wait(boost::asio::as_tuple(boost::asio::use_awaitable));
    if (waiting.let_in) co_return Turn(*this);  // leave() took us off the queue
    queue_.erase(place);
    co_return std::nullopt;
}

void Turnstile::leave() {
    occupied_ = !queue_.empty();
    if (!occupied_) return;
    Waiting& next = *queue_.front();
    queue_.pop_front();
    next.let_in = true;
    next.bell.cancel();
}

}  // namespace serin
