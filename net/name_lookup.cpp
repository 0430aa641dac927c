// SPDX-License-Identifier: Apache-2.0
#include "net/name_lookup.hpp"

#include <netdb.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <atomic>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>
#include <cstdint>
#include <cstring>
#include <memory>
#include <system_error>
#include <thread>
#include <utility>

#include "net/stream.hpp"

namespace serin {
namespace {

namespace asio = boost::asio;

/// Of the whole process: a worker more must not mean 64 threads more.
constinit std::atomic<int> under_way = 0;

/// Held by who asks and by the thread that waits for the answer, and closed by whoever leaves last. The bell is an
/// eventfd, because it rings also when the asker's loop is long gone.
struct Question {
    Question(std::string name, AskForName function)
        : host(std::move(name)), ask(std::move(function)), bell(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}
    ~Question() {
        if (bell >= 0) ::close(bell);
    }
    Question(const Question&) = delete;
    Question& operator=(const Question&) = delete;

    const std::string host;
    const AskForName ask;
    const int bell;
    NameAnswer answer;
    std::atomic<bool> answered = false;  ///< `answer` is written before
};

void put(const std::shared_ptr<Question>& question) noexcept {
    try {
        question->answer = question->ask(question->host);
    } catch (...) {
        question->answer.eai = EAI_MEMORY;
    }
    --under_way;
    question->answered = true;
    const std::uint64_t ring = 1;
    [[maybe_unused]] const auto written = ::write(question->bell, &ring, sizeof ring);  // cannot fail: it was 0
}

/// False when the machine has no thread left.
bool start(const std::shared_ptr<Question>& question) {
    try {
        std::thread(put, question).detach();
        return true;
    } catch (const std::system_error&) {
        return false;
    }
}

asio::ip::address address_of(const sockaddr& address) {
    if (address.sa_family == AF_INET) {
        sockaddr_in v4{};
        std::memcpy(&v4, &address, sizeof v4);
        return asio::ip::address_v4(ntohl(v4.sin_addr.s_addr));
    }
    sockaddr_in6 v6{};
    std::memcpy(&v6, &address, sizeof v6);
    asio::ip::address_v6::bytes_type bytes;
    std::memcpy(bytes.data(), &v6.sin6_addr, bytes.size());
    return asio::ip::address_v6(bytes, v6.sin6_scope_id);
}

}  // namespace

NameAnswer ask_system(const std::string& host) {
    addrinfo wanted{};
    wanted.ai_socktype = SOCK_STREAM;
    addrinfo* found = nullptr;
    NameAnswer answer;
    answer.eai = ::getaddrinfo(host.c_str(), nullptr, &wanted, &found);
    if (answer.eai == EAI_NODATA || answer.eai == EAI_ADDRFAMILY) answer.eai = EAI_NONAME;
    if (answer.eai != 0) return answer;
    for (const addrinfo* each = found; each != nullptr; each = each->ai_next) {
        if (each->ai_family == AF_INET || each->ai_family == AF_INET6)
            answer.addresses.push_back(address_of(*each->ai_addr));
    }
    ::freeaddrinfo(found);
    return answer;
}

asio::awaitable<NameLookup> look_up_name(std::string host, Deadline deadline, AskForName ask) {
    const auto executor = co_await asio::this_coro::executor;
    const auto question = std::make_shared<Question>(std::move(host), std::move(ask));
    const int heard = question->bell < 0 ? -1 : ::dup(question->bell);
    if (heard < 0) co_return NameLookup{.end = NameLookup::End::refused, .answer = {}};
    asio::posix::stream_descriptor bell(executor, heard);
    if (++under_way > max_name_lookups || !start(question)) {
        --under_way;
        co_return NameLookup{.end = NameLookup::End::refused, .answer = {}};
    }
    const Alarm alarm(executor, deadline.at, [&bell] { bell.cancel(); });
    co_await bell.async_wait(asio::posix::stream_descriptor::wait_read, asio::as_tuple(asio::use_awaitable));
    if (question->answered)
        co_return NameLookup{.end = NameLookup::End::answered, .answer = std::move(question->answer)};
    if (!alarm.went_off()) throw boost::system::system_error(asio::error::operation_aborted);
    co_return NameLookup{};
}

}  // namespace serin
