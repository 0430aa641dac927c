// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <memory>

#include "core/ids.hpp"
#include "net/http_client.hpp"
#include "net/loop.hpp"
#include "net/real_clock.hpp"
#include "probes/http.hpp"
#include "probes/websocket.hpp"
#include "scenarios/engine/engine.hpp"

namespace serin {

/// Everything that one thread needs to play scenarios for real: loop, clock, probes, Lua state, engine. Members are in
/// order of construction; the loop dies last.
struct Worker {
    Loop loop;
    RealClock clock{loop.executor()};
    HttpClient http_client{loop.executor()};
    std::unique_ptr<HttpProbe> http = make_http_probe(http_client);
    std::unique_ptr<WebsocketProbe> websocket = make_websocket_probe(loop.executor(), clock);
    Evaluator evaluator;
    MemoryLedger ledger;
    NonceMaker nonces;
    Engine engine{{.executor = loop.executor(),
                   .clock = clock,
                   .http = *http,
                   .websocket = *websocket,
                   .evaluator = evaluator,
                   .ledger = ledger,
                   .nonces = nonces}};
};

}  // namespace serin
