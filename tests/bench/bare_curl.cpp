// SPDX-License-Identifier: Apache-2.0
// The reference that Serin's engine is held against: the least that a prober on libcurl can do. One curl multi handle
// on one epoll loop, pooled easy handles, a status and a text to find in the body; no scenario, no evidence, no report.
//
//   bare_curl URL TEXT PROBES CONCURRENCY [fresh|keep]    fresh (default): each probe on a connection of its own
//
// Also drives blackbox_exporter, whose own process is the one measured there:
//   bare_curl URL TEXT PROBES CONCURRENCY keep PID        prints the CPU and memory of process PID instead
#include <curl/curl.h>
#include <fmt/format.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tests/bench/measure.hpp"

namespace serin::test {
namespace {

using Clock = std::chrono::steady_clock;

struct Load {
    std::string url, text;
    int concurrency = 1;
    bool fresh = true;
};

class BareLoop {
public:
    explicit BareLoop(Load load);
    ~BareLoop();
    BareLoop(const BareLoop&) = delete;
    BareLoop& operator=(const BareLoop&) = delete;
    /// Makes `probes` probes and returns how many failed.
    [[nodiscard]] long run(long probes);

private:
    struct Probe {
        CURL* easy = curl_easy_init();
        std::string body;
    };
    void prepare(Probe& probe) const;
    void begin();
    void collect();
    static int on_socket(CURL*, curl_socket_t fd, int what, void* self, void* known);
    static int on_timer(CURLM*, long milliseconds, void* self);
    static std::size_t on_body(char* bytes, std::size_t size, std::size_t count, void* body);

