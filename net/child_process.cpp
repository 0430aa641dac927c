// SPDX-License-Identifier: Apache-2.0
#include "net/child_process.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>

namespace serin {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;
using std::chrono::steady_clock;

/// For a group that has got SIGKILL. What is not gone by then hangs in the kernel.
constexpr auto after_kill = std::chrono::seconds(2);

class Descriptor {
public:
    Descriptor() = default;
    explicit Descriptor(int number) : number_(number) {}
    Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
    Descriptor& operator=(Descriptor&& other) noexcept {
        std::swap(number_, other.number_);
        return *this;
    }
    ~Descriptor() {
        if (number_ >= 0) ::close(number_);
    }
    [[nodiscard]] int get() const { return number_; }
    [[nodiscard]] int release() { return std::exchange(number_, -1); }
    [[nodiscard]] bool open() const { return number_ >= 0; }

private:
    int number_ = -1;
};

/// A file without a name that holds `text`: unlike a pipe it needs nobody to feed it, and a child that does not read
/// costs us no SIGPIPE.
Descriptor file_of(std::string_view text) {
    Descriptor file(::memfd_create("input", MFD_CLOEXEC));
    while (file.open() && !text.empty()) {
        const ssize_t written = ::write(file.get(), text.data(), text.size());
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) return {};
        text.remove_prefix(static_cast<std::size_t>(written));
    }
    if (file.open() && ::lseek(file.get(), 0, SEEK_SET) != 0) return {};
    return file;
}

std::vector<char*> pointers_to(const std::vector<std::string>& texts) {
    std::vector<char*> pointers;
    for (const std::string& text : texts) pointers.push_back(const_cast<char*>(text.c_str()));  // exec() changes none
    pointers.push_back(nullptr);
    return pointers;
}

/// posix_spawn(3)'s two descriptions.
struct SpawnPlan {
    SpawnPlan(int input, int output) {
        posix_spawn_file_actions_init(&actions);
        posix_spawnattr_init(&attributes);
        posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO);
        posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
        posix_spawn_file_actions_adddup2(&actions, output, STDERR_FILENO);
        // Ours are close-on-exec; a library's may not be.
        posix_spawn_file_actions_addclosefrom_np(&actions, STDERR_FILENO + 1);
        sigset_t none;
        sigset_t all;
        sigemptyset(&none);
        sigfillset(&all);
        posix_spawnattr_setsigmask(&attributes, &none);
        posix_spawnattr_setsigdefault(&attributes, &all);
        posix_spawnattr_setpgroup(&attributes, 0);
        posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    }
    ~SpawnPlan() {
        posix_spawn_file_actions_destroy(&actions);
        posix_spawnattr_destroy(&attributes);
    }
    SpawnPlan(const SpawnPlan&) = delete;
    SpawnPlan& operator=(const SpawnPlan&) = delete;

    posix_spawn_file_actions_t actions{};
    posix_spawnattr_t attributes{};
};

/// A child that runs. Its callbacks hold it weakly, so that destroying it calls them off. It is reaped at the very end:
/// until then nobody else can get its number, nor its group's.
class Child : public std::enable_shared_from_this<Child> {
public:
    Child(const asio::any_io_executor& executor, pid_t pid, Descriptor watch, Descriptor output, std::size_t max_output)
        : bell(executor),
          pid_(pid),
          watch_(executor, watch.release()),
          output_(executor, output.release()),
          max_output_(max_output) {}
    ~Child() {
        if (reaped_) return;
        kill(SIGKILL);
        // Killed, it is gone in a moment, unless it hangs in the kernel: then init gets it in the end.
        for (int tries = 0; tries < 20 && !reap(); ++tries) ::usleep(1000);
    }
    Child(const Child&) = delete;
    Child& operator=(const Child&) = delete;

    void begin() {
        hear();
        watch_.async_wait(asio::posix::stream_descriptor::wait_read,
                          [weak = weak_from_this()](const error_code& error) {
                              const auto self = weak.lock();
                              if (!self || error) return;
                              self->ended_ = true;
                              self->bell.cancel();
                          });
    }
    /// The whole group.
    void kill(int signal) const { ::kill(-pid_, signal); }
    [[nodiscard]] bool ended() const { return ended_; }
    /// How it ended, and what was said until then. Nothing is waited for: a grandchild may hold the pipe for ever.
    ChildEnd finish() {
        reap();
        read_what_is_there();
        return std::move(end_);
    }

