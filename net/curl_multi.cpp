// SPDX-License-Identifier: Apache-2.0
#include "net/curl_multi.hpp"

#include <curl/curl.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <new>
#include <optional>
#include <system_error>
#include <utility>

namespace serin {
namespace {

namespace asio = boost::asio;

int new_epoll() {
    const int descriptor = ::epoll_create1(EPOLL_CLOEXEC);
    if (descriptor < 0) throw std::system_error(errno, std::generic_category(), "epoll_create1");
    return descriptor;
}

/// Wakes the coroutine that waits for one transfer.
struct Waiting {
    explicit Waiting(const asio::any_io_executor& executor) : bell(executor, Steady::max()) {}

    asio::steady_timer bell;
    std::optional<TransferEnd> end;
    Steady started{};
};

}  // namespace

// libcurl's callbacks run inside libcurl and may not call it again. They only change the epoll set and `due`; every
// entry into libcurl is followed by settle(), which acts on what they left.
struct CurlMulti::Loop : std::enable_shared_from_this<CurlMulti::Loop> {
    explicit Loop(const asio::any_io_executor& executor)
        : sockets(executor, new_epoll()), timer(executor), multi(curl_multi_init()) {
        if (multi == nullptr) throw std::bad_alloc();
        curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, &Loop::on_socket);
        curl_multi_setopt(multi, CURLMOPT_SOCKETDATA, this);
        curl_multi_setopt(multi, CURLMOPT_TIMERFUNCTION, &Loop::on_timer);
        curl_multi_setopt(multi, CURLMOPT_TIMERDATA, this);
    }
    ~Loop() { curl_multi_cleanup(multi); }
    Loop(const Loop&) = delete;
    Loop& operator=(const Loop&) = delete;

    static int on_socket(CURL*, curl_socket_t socket, int wanted, void* self, void* known) {
        auto& loop = *static_cast<Loop*>(self);
        const int epoll = loop.sockets.native_handle();
        epoll_event event{};
        event.data.fd = socket;
        if (wanted == CURL_POLL_REMOVE) {
            ::epoll_ctl(epoll, EPOLL_CTL_DEL, socket, &event);  // fails when the socket is closed: it has left then
            return 0;
        }
        if ((wanted & CURL_POLL_IN) != 0) event.events |= EPOLLIN;
        if ((wanted & CURL_POLL_OUT) != 0) event.events |= EPOLLOUT;
        // `known` is libcurl's note of whether it told us of this socket before: what to try first. The set itself has
        // the last word, for a number may have been closed and given out again behind our back.
        const int first = known == nullptr ? EPOLL_CTL_ADD : EPOLL_CTL_MOD;
        const int second = known == nullptr ? EPOLL_CTL_MOD : EPOLL_CTL_ADD;
        if (::epoll_ctl(epoll, first, socket, &event) != 0) ::epoll_ctl(epoll, second, socket, &event);
        // The one call that libcurl wants from here.
        if (known == nullptr) curl_multi_assign(loop.multi, socket, &loop);
        return 0;
    }

    static int on_timer(CURLM*, long milliseconds, void* self) {
        auto& loop = *static_cast<Loop*>(self);
        loop.due = milliseconds < 0 ? Steady::max()
                                    : std::chrono::steady_clock::now() + std::chrono::milliseconds(milliseconds);
        return 0;
    }

    void act(curl_socket_t socket, int events) {
        int running = 0;
        curl_multi_socket_action(multi, socket, events, &running);
    }

    /// Expired timeouts, ended transfers, and what to wait for next.
    void settle() {
        // libcurl asks for "at once" after most steps. A few rounds are cheaper than a timer; the bound leaves the loop
        // to others.
        for (int round = 0; round < 8 && due <= std::chrono::steady_clock::now(); ++round) {
            due = Steady::max();
            act(CURL_SOCKET_TIMEOUT, 0);
        }
        tell_ended();
        if (under_way == 0) {
            rest();
            return;
        }
        arm_timer();
        watch_sockets();
    }