    Load load_;
    CURLM* multi_ = curl_multi_init();
    curl_slist* close_ =
        curl_slist_append(nullptr, "Connection: close");  ///< as Serin says it: the same work on the wire
    int epoll_ = ::epoll_create1(EPOLL_CLOEXEC);
    std::optional<Clock::time_point> timer_;
    std::vector<std::unique_ptr<Probe>> probes_;
    std::vector<Probe*> idle_;
    long to_start_ = 0, to_end_ = 0, failed_ = 0;
};

BareLoop::BareLoop(Load load) : load_(std::move(load)) {
    curl_multi_setopt(multi_, CURLMOPT_SOCKETFUNCTION, on_socket);
    curl_multi_setopt(multi_, CURLMOPT_SOCKETDATA, this);
    curl_multi_setopt(multi_, CURLMOPT_TIMERFUNCTION, on_timer);
    curl_multi_setopt(multi_, CURLMOPT_TIMERDATA, this);
    curl_multi_setopt(multi_, CURLMOPT_MAXCONNECTS, static_cast<long>(load_.concurrency) + 8);
    for (int i = 0; i < load_.concurrency; ++i) {
        probes_.push_back(std::make_unique<Probe>());
        prepare(*probes_.back());
        idle_.push_back(probes_.back().get());
    }
}

BareLoop::~BareLoop() {
    for (const auto& probe : probes_) curl_easy_cleanup(probe->easy);
    curl_multi_cleanup(multi_);
    curl_slist_free_all(close_);
    ::close(epoll_);
}

void BareLoop::prepare(Probe& probe) const {
    curl_easy_setopt(probe.easy, CURLOPT_URL, load_.url.c_str());
    curl_easy_setopt(probe.easy, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(probe.easy, CURLOPT_WRITEDATA, &probe.body);
    curl_easy_setopt(probe.easy, CURLOPT_PRIVATE, &probe);
    curl_easy_setopt(probe.easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(probe.easy, CURLOPT_NOPROXY, "*");
    curl_easy_setopt(probe.easy, CURLOPT_TIMEOUT_MS, 10'000L);
    if (load_.fresh) curl_easy_setopt(probe.easy, CURLOPT_HTTPHEADER, close_);
    curl_easy_setopt(probe.easy, CURLOPT_FRESH_CONNECT, load_.fresh ? 1L : 0L);
    curl_easy_setopt(probe.easy, CURLOPT_FORBID_REUSE, load_.fresh ? 1L : 0L);
}

std::size_t BareLoop::on_body(char* bytes, std::size_t size, std::size_t count, void* body) {
    static_cast<std::string*>(body)->append(bytes, size * count);
    return size * count;
}

int BareLoop::on_timer(CURLM*, long milliseconds, void* self) {
    auto& timer = static_cast<BareLoop*>(self)->timer_;
    if (milliseconds < 0) {
        timer.reset();
    } else {
        timer = Clock::now() + std::chrono::milliseconds(milliseconds);
    }
    return 0;
}

int BareLoop::on_socket(CURL*, curl_socket_t fd, int what, void* self, void* known) {
    const auto* loop = static_cast<BareLoop*>(self);
    epoll_event event{};
    event.data.fd = fd;
    if ((what & CURL_POLL_IN) != 0) event.events |= EPOLLIN;
    if ((what & CURL_POLL_OUT) != 0) event.events |= EPOLLOUT;
    if (what == CURL_POLL_REMOVE) {
        ::epoll_ctl(loop->epoll_, EPOLL_CTL_DEL, fd, &event);
    } else {
        ::epoll_ctl(loop->epoll_, known == nullptr ? EPOLL_CTL_ADD : EPOLL_CTL_MOD, fd, &event);
        curl_multi_assign(loop->multi_, fd, self);  // any non-null value: "epoll knows this socket"
    }
    return 0;
}

void BareLoop::begin() {
    Probe& probe = *idle_.back();
    idle_.pop_back();
    probe.body.clear();
    --to_start_;
    curl_multi_add_handle(multi_, probe.easy);
}

void BareLoop::collect() {
    int queued = 0;
    while (const CURLMsg* message = curl_multi_info_read(multi_, &queued)) {
        CURL* easy = message->easy_handle;
        const CURLcode result = message->data.result;  // `message` dies with the removal below
        Probe* probe = nullptr;
        long status = 0;
        curl_easy_getinfo(easy, CURLINFO_PRIVATE, &probe);
        curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
        curl_multi_remove_handle(multi_, easy);
        if (result != CURLE_OK || status != 200 || !probe->body.contains(load_.text)) ++failed_;
        --to_end_;
        idle_.push_back(probe);
    }
}

long BareLoop::run(long probes) {
    to_start_ = to_end_ = probes;
    failed_ = 0;
    std::array<epoll_event, 256> events{};
    int running = 0;
    while (to_end_ > 0) {
        while (to_start_ > 0 && !idle_.empty()) begin();
        int wait = 1'000;
        if (timer_) {
            const auto left = std::chrono::ceil<std::chrono::milliseconds>(*timer_ - Clock::now()).count();
            wait = static_cast<int>(std::clamp<long>(left, 0, 1'000));
        }
        const int count = ::epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), wait);
        for (int i = 0; i < count; ++i) {
            const epoll_event& event = events[static_cast<std::size_t>(i)];
            int mask = (event.events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0 ? CURL_CSELECT_IN : 0;
            if ((event.events & EPOLLOUT) != 0) mask |= CURL_CSELECT_OUT;
            curl_multi_socket_action(multi_, event.data.fd, mask, &running);
        }
        if (timer_ && *timer_ <= Clock::now()) {
            timer_.reset();
            curl_multi_socket_action(multi_, CURL_SOCKET_TIMEOUT, 0, &running);
        }
        collect();
    }
    return failed_;
}

}  // namespace
}  // namespace serin::test

int main(int argc, char** argv) {
    using namespace serin::test;
    const std::vector<std::string> words(argv + 1, argv + argc);
    const auto probes = words.size() > 3 ? parse_count(words[2]) : std::nullopt;
    const auto concurrency = words.size() > 3 ? parse_count(words[3]) : std::nullopt;
    const auto pid = words.size() > 5 ? parse_count(words[5]) : 0;
    const bool keep = words.size() > 4 && words[4] == "keep";
    if (!probes || !concurrency || !pid || words.size() > 6 || (words.size() > 4 && !keep && words[4] != "fresh")) {
        fmt::print(stderr, "usage: bare_curl URL TEXT PROBES CONCURRENCY [fresh|keep [PID]]\n");
        return 2;
    }
    curl_global_init(CURL_GLOBAL_ALL);
    BareLoop loop({.url = words[0], .text = words[1], .concurrency = static_cast<int>(*concurrency), .fresh = !keep});
    (void)loop.run(*probes / 10 + 1);  // warm-up: caches, allocator, a Go runtime's heap
    const Span span(static_cast<pid_t>(*pid));
    const long failed = loop.run(*probes);
    if (!span.print(*probes, failed)) {
        fmt::print(stderr, "bare_curl: process {} ended while it was measured\n", *pid);
        return 1;
    }
    return 0;
}
