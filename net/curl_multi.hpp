// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <memory>

#include "core/time.hpp"

namespace serin {

/// How a transfer ended.
struct TransferEnd {
    int curl_code = 0;  ///< CURLcode
    Steady started{}, ended{};
};

/// libcurl's multi interface driven by an Asio executor. One thread.
///
/// libcurl's sockets are watched by an epoll set of our own, and Asio watches that one descriptor: libcurl keeps the
/// ownership of its sockets, a socket that it closes leaves the set by itself, and a transfer costs Asio no
/// registration. Nothing stays pending in the executor while no transfer is under way, so that a loop can run out of
/// work.
class CurlMulti {
public:
    /// Throws std::system_error when the machine has no descriptor left.
    explicit CurlMulti(const boost::asio::any_io_executor& executor);
    ~CurlMulti();
    CurlMulti(const CurlMulti&) = delete;
    CurlMulti& operator=(const CurlMulti&) = delete;

    /// Transfers with `easy` (a CURL*, fully set but for CURLOPT_PRIVATE), which must outlive the await and belongs to
    /// the caller again afterwards. Throws operation_aborted when cancelled; never blocks then, not even while a name
    /// is being resolved.
    boost::asio::awaitable<TransferEnd> run(void* easy);

private:
    struct Loop;
    class Stay;
    std::shared_ptr<Loop> loop_;
};

}  // namespace serin
