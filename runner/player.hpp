// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <boost/asio/any_io_executor.hpp>
#include <memory>

#include "core/ids.hpp"
#include "net/http_client.hpp"
#include "net/real_clock.hpp"
#include "probes/http.hpp"
#include "probes/websocket.hpp"
#include "scenarios/engine/engine.hpp"

namespace serin {

/// What one thread needs, beside its loop, to play scenarios for real: clock, probes, Lua state, engine. The loop, the
/// ledger and the nonces must outlive it.
struct Player {
    Player(const boost::asio::any_io_executor& executor, Ledger& ledger, const NonceMaker& nonces)
        : clock(executor),
          http_client(executor),
          http(make_http_probe(http_client)),
          websocket(make_websocket_probe(executor, clock)),
          engine({.executor = executor,
                  .clock = clock,
                  .http = *http,
                  .websocket = *websocket,
                  .evaluator = evaluator,
                  .ledger = ledger,
                  .nonces = nonces}) {}

    RealClock clock;
    HttpClient http_client;
    std::unique_ptr<HttpProbe> http;
    std::unique_ptr<WebsocketProbe> websocket;
    Evaluator evaluator;
    Engine engine;
};

}  // namespace serin
