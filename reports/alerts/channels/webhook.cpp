// SPDX-License-Identifier: Apache-2.0
#include "reports/alerts/channels/webhook.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <nlohmann/json.hpp>
#include <utility>

#include "core/names.hpp"
#include "reports/alerts/incidents/incident_json.hpp"
#include "reports/formats/store_json.hpp"

namespace serin {
namespace {

namespace asio = boost::asio;
using Json = nlohmann::json;

/// Cuts the arrays of `incident` down to `most` items and notes it.
void cut_lists(Json& incident, std::size_t most, Json& trimmed) {
    for (auto& [key, value] : incident.items()) {
        if (!value.is_array() || value.size() <= most) continue;
        const std::size_t before = trimmed.contains(key) ? trimmed[key].get<std::size_t>() : value.size();
        while (value.size() > most) value.erase(value.size() - 1);
        trimmed[key] = before;  // how many there were
    }
}

/// Only what says which incident it is, when its texts alone are too long.
Json essence_of(const Incident& incident) {
    constexpr std::size_t longest = 300;  // bytes
    return {{"id", incident.id},
            {"service", clipped(incident.service, longest)},
            {"failure_class", clipped(incident.failure_class, longest)},
            {"state", name_of(incident.state)},
            {"severity", name_of(incident.severity)},
            {"message", clipped(incident.message, longest)}};
}

class Webhook final : public HttpChannel {
public:
    Webhook(ArmedChannel armed, ChannelHouse house) : HttpChannel(std::move(armed), std::move(house)) {
        if (!armed_.key.reveal().empty()) keys_.push_back(armed_.key);
        keys_.insert(keys_.end(), armed_.old_keys.begin(), armed_.old_keys.end());
    }

    [[nodiscard]] ChannelTraits traits() const override {
        return {.dedups = true, .provable = true, .updates = true, .needs_refresh = false, .pages = true};
    }

    asio::awaitable<SendResult> send(const Notice& notice, Deadline deadline) override {
        std::string body = webhook_body(notice, words(notice, notice.made_at), link(notice));
        const std::string id = webhook_id(notice);
        Result<Headers> headers = webhook_headers(id, house_.clock.wall(), body, keys_);
        if (!headers) co_return result(Took::broken, headers.error().title);
        headers->emplace_back("Content-Type", "application/json");
        HttpAsk post{.url = armed_.urls.front().reveal(), .headers = *std::move(headers), .body = std::move(body)};
        const Answer answer = co_await ask(std::move(post), deadline);
        SendResult taken = webhook_result(answer, house_.redactor);
        taken.reference = id;
        co_return taken;
    }

    /// A 2xx was proof already; nothing else can be asked.
    asio::awaitable<SendResult> read_back(const Notice&, Deadline) override {
        co_return result(Took::accepted, "it was not answered 2xx");
    }

private:
    std::vector<Secret> keys_{};
};

}  // namespace

std::string webhook_body(const Notice& notice, const NoticeWords& words, const std::string& link) {
    Json body{{"type", std::string("serin.incident.") + name_of(notice.kind)},
              {"timestamp", rfc3339(notice.made_at)},
              {"data",
               {{"notice", notice.id},
                {"dedup_key", notice.dedup_key()},
                {"title", words.title},
                {"text", words.text},
                {"link", link},
                {"level", notice.level},
                {"page", notice.page},
                {"incident", incident_json(notice.incident)}}}};
    Json& data = body["data"];
    Json trimmed = Json::object();
    std::string text = json_text(body);
    for (const std::size_t most : {std::size_t{20}, std::size_t{5}, std::size_t{1}}) {
        if (text.size() < longest_webhook) return text;
        cut_lists(data["incident"], most, trimmed);
        data["trimmed"] = trimmed;
        text = json_text(body);
    }
    if (text.size() < longest_webhook) return text;
    data["incident"] = essence_of(notice.incident);
    data["trimmed"] = "everything but the essence";
    // JSON may take six bytes for one of ours.
    data["title"] = clipped(words.title, 200);
    data["text"] = clipped(words.text, 1500);
    data["link"] = clipped(link, 500);
    return json_text(body);
}

std::string webhook_id(const Notice& notice) {
    std::string id = notice.id;
    std::ranges::replace(id, '.', '_');
    return id;
}

Result<Headers> webhook_headers(const std::string& id, Wall now, const std::string& body,
                                const std::vector<Secret>& keys) {
    const std::int64_t timestamp = std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch()).count();
    Headers headers{{"webhook-id", id}, {"webhook-timestamp", std::to_string(timestamp)}};
    std::string signatures;
    for (const Secret& key : keys) {
        Result<std::string> signature = standard_webhook_signature(key, id, timestamp, body);
        if (!signature) return std::unexpected(signature.error());
        signatures += (signatures.empty() ? "" : " ") + *signature;
    }
    if (!signatures.empty()) headers.emplace_back("webhook-signature", signatures);
    return headers;
}

SendResult webhook_result(const Answer& answer, const Redactor& redactor) {
    return result_of(answer, redactor, Took::proven);
}

std::unique_ptr<Channel> make_webhook_channel(ArmedChannel armed, ChannelHouse house) {
    return std::make_unique<Webhook>(std::move(armed), std::move(house));
}

}  // namespace serin
