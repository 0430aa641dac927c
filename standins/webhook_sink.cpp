// SPDX-License-Identifier: Apache-2.0
#include "standins/webhook_sink.hpp"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <nlohmann/json.hpp>
#include <sstream>
#include <utility>

#include "core/secret.hpp"

namespace serin {

namespace asio = boost::asio;
using nlohmann::json;

namespace {

ServerResponse words(int status, const char* text) {
    return {.status = status, .headers = {}, .body = text, .content_type = "text/plain"};
}

}  // namespace

struct WebhookSink::Impl {
    explicit Impl(Options given) : options(std::move(given)) {}

    Options options;
    std::vector<std::string> bodies;
    std::map<std::string, int> attempts;
    int forged = 0;
    std::unique_ptr<MannerlyServer> server;

    ServerResponse take(const ServerRequest& request, int copies);
    [[nodiscard]] bool in_time(const std::string& timestamp) const;
    [[nodiscard]] bool holds(const std::string& signed_bytes, const std::string& signatures) const;
};

bool WebhookSink::Impl::in_time(const std::string& timestamp) const {
    std::int64_t seconds = 0;
    const auto [end, error] = std::from_chars(timestamp.data(), timestamp.data() + timestamp.size(), seconds);
    if (error != std::errc() || end != timestamp.data() + timestamp.size()) return false;
    const std::int64_t now = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
    const std::int64_t allowed = std::chrono::floor<std::chrono::seconds>(options.tolerance).count();
    return seconds >= now - allowed && seconds <= now + allowed;
}

bool WebhookSink::Impl::holds(const std::string& signed_bytes, const std::string& signatures) const {
    static const std::string prefix = "whsec_";
    for (const std::string& key : options.keys) {
        const auto raw = base64_decoded(key.starts_with(prefix) ? key.substr(prefix.size()) : key);
        if (!raw) continue;
        const std::string good = "v1," + base64(hmac_sha256(*raw, signed_bytes));
        std::istringstream list(signatures);
        for (std::string each; list >> each;) {
            if (same_bytes(each, good)) return true;
        }
    }
    return false;
}

ServerResponse WebhookSink::Impl::take(const ServerRequest& request, int copies) {
    if (request.path() != "/hook") return words(404, "no hook here");
    if (request.method != "POST") return words(405, "POST");
    const std::string id = request.header("webhook-id");
    const std::string timestamp = request.header("webhook-timestamp");
    const std::string signatures = request.header("webhook-signature");
    if (id.empty() || id.find('.') != std::string::npos || timestamp.empty() || signatures.empty())
        return words(400, "webhook-id, webhook-timestamp and webhook-signature are required");
    if (request.body.size() > options.max_body) return words(413, "too large");
    std::string signed_bytes = id;
    signed_bytes.append(".").append(timestamp).append(".").append(request.body);
    if (!holds(signed_bytes, signatures)) {
        ++forged;
        return words(401, "the signature does not hold");
    }
    if (!in_time(timestamp)) return words(400, "the timestamp is too far from now");
    const json body = json::parse(request.body, nullptr, false);
    if (!body.is_object() || !body.contains("type") || !body.contains("timestamp") || !body.contains("data"))
        return words(400, "type, timestamp and data are required");
    for (int i = 0; i < copies; ++i) {
        if (++attempts[id] == 1) bodies.push_back(request.body);
    }
    return words(200, "ok");
}

Result<std::unique_ptr<WebhookSink>> WebhookSink::listen(const asio::any_io_executor& executor, Options options) {
    auto impl = std::make_unique<Impl>(std::move(options));
    Impl* const self = impl.get();
    auto server = MannerlyServer::listen(
        executor, {.take = [self](const ServerRequest& request, int copies) { return self->take(request, copies); },
                   .refuse = nullptr,
                   .seen =
                       [self] {
                           const json all = {
                               {"bodies", self->bodies}, {"attempts", self->attempts}, {"forged", self->forged}};
                           return all.dump(-1, ' ', false, json::error_handler_t::replace);
                       },
                   .reads = nullptr});
    if (!server) return std::unexpected(server.error());
    impl->server = std::move(*server);
    return std::unique_ptr<WebhookSink>(new WebhookSink(std::move(impl)));
}

WebhookSink::WebhookSink(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
WebhookSink::~WebhookSink() = default;

MannerlyServer& WebhookSink::server() {
    return *impl_->server;
}
std::string WebhookSink::url() const {
    return impl_->server->url() + "/hook";
}
const std::vector<std::string>& WebhookSink::bodies() const {
    return impl_->bodies;
}
const std::map<std::string, int>& WebhookSink::attempts() const {
    return impl_->attempts;
}
int WebhookSink::forged() const {
    return impl_->forged;
}

}  // namespace serin
