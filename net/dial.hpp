// SPDX-License-Identifier: Apache-2.0
// Internal to net/: from a URL and a route to a connected stream.
#pragma once
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <optional>
#include <string>

#include "core/observation.hpp"
#include "net/stream.hpp"
#include "net/tls_trust.hpp"
#include "net/url.hpp"

namespace serin {

/// How far dialling came; `stream` is set when it came to its end.
struct Dialled {
    std::optional<AsyncStream> stream;
    std::string remote;
    HttpTimings timings;                             ///< dns, connect, tls
    std::shared_ptr<CertificateReport> certificate;  ///< null without TLS
};

/// Resolves `url`'s host, connects to its addresses in turn, asks a proxy for a tunnel, does TLS for https and wss; all
/// until `deadline`. Names every failure by core/failure_classes. Throws only operation_aborted, when cancelled.
boost::asio::awaitable<std::optional<WireFailure>> dial(boost::asio::any_io_executor executor, const Url& url,
                                                        const Route& route, Deadline deadline, Dialled& dialled);

}  // namespace serin
