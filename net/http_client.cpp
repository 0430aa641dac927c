// SPDX-License-Identifier: Apache-2.0
#include "net/http_client.hpp"

#include <curl/curl.h>
#include <netdb.h>

#include <chrono>
#include <utility>

#include "net/curl_multi.hpp"
#include "net/http_handle.hpp"
#include "net/http_transfer.hpp"
#include "net/name_lookup.hpp"
#include "net/tls_trust.hpp"

namespace serin {
namespace {

/// The name that libcurl could not resolve: the URL's, a redirect's or a `connect_to` one.
std::string unresolved_name(const std::string& curl_error) {
    const std::string words = "Could not resolve host: ";
    return curl_error.starts_with(words) ? curl_error.substr(words.size()) : "";
}

}  // namespace

struct HttpClient::Impl {
    explicit Impl(const boost::asio::any_io_executor& executor) : multi(executor) {}

    TrustStores stores;
    CurlMulti multi;
    HttpHandles handles;
};

HttpClient::HttpClient(const boost::asio::any_io_executor& executor) : impl_(std::make_unique<Impl>(executor)) {}
HttpClient::~HttpClient() = default;

boost::asio::awaitable<HttpReply> HttpClient::perform(const HttpRequest& request) {
    std::unique_ptr<HttpHandle> handle = impl_->handles.take(request);
    HttpReply reply;
    {
        HttpTransfer transfer(*handle, request, impl_->stores);
        if (transfer.prepare(std::chrono::steady_clock::now())) {
            const TransferEnd end = co_await impl_->multi.run(handle->easy);
            transfer.finish(end.curl_code, end.started, end.ended);
        }
        reply = transfer.take_reply();
    }
    impl_->handles.give_back(std::move(handle));
    if (reply.curl_code == CURLE_COULDNT_RESOLVE_HOST) {
        // libcurl tells only *that* a name did not resolve. Whether there is none or nobody could say is the difference
        // between the target's fault and ours.
        const NameLookup lookup = co_await look_up_name(unresolved_name(reply.curl_error), request.deadline);
        reply.resolver_error = lookup.end == NameLookup::End::answered ? lookup.answer.eai : EAI_AGAIN;
    }
    co_return reply;
}

std::shared_ptr<CookieJar> HttpClient::make_cookie_jar() {
    return std::make_shared<CurlCookieJar>();
}

}  // namespace serin
