// SPDX-License-Identifier: Apache-2.0
#include "standins/heartbeat_sink.hpp"

#include <charconv>
#include <chrono>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

namespace serin {

namespace asio = boost::asio;

namespace {

ServerResponse words(int status, std::string text) {
    ServerResponse response{.status = status, .headers = {}, .body = std::move(text), .content_type = "text/plain"};
    if (status == 200) response.headers.emplace_back("Ping-Body-Limit", "10000");
    return response;
}

/// Exit statuses that may stand at the end of a ping's path.
std::optional<int> exit_status(const std::string& text) {
    int status = -1;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), status);
    const bool whole = error == std::errc() && end == text.data() + text.size();
    return whole && status >= 0 && status <= 255 ? std::optional(status) : std::nullopt;
}

}  // namespace

struct HeartbeatSink::Impl {
    explicit Impl(Options given) : options(std::move(given)), rate(options.most, options.window) {}

    Options options;
    CallWindow rate;
    int pings = 0, discarded = 0;
    bool failed = false;
    std::optional<Steady> last_success, started;
    std::unique_ptr<MannerlyServer> server;

    ServerResponse take(const ServerRequest& request, int copies);
    [[nodiscard]] std::string status() const;
};

std::string HeartbeatSink::Impl::status() const {
    const Steady now = std::chrono::steady_clock::now();
    if (failed || (started && now > *started + options.grace)) return "down";
    if (last_success && now > *last_success + options.period + options.grace) return "down";
    if (started) return "started";
    if (!last_success) return "new";
    return now > *last_success + options.period ? "late" : "up";
}

ServerResponse HeartbeatSink::Impl::take(const ServerRequest& request, int copies) {
    const std::string base = "/" + options.id;
    const std::string path = request.path();
    if (path != base && !path.starts_with(base + "/")) return words(404, "not found");
    if (request.method != "GET" && request.method != "HEAD" && request.method != "POST") return words(405, "");
    const std::string what = path == base ? "0" : path.substr(base.size() + 1);
    if (what == "status") return words(200, status());
    const std::optional<int> exit = exit_status(what);
    if (!exit && what != "start" && what != "fail" && what != "log") return words(400, "invalid url format");
    const Steady now = std::chrono::steady_clock::now();
    for (int i = 0; i < copies; ++i) {
        if (!rate.admit(now)) {
            ++discarded;
            continue;
        }
        ++pings;
        if (what == "log") continue;
        if (what == "start") {
            started = now;
            continue;
        }
        started.reset();
        failed = exit != 0;
        if (!failed) last_success = now;
    }
    return words(200, "OK");
}

Result<std::unique_ptr<HeartbeatSink>> HeartbeatSink::listen(const asio::any_io_executor& executor, Options options) {
    auto impl = std::make_unique<Impl>(std::move(options));
    Impl* const self = impl.get();
    auto server = MannerlyServer::listen(
        executor,
        {.take = [self](const ServerRequest& request, int copies) { return self->take(request, copies); },
         .refuse = nullptr,
         .seen =
             [self] {
                 return nlohmann::json(
                            {{"status", self->status()}, {"pings", self->pings}, {"discarded", self->discarded}})
                     .dump();
             },
         .reads = [](const ServerRequest& request) { return request.path().ends_with("/status"); }});
    if (!server) return std::unexpected(server.error());
    impl->server = std::move(*server);
    return std::unique_ptr<HeartbeatSink>(new HeartbeatSink(std::move(impl)));
}

HeartbeatSink::HeartbeatSink(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
HeartbeatSink::~HeartbeatSink() = default;

MannerlyServer& HeartbeatSink::server() {
    return *impl_->server;
}
std::string HeartbeatSink::url() const {
    return impl_->server->url() + "/" + impl_->options.id;
}
std::string HeartbeatSink::status() const {
    return impl_->status();
}
int HeartbeatSink::pings() const {
    return impl_->pings;
}
int HeartbeatSink::discarded() const {
    return impl_->discarded;
}

}  // namespace serin
