// SPDX-License-Identifier: Apache-2.0
#include "runner/serve/notify.hpp"

#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <system_error>

#include "core/names.hpp"

namespace serin {
namespace {

constexpr std::size_t longest_status = 1024;

class Socket {
public:
    Socket() : fd_(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {}
    ~Socket() {
        if (fd_ >= 0) ::close(fd_);
    }
    Socket(const Socket&) = delete;
    Socket& operator=(const Socket&) = delete;
    [[nodiscard]] int fd() const { return fd_; }

private:
    int fd_;
};

Error cannot_tell(std::string why) {
    return Error{.title = "cannot tell the service manager: " + std::move(why),
                 .remedy = "NOTIFY_SOCKET must be the socket that systemd gave to this service"};
}

Result<void> failed() {
    return std::unexpected(cannot_tell(std::system_category().message(errno)));
}

/// A line break would start another assignment of the protocol.
std::string one_line(std::string_view text) {
    std::string line = clipped(text, longest_status);
    for (char& c : line) {
        if (static_cast<unsigned char>(c) < ' ' || c == 0x7f) c = ' ';
    }
    return line;
}

std::string with_status(std::string state, std::string_view status) {
    if (!status.empty()) state += "\nSTATUS=" + one_line(status);
    return state;
}

std::optional<std::int64_t> positive_number(std::string_view text) {
    std::int64_t value = 0;
    const char* const end = text.data() + text.size();
    const auto [stopped, error] = std::from_chars(text.data(), end, value);
    if (error != std::errc{} || stopped != end || value <= 0) return std::nullopt;
    return value;
}

const char* environment(const char* name) {
    return std::getenv(name);  // NOLINT(concurrency-mt-unsafe): nothing here sets the environment
}

}  // namespace

ServiceManager ServiceManager::from_environment() {
    const char* address = environment("NOTIFY_SOCKET");
    return ServiceManager(address == nullptr ? "" : address);
}

Result<void> ServiceManager::ready(std::string_view status) const {
    return send(with_status("READY=1", status));
}

Result<void> ServiceManager::status(std::string_view text) const {
    return send("STATUS=" + one_line(text));
}

Result<void> ServiceManager::reloading(Steady now) const {
    // The steady clock is CLOCK_MONOTONIC, which is what the protocol wants to know.
    const auto since_boot = std::chrono::duration_cast<std::chrono::microseconds>(now.time_since_epoch());
    return send("RELOADING=1\nMONOTONIC_USEC=" + std::to_string(since_boot.count()));
}

Result<void> ServiceManager::stopping(std::string_view status) const {
    return send(with_status("STOPPING=1", status));
}

Result<void> ServiceManager::watchdog() const {
    return send("WATCHDOG=1");
}

Result<void> ServiceManager::send(const std::string& state) const {
    if (!listens()) return {};
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    const bool abstract = address_.front() == '@';
    if (!abstract && address_.front() != '/')
        return std::unexpected(cannot_tell("`" + address_ + "` is neither a path nor an abstract name"));
    // A path keeps its terminating zero; an abstract name begins with one and has no other.
    if (address_.size() >= sizeof address.sun_path)
        return std::unexpected(cannot_tell("its socket's name is too long"));
    std::memcpy(address.sun_path, address_.data(), address_.size());
    if (abstract) address.sun_path[0] = '\0';
    const std::size_t length = offsetof(sockaddr_un, sun_path) + address_.size() + (abstract ? 0 : 1);

    const Socket socket;
    if (socket.fd() < 0) return failed();
    const timeval patience{.tv_sec = 1, .tv_usec = 0};
    if (::setsockopt(socket.fd(), SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience) != 0) return failed();
    const auto* to = reinterpret_cast<const sockaddr*>(&address);
    ssize_t sent = 0;
    do {
        sent = ::sendto(socket.fd(), state.data(), state.size(), MSG_NOSIGNAL, to, static_cast<socklen_t>(length));
    } while (sent < 0 && errno == EINTR);
    if (sent < 0) return failed();
    return {};
}

std::optional<Duration> watchdog_interval() {
    return watchdog_interval(environment("WATCHDOG_USEC"), environment("WATCHDOG_PID"), ::getpid());
}

std::optional<Duration> watchdog_interval(const char* microseconds, const char* of_process, pid_t self) {
    if (microseconds == nullptr) return std::nullopt;
    if (of_process != nullptr && positive_number(of_process) != std::optional<std::int64_t>(self)) return std::nullopt;
    const std::optional<std::int64_t> interval = positive_number(microseconds);
    if (!interval || *interval > std::chrono::duration_cast<std::chrono::microseconds>(Duration::max()).count())
        return std::nullopt;
    return std::chrono::microseconds(*interval);
}

}  // namespace serin
