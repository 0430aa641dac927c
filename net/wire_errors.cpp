// SPDX-License-Identifier: Apache-2.0
#include "net/wire_errors.hpp"

#include <fmt/format.h>
#include <netdb.h>

#include <boost/asio/error.hpp>

#include "core/failure_classes.hpp"

namespace serin {

namespace asio = boost::asio;
using boost::system::error_code;

WireFailure wire_failure(std::string_view failure_class, std::string message) {
    return {.failure_class = std::string(failure_class),
            .message = std::move(message),
            .own_fault = own_fault(failure_class)};
}

WireFailure name_socket_failure(const error_code& error, std::string_view peer) {
    namespace errc = boost::system::errc;
    const auto named = [&](std::string_view failure_class, std::string_view what) {
        return wire_failure(failure_class, fmt::format("{} {}", what, peer));
    };
    if (error == asio::error::connection_refused) return named("connection_refused", "connection refused by");
    if (error == asio::error::timed_out) return named("connect_timeout", "no answer to the connection attempt from");
    if (error == asio::error::host_unreachable) return named("unreachable", "no way to reach");
    if (error == asio::error::connection_reset || error == asio::error::connection_aborted ||
        error == asio::error::broken_pipe) {
        return named("connection_reset", "connection reset by");
    }
    if (error == asio::error::network_unreachable || error == errc::address_not_available ||
        error == errc::permission_denied || error == errc::operation_not_permitted ||
        error == asio::error::address_family_not_supported) {
        return wire_failure("no_route", fmt::format("this machine has no route to {}: {}", peer, error.message()));
    }
    if (error == errc::too_many_files_open || error == errc::too_many_files_open_in_system ||
        error == errc::no_buffer_space || error == errc::not_enough_memory) {
        return wire_failure("prober_resources", fmt::format("cannot connect to {}: {}", peer, error.message()));
    }
    return wire_failure("connection_reset", fmt::format("connection to {} failed: {}", peer, error.message()));
}

WireFailure name_resolver_failure(int eai, std::string_view host) {
    if (eai == EAI_NONAME) {
        return wire_failure("dns_failure", fmt::format("no address for {}: {}", host, gai_strerror(eai)));
    }
    return wire_failure("resolver_failure",
                        fmt::format("the resolver could not look up {}: {}", host, gai_strerror(eai)));
}

}  // namespace serin
