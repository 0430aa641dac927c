// SPDX-License-Identifier: Apache-2.0
// Internal to net/: names to addresses.
#pragma once
#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/address.hpp>
#include <functional>
#include <string>
#include <vector>

#include "core/time.hpp"

namespace serin {

/// What a resolver says of a name.
struct NameAnswer {
    int eai = 0;  ///< EAI_* of <netdb.h>, 0: found. That a name has no address is always EAI_NONAME.
    std::vector<boost::asio::ip::address> addresses;  ///< in the order to try them
};

/// Asks and waits for the answer. Runs, and is destroyed, on any thread and at any later time: it owns what it uses.
using AskForName = std::function<NameAnswer(const std::string& host)>;

/// The system's resolver: getaddrinfo().
[[nodiscard]] NameAnswer ask_system(const std::string& host);

struct NameLookup {
    enum class End {
        answered,
        late,    ///< no answer until the deadline
        refused  ///< not asked: too many lookups are under way, or the machine has no thread or descriptor left
    };
    End end = End::late;
    NameAnswer answer;  ///< when answered
};

/// Lookups of the whole process that can be under way at once.
inline constexpr int max_name_lookups = 64;

/// Asks for `host` on a thread of its own, because getaddrinfo() cannot be interrupted: a resolver that hangs delays
/// nobody else, and whoever asked leaves at the deadline or, with operation_aborted, when cancelled. The thread then
/// goes on alone and touches only what it shares with nobody; the end of the process does not wait for it.
boost::asio::awaitable<NameLookup> look_up_name(std::string host, Deadline deadline, AskForName ask = ask_system);

}  // namespace serin
