// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <memory>
#include <optional>

#include "net/http_client.hpp"
#include "probes/probe.hpp"

namespace serin {

/// Names what went wrong, from how far the exchange came; nullopt for a complete one. Pure.
[[nodiscard]] std::optional<WireFailure> classify(const HttpReply& reply, const HttpRequest& request);

/// `client` must outlive the probe.
[[nodiscard]] std::unique_ptr<HttpProbe> make_http_probe(HttpClient& client);

}  // namespace serin
