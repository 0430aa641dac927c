// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <boost/asio/any_io_executor.hpp>
#include <memory>

#include "probes/probe.hpp"

namespace serin {

/// Real websockets on `executor`; `clock` must outlive the probe.
[[nodiscard]] std::unique_ptr<WebsocketProbe> make_websocket_probe(boost::asio::any_io_executor executor, Clock& clock);

}  // namespace serin
