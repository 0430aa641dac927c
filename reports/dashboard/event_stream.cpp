// SPDX-License-Identifier: Apache-2.0
#include "reports/dashboard/event_stream.hpp"

#include <utility>

#include "core/ids.hpp"
#include "reports/dashboard/api_answers.hpp"

namespace serin {

namespace asio = boost::asio;

namespace {

constexpr std::size_t batch_bytes = 64 << 10;

/// What a listener hears first: how soon to come back after the connection was lost.
constexpr const char* greeting = "retry: 2000\n\n";

}  // namespace

class EventStream::Seat {
public:
    Seat(EventStream& house, std::uint64_t position, std::string first_words)
        : house_(house), bell_(house.clock_.make_bell()), position_(position), first_words_(std::move(first_words)) {
        house_.seats_.push_back(this);
    }
    ~Seat() {
        std::erase(house_.seats_, this);
        house_.last_left_ = house_.clock_.now();
        house_.anybody_left_ = true;
    }
    Seat(const Seat&) = delete;
    Seat& operator=(const Seat&) = delete;

    void end() {
        ended_ = true;
        bell_->ring();
    }
    void ring() { bell_->ring(); }

    asio::awaitable<void> tell(ResponseStream& out) {
        bool heard = co_await out.write(std::exchange(first_words_, {}));
        while (heard && !ended_) {
            EventLog::Batch batch = house_.log_.after(position_, batch_bytes);
            position_ = batch.position;
            if (!batch.text.empty()) {
                heard = co_await out.write(std::move(batch.text));
            } else if (!co_await bell_->wait_until(deadline_after(house_.clock_.now(), heartbeat_time).at)) {
                heard = co_await out.write(": heartbeat\n\n");
            }
        }
    }

private:
    EventStream& house_;
    std::unique_ptr<Bell> bell_;
    std::uint64_t position_;
    std::string first_words_;
    bool ended_ = false;
};

EventStream::EventStream(Clock& clock, std::size_t max_events, std::size_t max_listeners)
    : clock_(clock), max_listeners_(max_listeners), log_(make_span_id(), max_events), last_left_(clock.now()) {}

void EventStream::publish(std::string_view type, const std::function<std::string()>& make_data) {
    const bool may_return = anybody_left_ && clock_.now() - last_left_ < return_time;
    if (seats_.empty() && !may_return) return log_.skip();
    log_.add(type, make_data());
    for (Seat* seat : seats_) seat->ring();
}

ServerResponse EventStream::join(const std::string& last_event_id) {
    if (stopped_ || seats_.size() >= max_listeners_) {
        ServerResponse response =
            stopped_ ? error_answer(503, "the daemon is stopping", "come back when it is up again")
                     : error_answer(503, "there are too many listeners", "close one, or come back in a moment");
        response.headers.emplace_back("Retry-After", "5");
        return response;
    }
    std::uint64_t position = log_.next();
    std::string first_words = greeting;
    if (!last_event_id.empty()) {
        const auto known = log_.position_after(last_event_id);
        if (!known) first_words += log_.lost(log_.next(), std::nullopt);
        position = known.value_or(position);
    }
    ServerResponse response;
    response.content_type = "text/event-stream";
    response.headers.emplace_back("X-Accel-Buffering", "no");  // nginx would hold events back
    response.stream = [this, seat = std::make_shared<Seat>(*this, position, std::move(first_words))](
                          ResponseStream& out) { return tell(out, seat); };
    return response;
}

asio::awaitable<void> EventStream::tell(ResponseStream& out, std::shared_ptr<Seat> seat) {
    co_await seat->tell(out);
}

void EventStream::end_all() {
    for (Seat* seat : seats_) seat->end();
}

void EventStream::stop() {
    stopped_ = true;
    end_all();
}

}  // namespace serin
