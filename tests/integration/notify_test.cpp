// SPDX-License-Identifier: Apache-2.0
#include "runner/serve/notify.hpp"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <string>

#include "tests/support/temp_folder.hpp"

namespace serin::test {

using namespace std::chrono_literals;

namespace {

/// The manager's end: a datagram socket at a path, or (with "@" in front) at an abstract name.
class Manager {
public:
    explicit Manager(const std::string& address) : fd_(socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
        sockaddr_un name{};
        name.sun_family = AF_UNIX;
        REQUIRE(address.size() < sizeof name.sun_path);
        std::memcpy(name.sun_path, address.data(), address.size());
        const bool abstract = address.front() == '@';
        if (abstract) name.sun_path[0] = '\0';
        const std::size_t length = offsetof(sockaddr_un, sun_path) + address.size() + (abstract ? 0 : 1);
        REQUIRE(bind(fd_, reinterpret_cast<const sockaddr*>(&name), static_cast<socklen_t>(length)) == 0);
    }
    ~Manager() { close(fd_); }
    Manager(const Manager&) = delete;
    Manager& operator=(const Manager&) = delete;

    /// The next datagram that has come; "(nothing)" when there is none.
    [[nodiscard]] std::string heard() const {
        char buffer[4096];
        const ssize_t bytes = recv(fd_, buffer, sizeof buffer, MSG_DONTWAIT);
        return bytes < 0 ? "(nothing)" : std::string(buffer, static_cast<std::size_t>(bytes));
    }

private:
    int fd_;
};

/// Set while it lives.
class Variable {
public:
    Variable(const char* name, const std::string& value) : name_(name) { setenv(name, value.c_str(), 1); }
    ~Variable() { unsetenv(name_); }
    Variable(const Variable&) = delete;
    Variable& operator=(const Variable&) = delete;

private:
    const char* name_;
};

}  // namespace

TEST_CASE("the service manager hears each state in its protocol") {
    const TempFolder folder;
    const std::string path = folder.file("notify");
    const Manager manager(path);
    const Variable variable("NOTIFY_SOCKET", path);
    const ServiceManager told = ServiceManager::from_environment();
    REQUIRE(told.listens());

    REQUIRE(told.ready());
    CHECK(manager.heard() == "READY=1");
    REQUIRE(told.ready("12 probes"));
    CHECK(manager.heard() == "READY=1\nSTATUS=12 probes");
    REQUIRE(told.status("3 of 12 probes fail"));
    CHECK(manager.heard() == "STATUS=3 of 12 probes fail");
    REQUIRE(told.reloading(Steady(1234567891us)));
    CHECK(manager.heard() == "RELOADING=1\nMONOTONIC_USEC=1234567891");
    REQUIRE(told.watchdog());
    CHECK(manager.heard() == "WATCHDOG=1");
    REQUIRE(told.stopping("4 runs end"));
    CHECK(manager.heard() == "STOPPING=1\nSTATUS=4 runs end");
    CHECK(manager.heard() == "(nothing)");
}

TEST_CASE("an abstract socket is reached by its name") {
    const std::string name = "@serin-notify-" + std::to_string(getpid());
    const Manager manager(name);
    REQUIRE(ServiceManager(name).ready());
    CHECK(manager.heard() == "READY=1");
}

TEST_CASE("a status cannot smuggle in another assignment and is bounded") {
    const TempFolder folder;
    const Manager manager(folder.file("notify"));
    const ServiceManager told(folder.file("notify"));
    REQUIRE(told.status("fine\nMAINPID=1\r\x1b"));
    CHECK(manager.heard() == "STATUS=fine MAINPID=1  ");
    REQUIRE(told.status(std::string(100'000, 'x')));
    CHECK(manager.heard().size() < 1100);
}

TEST_CASE("without a manager every call succeeds") {
    unsetenv("NOTIFY_SOCKET");
    const ServiceManager nobody = ServiceManager::from_environment();
    CHECK_FALSE(nobody.listens());
    CHECK(nobody.ready());
    CHECK(nobody.status("x"));
    CHECK(nobody.reloading(Steady{}));
    CHECK(nobody.stopping());
    CHECK(nobody.watchdog());
    const Variable variable("NOTIFY_SOCKET", "");
    CHECK_FALSE(ServiceManager::from_environment().listens());
}

TEST_CASE("a manager that is not there is an error with a remedy") {
    const TempFolder folder;
    for (const std::string& address : {folder.file("nobody"), std::string("relative/path"), std::string("vsock:2:1234"),
                                       folder.file(std::string(200, 'x')), std::string("@serin-nobody-listens-here")}) {
        CAPTURE(address);
        const Result<void> told = ServiceManager(address).ready();
        REQUIRE_FALSE(told);
        CHECK(told.error().title.starts_with("cannot tell the service manager: "));
        CHECK_FALSE(told.error().remedy.empty());
    }
}

TEST_CASE("a manager that reads nothing holds a caller up for a second at most") {
    const TempFolder folder;
    const Manager manager(folder.file("notify"));
    const ServiceManager told(folder.file("notify"));
    Result<void> sent;
    // Its queue has an end (net.unix.max_dgram_qlen, some hundreds).
    for (int i = 0; i < 100'000 && sent; ++i) sent = told.watchdog();
    REQUIRE_FALSE(sent);
    CHECK(manager.heard() == "WATCHDOG=1");
    CHECK(told.ready());
}

TEST_CASE("the watchdog's interval is read as systemd gives it") {
    CHECK(watchdog_interval("30000000", nullptr, 42) == 30s);
    CHECK(watchdog_interval("1", "42", 42) == 1us);
    CHECK_FALSE(watchdog_interval(nullptr, "42", 42));
    CHECK_FALSE(watchdog_interval("30000000", "43", 42));  // meant for another process
    for (const char* wrong : {"", "0", "-1", "1s", " 1", "1 ", "0x10", "9223372036854775807", "18446744073709551615",
                              "99999999999999999999999"}) {
        CAPTURE(wrong);
        CHECK_FALSE(watchdog_interval(wrong, nullptr, 42));
    }
    for (const char* wrong : {"", "0", "abc", "42x"}) {
        CAPTURE(wrong);
        CHECK_FALSE(watchdog_interval("30000000", wrong, 42));
    }
    unsetenv("WATCHDOG_PID");
    const Variable interval("WATCHDOG_USEC", "2000000");
    CHECK(watchdog_interval() == 2s);
    const Variable other("WATCHDOG_PID", std::to_string(getpid() + 1));
    CHECK_FALSE(watchdog_interval());
    const Variable self("WATCHDOG_PID", std::to_string(getpid()));
    CHECK(watchdog_interval() == 2s);
}

}  // namespace serin::test
