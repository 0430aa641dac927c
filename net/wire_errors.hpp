// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <boost/system/error_code.hpp>
#include <optional>
#include <string_view>

#include "core/observation.hpp"

namespace serin {

/// A failure whose `own_fault` is that of its class.
[[nodiscard]] WireFailure wire_failure(std::string_view failure_class, std::string message);

/// Names what the operating system says of a connection to `peer` that could not be made or broke.
[[nodiscard]] WireFailure name_socket_failure(const boost::system::error_code& error, std::string_view peer);

/// Names what the resolver says of `host`: an EAI_* of <netdb.h>, not 0.
[[nodiscard]] WireFailure name_resolver_failure(int eai, std::string_view host);

}  // namespace serin
