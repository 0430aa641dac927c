// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <boost/asio/awaitable.hpp>
#include <string>

#include "core/time.hpp"

namespace serin {

/// Asks the system's resolver for `host` once more and gives the EAI_* (<netdb.h>) of its answer; 0 when the name
/// resolves now. EAI_AGAIN when there is no answer until `deadline`. libcurl only tells *that* a name did not resolve,
/// and whether it does not exist or nobody could say is the difference between the target's fault and ours.
boost::asio::awaitable<int> why_unresolved(std::string host, Deadline deadline);

}  // namespace serin