    void tell_ended() {
        int left = 0;
        while (const CURLMsg* message = curl_multi_info_read(multi, &left)) {
            if (message->msg != CURLMSG_DONE) continue;
            const int code = message->data.result;
            void* waiting_transfer = nullptr;
            curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &waiting_transfer);
            auto& waiting = *static_cast<Waiting*>(waiting_transfer);
            waiting.end =
                TransferEnd{.curl_code = code, .started = waiting.started, .ended = std::chrono::steady_clock::now()};
            waiting.bell.cancel();
            --under_way;
        }
    }

    // An armed timer that is early only costs one look; moving it for every transfer would cost a system call each.
    void arm_timer() {
        if (due >= armed_for) return;
        armed_for = due;
        timer.expires_at(due);
        timer.async_wait([weak = weak_from_this()](const boost::system::error_code& cancelled) {
            const auto loop = weak.lock();
            if (cancelled || !loop) return;
            loop->armed_for = Steady::max();
            loop->settle();
        });
    }

    void watch_sockets() {
        if (watching) return;
        watching = true;
        sockets.async_wait(asio::posix::stream_descriptor::wait_read,
                           [weak = weak_from_this()](const boost::system::error_code& cancelled) {
                               const auto loop = weak.lock();
                               if (!loop) return;
                               loop->watching = false;
                               if (!cancelled) loop->serve_sockets();
                               loop->settle();
                           });
    }

    void serve_sockets() {
        std::array<epoll_event, 64> events;  // what does not fit is still ready when we watch again
        const int count = ::epoll_wait(sockets.native_handle(), events.data(), static_cast<int>(events.size()), 0);
        for (int i = 0; i < count; ++i) {
            const std::uint32_t what = events[static_cast<std::size_t>(i)].events;
            int action = 0;
            if ((what & (EPOLLIN | EPOLLHUP)) != 0) action |= CURL_CSELECT_IN;
            if ((what & EPOLLOUT) != 0) action |= CURL_CSELECT_OUT;
            if ((what & EPOLLERR) != 0) action |= CURL_CSELECT_ERR;
            act(events[static_cast<std::size_t>(i)].data.fd, action);
        }
    }

    /// Leaves nothing pending in the executor.
    void rest() {
        if (watching) sockets.cancel();
        if (armed_for != Steady::max()) timer.cancel();
        armed_for = Steady::max();
    }

    asio::posix::stream_descriptor sockets;  ///< the epoll set
    asio::steady_timer timer;
    CURLM* multi;
    Steady due = Steady::max();        ///< when libcurl wants to be called at the latest
    Steady armed_for = Steady::max();  ///< when `timer` fires; not later than `due` while transfers are under way
    bool watching = false;
    int under_way = 0;  ///< added and not yet ended
};

CurlMulti::CurlMulti(const asio::any_io_executor& executor) {
    static const CURLcode initialised = curl_global_init(CURL_GLOBAL_DEFAULT);
    if (initialised != CURLE_OK) throw std::bad_alloc();
    loop_ = std::make_shared<Loop>(executor);
}

CurlMulti::~CurlMulti() = default;

/// A handle's stay in the multi: the one place where it is added, and surely removed.
class CurlMulti::Stay {
public:
    Stay(std::shared_ptr<Loop> loop, CURL* easy)
        : waiting(loop->sockets.get_executor()), loop_(std::move(loop)), easy_(easy) {
        curl_easy_setopt(easy_, CURLOPT_PRIVATE, &waiting);
        waiting.started = std::chrono::steady_clock::now();
        if (const CURLMcode code = curl_multi_add_handle(loop_->multi, easy_); code != CURLM_OK) throw std::bad_alloc();
        ++loop_->under_way;
        loop_->settle();
    }
    ~Stay() {
        if (!waiting.end) --loop_->under_way;
        curl_multi_remove_handle(loop_->multi, easy_);
        loop_->settle();
    }
    Stay(const Stay&) = delete;
    Stay& operator=(const Stay&) = delete;

    Waiting waiting;

private:
    std::shared_ptr<Loop> loop_;
    CURL* easy_;
};

asio::awaitable<TransferEnd> CurlMulti::run(void* easy) {
    Stay stay(loop_, easy);
    if (!stay.waiting.end) co_await stay.waiting.bell.async_wait(asio::as_tuple(asio::use_awaitable));
    if (!stay.waiting.end) throw boost::system::system_error(asio::error::operation_aborted);
    co_return *stay.waiting.end;
}

}  // namespace serin
