// SPDX-License-Identifier: Apache-2.0
// The HTTP API: /metrics, /-/…, /api/v1/… (docs/openapi.yaml). Handlers only read the store, ask Control and answer;
// they decide nothing.
#pragma once
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <memory>

#include "core/log.hpp"
#include "core/time.hpp"
#include "net/http_server.hpp"
#include "reports/dashboard/alert_control.hpp"
#include "reports/dashboard/control.hpp"
#include "reports/dashboard/tokens.hpp"
#include "reports/store/reader.hpp"

namespace serin {

struct ApiHouse;

class Api {
public:
    struct Parts {
        Control& control;
        StoreReader& reader;                           ///< asked on `reader_executor` only
        boost::asio::any_io_executor reader_executor;  ///< a LoopThread's
        Clock& clock;
        Tokens tokens;       ///< none: loopback without a token (the daemon refuses to bind elsewhere without one)
        Log* log = nullptr;  ///< told who operated and recorded; must outlive the Api; may be null
        AlertControl* alerts = nullptr;       ///< null: there is no alerting
        AlertReader* alert_reader = nullptr;  ///< asked on `reader_executor` only
        std::string external_url{};           ///< of this API, for the status page's feed; empty: as the request has it
        std::size_t max_listeners = 64;       ///< of GET /api/v1/stream at once; one more is answered 503
        std::size_t max_events = 4096;        ///< kept for slow listeners and for those that come back
        std::size_t max_waiting_reads = 64;   ///< questions to the store at once; one more is answered 503
    };
    explicit Api(Parts parts);
    ~Api();
    Api(const Api&) = delete;
    Api& operator=(const Api&) = delete;

    /// For HttpServer::Options::handler. Never throws for what a client sends; a defect of ours is answered 500, only a
    /// cancellation travels.
    boost::asio::awaitable<ServerResponse> handle(ServerRequest request);
    /// Tells the listeners of GET /api/v1/stream. Slow listeners lose events and are told how many.
    void publish(const Record& record);
    void publish(const Gap& gap);
    void publish(const Change& change);
    void publish(const Incident& incident);
    /// Ends all streams, so that the server can be joined.
    void stop();
    /// Ends the streams too when the tokens differ: who has lost a right must not listen on.
    void replace_tokens(Tokens tokens);

private:
    std::unique_ptr<ApiHouse> house_;
};

}  // namespace serin
