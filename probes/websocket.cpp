// SPDX-License-Identifier: Apache-2.0
#include "probes/websocket.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include "core/failure_classes.hpp"
#include "net/task_group.hpp"

namespace serin {

namespace asio = boost::asio;

namespace {

/// How long the peer of an overflowing conversation has to answer our goodbye.
constexpr Duration goodbye_time = std::chrono::seconds(1);

struct Limits {
    std::int64_t bytes;
    std::size_t frames;
};

class WebsocketConversation final : public Conversation {
public:
    WebsocketConversation(const asio::any_io_executor& executor, Clock& clock, const WebsocketRequest& request)
        : clock_(clock),
          limits_{.bytes = request.max_bytes, .frames = static_cast<std::size_t>(std::max(request.max_frames, 0))},
          client_(executor),
          reader_(executor) {}

    asio::awaitable<std::optional<WireFailure>> open(const WebsocketRequest& request, Handshake& handshake) {
        auto failure = co_await client_.connect(request, handshake);
        if (!failure) reader_.spawn(read_all());
        co_return failure;
    }

    [[nodiscard]] const FrameLog& log() const override { return log_; }

    asio::awaitable<std::optional<WireFailure>> send(std::string payload, bool binary, Deadline deadline) override {
        // Logged before it leaves, so that an answer never stands before its question.
        const bool open = !log_.closed;
        if (open && !append(Frame{.at = clock_.now(), .outgoing = true, .binary = binary, .payload = payload})) {
            co_await give_up();
        }
        if (log_.overflow) co_return overflow();
        co_return co_await client_.write(std::move(payload), binary, deadline);
    }

    asio::awaitable<bool> wait_beyond(std::size_t seen, Steady until) override {
        const auto news = [&] { return log_.frames.size() > seen || log_.closed; };
        while (!news()) {
            const std::unique_ptr<Bell> bell = clock_.make_bell();
            const Listening listening(listeners_, *bell);
            if (!co_await bell->wait_until(until)) co_return news();
        }
        co_return true;
    }

    asio::awaitable<void> close(Deadline deadline) override {
        co_await client_.close(deadline);
        co_await reader_.join();
    }

private:
    /// One waiter's bell, in the list while it waits.
    class Listening {
    public:
        Listening(std::vector<Bell*>& list, Bell& bell) : list_(list), bell_(bell) { list_.push_back(&bell); }
        ~Listening() { std::erase(list_, &bell_); }
        Listening(const Listening&) = delete;
        Listening& operator=(const Listening&) = delete;

    private:
        std::vector<Bell*>& list_;
        Bell& bell_;
    };

    asio::awaitable<void> read_all() {
        while (!log_.closed) {
            std::expected<Frame, CloseNote> frame = co_await client_.read();
            if (log_.closed) break;  // given up meanwhile
            if (!frame) {
                note_end(std::move(frame.error()));
            } else if (frame->at = clock_.now(); !append(std::move(*frame))) {
                co_await give_up();
            }
        }
    }

    /// False when the log is full: the frame was dropped.
    bool append(Frame frame) {
        const auto size = static_cast<std::int64_t>(frame.payload.size());
        if (log_.frames.size() >= limits_.frames || log_.bytes + size > limits_.bytes) {
            log_.overflow = true;
            return false;
        }
        log_.bytes += size;
        log_.frames.push_back(std::move(frame));
        ring();
        return true;
    }

    asio::awaitable<void> give_up() {
        note_end(CloseNote{.at = clock_.now(), .code = 0, .reason = {}, .failure = overflow()});
        co_await client_.close(deadline_after(clock_.now(), goodbye_time));
    }

    [[nodiscard]] WireFailure overflow() const {
        static constexpr std::string_view name = "frame_log_overflow";
        return {.failure_class = std::string(name),
                .message = "the log holds " + std::to_string(log_.frames.size()) + " frames, " +
                           std::to_string(log_.bytes) + " bytes, and may not grow (max_frames, max_bytes)",
                .own_fault = own_fault(name)};
    }

    void note_end(CloseNote note) {
        note.at = clock_.now();
        log_.closed = std::move(note);
        ring();
    }

    void ring() {
        for (Bell* listener : listeners_) listener->ring();
    }

    Clock& clock_;
    Limits limits_;
    FrameLog log_;
    std::vector<Bell*> listeners_;
    WebsocketClient client_;
    TaskGroup reader_;  // last, because the reader uses all of the above
};

class RealWebsocketProbe final : public WebsocketProbe {
public:
    RealWebsocketProbe(asio::any_io_executor executor, Clock& clock) : executor_(std::move(executor)), clock_(clock) {}

    asio::awaitable<Connected> connect(const WebsocketRequest& request) override {
        auto conversation = std::make_unique<WebsocketConversation>(executor_, clock_, request);
        Connected connected;
        connected.failure = co_await conversation->open(request, connected.handshake);
        if (!connected.failure) connected.conversation = std::move(conversation);
        co_return connected;
    }

private:
    asio::any_io_executor executor_;
    Clock& clock_;
};

}  // namespace

std::unique_ptr<WebsocketProbe> make_websocket_probe(asio::any_io_executor executor, Clock& clock) {
    return std::make_unique<RealWebsocketProbe>(std::move(executor), clock);
}

}  // namespace serin
