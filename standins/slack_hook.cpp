// SPDX-License-Identifier: Apache-2.0
#include "standins/slack_hook.hpp"

#include <algorithm>
#include <array>
#include <initializer_list>
#include <nlohmann/json.hpp>
#include <string_view>
#include <utility>

namespace serin {

namespace asio = boost::asio;
using nlohmann::json;

namespace {

ServerResponse words(int status, const char* text) {
    return {.status = status, .headers = {}, .body = text, .content_type = "text/plain"};
}

ServerResponse limited() {
    return {.status = 429,
            .headers = {},
            .body = R"({"retry_after":1,"ok":false,"error":"rate_limited"})",
            .content_type = "application/json"};
}

ServerResponse refuse(Manner manner) {
    switch (manner) {
        case Manner::bad_request:
            return words(400, "invalid_payload");
        case Manner::unauthorized:
            return words(403, "invalid_token");
        case Manner::too_many:
            return limited();
        default:
            return words(500, "rollup_error");
    }
}

/// Unicode characters of UTF-8.
std::size_t characters(const std::string& text) {
    return static_cast<std::size_t>(
        std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xc0U) != 0x80U; }));
}

/// A text object of 1 to `most` characters and one of `types`.
bool is_text(const json& object, std::size_t most, std::initializer_list<std::string_view> types) {
    if (!object.is_object() || !object.contains("type") || !object.contains("text")) return false;
    if (!object["type"].is_string() || !object["text"].is_string()) return false;
    if (std::ranges::find(types, object["type"].get<std::string>()) == types.end()) return false;
    const std::size_t length = characters(object["text"].get<std::string>());
    return length >= 1 && length <= most;
}

bool is_list(const json& block, const char* key, std::size_t most) {
    return block.contains(key) && block[key].is_array() && !block[key].empty() && block[key].size() <= most;
}

bool is_section(const json& block) {
    if (block.contains("text") && !is_text(block["text"], 3000, {"mrkdwn", "plain_text"})) return false;
    if (!block.contains("fields")) return block.contains("text");
    return is_list(block, "fields", 10) && std::ranges::all_of(block["fields"], [](const json& field) {
               return is_text(field, 2000, {"mrkdwn", "plain_text"});
           });
}

bool is_context(const json& block) {
    return is_list(block, "elements", 10) && std::ranges::all_of(block["elements"], [](const json& element) {
               const bool image = element.is_object() && element.value("type", json()) == "image";
               return image || is_text(element, 3000, {"mrkdwn", "plain_text"});
           });
}

bool is_block(const json& block) {
    constexpr std::array<std::string_view, 10> others{"actions",  "divider",   "file",  "image", "input",
                                                      "markdown", "rich_text", "table", "video", "context_actions"};
    if (!block.is_object() || !block.contains("type") || !block["type"].is_string()) return false;
    if (block.contains("block_id") &&
        (!block["block_id"].is_string() || characters(block["block_id"].get<std::string>()) > 255))
        return false;
    const std::string type = block["type"].get<std::string>();
    if (type == "section") return is_section(block);
    if (type == "context") return is_context(block);
    if (type == "header") return block.contains("text") && is_text(block["text"], 150, {"plain_text"});
    return std::ranges::find(others, type) != others.end();
}

bool are_blocks(const json& blocks) {
    return blocks.is_array() && blocks.size() <= 50 && std::ranges::all_of(blocks, is_block);
}

}  // namespace

struct SlackStandin::Impl {
    explicit Impl(Options given) : options(std::move(given)), rate(options.burst, options.window) {}

    Options options;
    CallWindow rate;
    std::vector<std::string> shown;
    std::unique_ptr<MannerlyServer> server;

    ServerResponse take(const ServerRequest& request, int copies);
};

ServerResponse SlackStandin::Impl::take(const ServerRequest& request, int copies) {
    if (request.path() != options.path) return words(404, "no_service");
    if (request.method != "POST") return words(400, "invalid_payload");
    const Steady now = std::chrono::steady_clock::now();
    if (!rate.admit(now)) {
        ServerResponse response = limited();
        const auto seconds = std::chrono::ceil<std::chrono::seconds>(rate.until_free(now)).count();
        response.headers.emplace_back("Retry-After", std::to_string(std::max<std::int64_t>(1, seconds)));
        return response;
    }
    const json post = json::parse(request.body, nullptr, false);
    if (!post.is_object()) return words(400, "invalid_payload");
    const auto text = post.find("text");
    if (post.contains("blocks") && !are_blocks(post["blocks"])) return words(400, "invalid_blocks");
    const bool blocks = post.contains("blocks") && !post["blocks"].empty();
    if (text != post.end() && !text->is_string()) return words(400, "invalid_payload");
    const std::string said = text == post.end() ? "" : text->get<std::string>();
    if (said.empty() && !blocks) return words(400, "no_text");
    for (int i = 0; i < copies; ++i) shown.push_back(said);
    return words(200, "ok");
}

Result<std::unique_ptr<SlackStandin>> SlackStandin::listen(const asio::any_io_executor& executor, Options options) {
    auto impl = std::make_unique<Impl>(std::move(options));
    Impl* const self = impl.get();
    auto server = MannerlyServer::listen(
        executor,
        {.take = [self](const ServerRequest& request, int copies) { return self->take(request, copies); },
         .refuse = &refuse,
         .seen = [self] { return json({{"shown", self->shown}}).dump(-1, ' ', false, json::error_handler_t::replace); },
         .reads = nullptr});
    if (!server) return std::unexpected(server.error());
    impl->server = std::move(*server);
    return std::unique_ptr<SlackStandin>(new SlackStandin(std::move(impl)));
}

SlackStandin::SlackStandin(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
SlackStandin::~SlackStandin() = default;

MannerlyServer& SlackStandin::server() {
    return *impl_->server;
}
std::string SlackStandin::url() const {
    return impl_->server->url() + impl_->options.path;
}
const std::vector<std::string>& SlackStandin::shown() const {
    return impl_->shown;
}

}  // namespace serin