    asio::steady_timer bell;  ///< cancelled when the child has ended

private:
    bool reap() {
        int status = 0;
        if (reaped_ || ::waitpid(pid_, &status, WNOHANG) != pid_) return reaped_;
        reaped_ = true;
        if (WIFEXITED(status)) end_.exit_code = WEXITSTATUS(status);
        if (WIFSIGNALED(status)) end_.signal = WTERMSIG(status);
        return true;
    }
    /// False: it has come to its end.
    bool read_what_is_there() {
        std::array<char, 4096> buffer;
        for (int rounds = 0; rounds < 64; ++rounds) {  // one that never stops talking leaves the loop to others
            const ssize_t count = ::read(output_.native_handle(), buffer.data(), buffer.size());
            if (count < 0 && errno == EINTR) continue;
            if (count <= 0) return count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
            end_.output.append(buffer.data(),
                               std::min(static_cast<std::size_t>(count), max_output_ - end_.output.size()));
        }
        return true;
    }
    void hear() {
        output_.async_wait(asio::posix::stream_descriptor::wait_read,
                           [weak = weak_from_this()](const error_code& error) {
                               const auto self = weak.lock();
                               if (self && !error && self->read_what_is_there()) self->hear();
                           });
    }

    pid_t pid_;
    asio::posix::stream_descriptor watch_, output_;  ///< pidfd; pipe
    std::size_t max_output_;
    bool ended_ = false, reaped_ = false;
    ChildEnd end_;
};

/// Starts it; null when that cannot be, with the reason in `end`.
std::shared_ptr<Child> start(const ChildRequest& request, const asio::any_io_executor& executor, ChildEnd& end) {
    const auto lacking = [&end](int error) {
        end.not_started = fmt::format("no process can be started here: {}", std::strerror(error));
        end.start_error = error;
        return nullptr;
    };
    std::array<int, 2> ends{-1, -1};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) return lacking(errno);
    Descriptor ours(ends[0]);
    const Descriptor theirs(ends[1]);
    const Descriptor input = file_of(request.input);
    if (!input.open()) return lacking(errno);
    ::fcntl(ours.get(), F_SETFL, O_NONBLOCK);

    const SpawnPlan plan(input.get(), theirs.get());
    const std::vector<char*> command = pointers_to(request.command);
    const std::vector<char*> environment = pointers_to(request.environment);
    pid_t pid = -1;
    const int error =
        ::posix_spawnp(&pid, command[0], &plan.actions, &plan.attributes, command.data(), environment.data());
    if (error != 0) {
        end.not_started = fmt::format("`{}` cannot be run: {}", request.command.front(), std::strerror(error));
        end.start_error = error;
        return nullptr;
    }
    Descriptor watch(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));  // close-on-exec by itself
    if (!watch.open()) {
        const int open_error = errno;
        ::kill(-pid, SIGKILL);
        ::waitpid(pid, nullptr, 0);
        return lacking(open_error);
    }
    auto child = std::make_shared<Child>(executor, pid, std::move(watch), std::move(ours), request.max_output);
    child->begin();
    return child;
}

}  // namespace

asio::awaitable<ChildEnd> run_child(const ChildRequest& request) {
    ChildEnd end;
    if (request.command.empty()) {
        end.not_started = "there is no command";
        co_return end;
    }
    const std::shared_ptr<Child> child = start(request, co_await asio::this_coro::executor, end);
    if (!child) co_return end;

    // A cancelled wait must still see its child die, so nothing may throw before that.
    const bool throws = co_await asio::this_coro::throw_if_cancelled();
    co_await asio::this_coro::throw_if_cancelled(false);
    const auto caller = co_await asio::this_coro::cancellation_state;
    const Steady term_at = request.deadline.at;
    const Steady kill_at = deadline_after(term_at, request.grace).at;
    const auto wait_until = [&child](Steady at) {
        child->bell.expires_at(at);
        return child->bell.async_wait(asio::as_tuple(asio::use_awaitable));
    };
    const auto cancelled = [&caller] { return caller.cancelled() != asio::cancellation_type::none; };

    if (!child->ended()) co_await wait_until(term_at);
    const bool late = !child->ended() && !cancelled();
    if (late) {
        child->kill(SIGTERM);
        co_await wait_until(kill_at);
    }
    if (late || !child->ended()) child->kill(SIGKILL);  // also those of the group who outlive its leader
    if (!child->ended()) co_await wait_until(steady_clock::now() + after_kill);
    end = child->finish();
    end.late = late;
    co_await asio::this_coro::throw_if_cancelled(throws);
    if (cancelled()) throw boost::system::system_error(asio::error::operation_aborted);
    co_return end;
}

}  // namespace serin
