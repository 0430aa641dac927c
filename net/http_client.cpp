// SPDX-License-Identifier: Apache-2.0
#include "net/http_client.hpp"

#include <curl/curl.h>

#include <chrono>
#include <new>
#include <utility>
#include <vector>

#include "net/curl_multi.hpp"
#include "net/http_transfer.hpp"
#include "net/resolver_check.hpp"
#include "net/tls_trust.hpp"

namespace serin {
namespace {

struct FreeEasy {
    void operator()(void* easy) const { curl_easy_cleanup(easy); }
};
using Easy = std::unique_ptr<void, FreeEasy>;

/// The name that libcurl could not resolve: the URL's, a redirect's or a `connect_to` one.
std::string unresolved_name(const std::string& curl_error) {
    const std::string words = "Could not resolve host: ";
    return curl_error.starts_with(words) ? curl_error.substr(words.size()) : "";
}

}  // namespace

struct HttpClient::Impl {
    explicit Impl(const boost::asio::any_io_executor& executor) : multi(executor) {}

    /// Making a handle costs more than resetting one; a burst's handles are not kept for ever.
    static constexpr std::size_t max_idle = 128;

    Easy take() {
        if (idle.empty()) {
            Easy made(curl_easy_init());
            if (!made) throw std::bad_alloc();
            return made;
        }
        Easy taken = std::move(idle.back());
        idle.pop_back();
        return taken;
    }
    void give_back(Easy easy) {
        if (idle.size() < max_idle) idle.push_back(std::move(easy));
    }

    TrustStores stores;
    CurlMulti multi;
    std::vector<Easy> idle;
};

HttpClient::HttpClient(boost::asio::any_io_executor executor) : impl_(std::make_unique<Impl>(executor)) {}
HttpClient::~HttpClient() = default;

boost::asio::awaitable<HttpReply> HttpClient::perform(const HttpRequest& request) {
    Easy easy = impl_->take();
    HttpReply reply;
    {
        HttpTransfer transfer(easy.get(), request, impl_->stores);
        if (transfer.prepare(std::chrono::steady_clock::now())) {
            const TransferEnd end = co_await impl_->multi.run(easy.get());
            transfer.finish(end.curl_code, end.started, end.ended);
        }
        reply = transfer.take_reply();
    }
    impl_->give_back(std::move(easy));
    if (reply.curl_code == CURLE_COULDNT_RESOLVE_HOST) {
        reply.resolver_error = co_await why_unresolved(unresolved_name(reply.curl_error), request.deadline);
    }
    co_return reply;
}

std::shared_ptr<CookieJar> HttpClient::make_cookie_jar() {
    return std::make_shared<CurlCookieJar>();
}

}  // namespace serin
