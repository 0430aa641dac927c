// SPDX-License-Identifier: Apache-2.0
#include "standins/manners.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <utility>

#include "core/ascii.hpp"
#include "net/real_clock.hpp"

namespace serin {

namespace asio = boost::asio;

namespace {

constexpr std::array<std::pair<Manner, const char*>, 11> words{{
    {Manner::ok, "ok"},
    {Manner::bad_request, "400"},
    {Manner::unauthorized, "401"},
    {Manner::too_many, "429"},
    {Manner::broken, "5xx"},
    {Manner::hang, "hang"},
    {Manner::reset, "reset"},
    {Manner::accept_and_drop, "accept_and_drop"},
    {Manner::duplicate, "duplicate"},
    {Manner::lost_answer, "lost_answer"},
    {Manner::delay, "delay_30s"},
}};

ServerResponse plain(int status, std::string text) {
    return {.status = status, .headers = {}, .body = std::move(text), .content_type = "text/plain"};
}

/// The server ends the connection without a word.
ServerResponse hanging_up() {
    return plain(0, "");
}

int status_of(Manner manner) {
    switch (manner) {
        case Manner::bad_request:
            return 400;
        case Manner::unauthorized:
            return 401;
        case Manner::too_many:
            return 429;
        default:
            return 503;
    }
}

}  // namespace

const char* name_of(Manner manner) {
    return std::ranges::find(words, manner, &std::pair<Manner, const char*>::first)->second;
}

std::optional<Manner> manner_of(std::string_view name) {
    for (const auto& [manner, word] : words) {
        if (name == word) return manner;
    }
    return std::nullopt;
}

bool CallWindow::admit(Steady now) {
    std::erase_if(calls_, [&](Steady at) { return now - at >= window_; });
    if (std::cmp_greater_equal(calls_.size(), most_)) return false;
    calls_.push_back(now);
    return true;
}

Duration CallWindow::until_free(Steady now) const {
    if (std::cmp_less(calls_.size(), most_)) return Duration::zero();
    return std::max(Duration::zero(), Duration(calls_.front() + window_ - now));
}

struct MannerlyServer::Impl {
    Impl(const asio::any_io_executor& executor, Vendor given) : vendor(std::move(given)), clock(executor) {}

    Vendor vendor;
    RealClock clock;
    Manner manner = Manner::ok;
    Duration delay = std::chrono::seconds(30);
    std::string retry_after = "1";
    std::int64_t calls = 0;
    std::unique_ptr<HttpServer> server;

    asio::awaitable<ServerResponse> answer(ServerRequest request);
    ServerResponse answer_mode(const ServerRequest& request);
    [[nodiscard]] ServerResponse refuse() const;
};

Result<std::unique_ptr<MannerlyServer>> MannerlyServer::listen(const asio::any_io_executor& executor, Vendor vendor) {
    auto impl = std::make_unique<Impl>(executor, std::move(vendor));
    HttpServer::Options options;
    options.limits.max_body = impl->vendor.max_body;
    options.handler = [self = impl.get()](ServerRequest request) { return self->answer(std::move(request)); };
    auto server = HttpServer::listen(executor, std::move(options));
    if (!server) return std::unexpected(server.error());
    impl->server = std::move(*server);
    return std::unique_ptr<MannerlyServer>(new MannerlyServer(std::move(impl)));
}

MannerlyServer::MannerlyServer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
MannerlyServer::~MannerlyServer() = default;

std::string MannerlyServer::url() const {
    return "http://127.0.0.1:" + std::to_string(impl_->server->port());
}
void MannerlyServer::set_mode(Manner manner) {
    impl_->manner = manner;
}
void MannerlyServer::set_delay(Duration delay) {
    impl_->delay = delay;
}
void MannerlyServer::set_retry_after(std::string seconds) {
    impl_->retry_after = std::move(seconds);
}
std::int64_t MannerlyServer::calls() const {
    return impl_->calls;
}
asio::awaitable<void> MannerlyServer::serve() {
    return impl_->server->serve();
}
void MannerlyServer::stop() {
    impl_->server->stop();
}

ServerResponse MannerlyServer::Impl::answer_mode(const ServerRequest& request) {
    if (request.method == "GET") return plain(200, std::string(name_of(manner)) + "\n");
    const std::optional<Manner> wanted = manner_of(trimmed(request.body));
    if (request.method != "POST" || !wanted) return plain(400, "POST the name of a mode\n");
    manner = *wanted;
    return plain(200, std::string(name_of(manner)) + "\n");
}

ServerResponse MannerlyServer::Impl::refuse() const {
    ServerResponse response =
        vendor.refuse ? vendor.refuse(manner) : plain(status_of(manner), std::string(name_of(manner)) + "\n");
    if (manner == Manner::too_many) response.headers.emplace_back("Retry-After", retry_after);
    return response;
}

asio::awaitable<ServerResponse> MannerlyServer::Impl::answer(ServerRequest request) {
    if (request.path() == "/__mode") co_return answer_mode(request);
    if (request.path() == "/__seen")
        co_return ServerResponse{
            .status = 200, .headers = {}, .body = vendor.seen(), .content_type = "application/json"};
    if (vendor.reads && vendor.reads(request)) co_return vendor.take(request, 1);
    ++calls;
    switch (manner) {
        case Manner::ok:
            break;
        case Manner::bad_request:
        case Manner::unauthorized:
        case Manner::too_many:
        case Manner::broken:
            co_return refuse();
        case Manner::hang:
            co_await sleep_until(clock, clock.now() + std::chrono::hours(1));
            co_return hanging_up();
        case Manner::reset:
            co_return hanging_up();
        case Manner::accept_and_drop:
            co_return vendor.take(request, 0);
        case Manner::duplicate:
            co_return vendor.take(request, 2);
        case Manner::lost_answer:
            vendor.take(request, 1);
            co_return hanging_up();
        case Manner::delay:
            co_await sleep_until(clock, clock.now() + delay);
            break;
    }
    co_return vendor.take(request, 1);
}

std::string hmac_sha256(std::string_view key, std::string_view text) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned int size = 0;
    HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), reinterpret_cast<const unsigned char*>(text.data()),
         text.size(), digest.data(), &size);
    return {reinterpret_cast<const char*>(digest.data()), size};
}

std::optional<std::string> base64_decoded(std::string_view text) {
    if (text.empty() || text.size() % 4 != 0) return std::nullopt;
    std::string out(text.size() / 4 * 3, '\0');
    const int size =
        EVP_DecodeBlock(reinterpret_cast<unsigned char*>(out.data()),
                        reinterpret_cast<const unsigned char*>(text.data()), static_cast<int>(text.size()));
    if (size < 0) return std::nullopt;
    const std::size_t padding = text.ends_with("==") ? 2 : text.ends_with('=') ? 1 : 0;
    out.resize(static_cast<std::size_t>(size) - padding);
    return out;
}

bool same_bytes(std::string_view a, std::string_view b) {
    return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace serin
