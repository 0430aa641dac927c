// SPDX-License-Identifier: Apache-2.0
// Internal to net/.
#pragma once
#include <boost/system/error_code.hpp>
#include <optional>
#include <string_view>

#include "core/observation.hpp"

namespace serin {

/// Names why an open websocket ended; nullopt for a proper close.
[[nodiscard]] std::optional<WireFailure> name_websocket_end(const boost::system::error_code& error,
                                                            std::string_view peer);

}  // namespace serin
