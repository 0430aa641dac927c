// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/result.hpp"
#include "core/time.hpp"

namespace serin {

/// What a shard does wrong; REST stays healthy unless said otherwise. Rates are 0..1, drawn from a seeded generator.
struct ChatFault {
    double drop_pushes = 0;          ///< share of pushes to this shard's subscribers that never leave
    double duplicate_pushes = 0;     ///< share pushed twice
    Duration delay_pushes{};         ///< every push leaves this much later
    double corrupt_pushes = 0;       ///< share whose text is altered, the nonce kept
    double reject_posts = 0;         ///< share of POSTs answered 503 (and not stored)
    bool refuse_websockets = false;  ///< upgrades are answered 503
    bool misdeliver = false;         ///< a push goes to every subscriber of the shard, not to its addressee
};

struct ChatShard {
    std::string name, region;  ///< "us-east-1", "us-east"
    std::string api, ws;       ///< "http://127.0.0.1:port", "ws://127.0.0.1:port"
};

/// A chat service in miniature: shards in regions, each with its own port, one store of messages shared by all, pushes
/// routed to the shard that a user's websocket is on. REST: POST /v1/messages {to, text} → 201 {id, to, from, text};
/// GET and DELETE /v1/messages/{id}; GET /v1/messages?to=; GET /healthz. Websocket /ws: first frame
/// {"type":"hello","user":…}, then
/// {"type":"message.new","id":…,"from":…,"to":…,"text":…}. Bearer tokens name the user. Store bounded (oldest go
/// first).
class ChatService {
public:
    struct Options {
        std::vector<std::pair<std::string, int>> regions;        ///< name → number of shards
        std::vector<std::pair<std::string, std::string>> users;  ///< name → bearer token
        unsigned seed = 1;
    };
    static Result<std::unique_ptr<ChatService>> listen(const boost::asio::any_io_executor& executor, Options options);
    ~ChatService();
    [[nodiscard]] const std::vector<ChatShard>& shards() const;
    /// By shard name or region; false when there is none of that name.
    bool set_fault(std::string_view shard_or_region, ChatFault fault);
    /// Until cancelled or stop(); joins everything before it returns.
    boost::asio::awaitable<void> serve();
    void stop();
    [[nodiscard]] std::size_t stored() const;  ///< messages in the store now: 0 when every run cleaned up

private:
    struct Impl;
    explicit ChatService(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace serin
