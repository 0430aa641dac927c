// SPDX-License-Identifier: Apache-2.0
// An actor at run time: where it goes, who it says it is, what it keeps between steps.
#pragma once
#include <memory>
#include <optional>
#include <string>

#include "core/observation.hpp"
#include "core/result.hpp"
#include "core/scenario.hpp"
#include "scenarios/engine/engine.hpp"

namespace serin {

struct Client {
    std::string name;     ///< empty: the anonymous actor
    std::string api, ws;  ///< base URLs, without a trailing slash; may be empty
    Headers headers;      ///< of every request: authorization, the actor's own
    Route route;
    std::string http_version;
    bool reuse = false;
    std::shared_ptr<CookieJar> cookies;  ///< null while the scenario cannot send a second request
    std::unique_ptr<Conversation> conversation;
    std::vector<std::unique_ptr<Conversation>> earlier;  ///< closed by a reconnect; their frames stay evidence
    Steady connected{};
    bool connecting = false;  ///< a `connect` of it is under way: two at once would fight for the conversation
};

/// Resolves an actor's templates; `actor` null is the anonymous actor on `default_target`. The Error's title says which
/// key.
[[nodiscard]] Result<Client> make_client(const Actor* actor, const World& world, const Target* default_target,
                                         Evaluator& evaluator, const Scope& names, const std::string& folder);

/// `url` as it is when absolute, else joined to `base` with exactly one slash; an Error without a base.
[[nodiscard]] Result<std::string> absolute_url(const std::string& url, const std::string& base,
                                               std::string_view base_key);

}  // namespace serin
