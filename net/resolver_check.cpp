// SPDX-License-Identifier: Apache-2.0
#include "net/resolver_check.hpp"

#include <netdb.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>
#include <memory>
#include <optional>
#include <utility>

namespace serin {
namespace {

namespace asio = boost::asio;

/// Shared with the lookup, which cannot be interrupted and may end long after nobody waits for it any more.
struct Lookup {
    explicit Lookup(const asio::any_io_executor& executor) : resolver(executor), bell(executor) {}

    asio::ip::tcp::resolver resolver;
    asio::steady_timer bell;
    std::optional<boost::system::error_code> answer;
};

int eai_of(const boost::system::error_code& error) {
    if (!error) return 0;
    if (error == asio::error::host_not_found || error == asio::error::no_data) return EAI_NONAME;
    if (error == asio::error::host_not_found_try_again) return EAI_AGAIN;
    if (error == asio::error::no_memory) return EAI_MEMORY;
    return EAI_FAIL;
}

}  // namespace

asio::awaitable<int> why_unresolved(std::string host, Deadline deadline) {
    const auto lookup = std::make_shared<Lookup>(co_await asio::this_coro::executor);
    lookup->resolver.async_resolve(host, "", [lookup](const boost::system::error_code& error, const auto&) {
        lookup->answer = error;
        lookup->bell.cancel();
    });
    lookup->bell.expires_at(deadline.at);
    co_await lookup->bell.async_wait(asio::as_tuple(asio::use_awaitable));
    if (lookup->answer) co_return eai_of(*lookup->answer);
    const auto state = co_await asio::this_coro::cancellation_state;
    if (state.cancelled() != asio::cancellation_type::none)
        throw boost::system::system_error(asio::error::operation_aborted);
    co_return EAI_AGAIN;
}

}  // namespace serin
