// SPDX-License-Identifier: Apache-2.0
#include "tests/support/smtp_peer.hpp"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>

extern char** environ;  // NOLINT(readability-redundant-declaration): POSIX leaves it to the program

namespace serin::test {
namespace {

constexpr const char* python = "/usr/bin/python3";  // Debian's own, which has Debian's aiosmtpd

std::string read_whole(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace

SmtpPeer::SmtpPeer(const std::vector<std::string>& options) {
    set_mode("ok");
    std::array<int, 2> input{};
    std::array<int, 2> output{};
    if (::pipe2(input.data(), O_CLOEXEC) != 0 || ::pipe2(output.data(), O_CLOEXEC) != 0)
        throw std::runtime_error("no pipe");
    std::vector<std::string> command{python, SERIN_SOURCE_DIR "/tests/e2e/smtp_peer.py", folder_.file("")};
    command.insert(command.end(), options.begin(), options.end());
    std::vector<char*> arguments;
    for (std::string& each : command) arguments.push_back(each.data());
    arguments.push_back(nullptr);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, input[0], STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions, output[1], STDOUT_FILENO);
    const int error = ::posix_spawn(&pid_, python, &actions, nullptr, arguments.data(), environ);
    posix_spawn_file_actions_destroy(&actions);
    ::close(input[0]);
    ::close(output[1]);
    input_ = input[1];
    if (error != 0) {
        pid_ = -1;
        ::close(output[0]);
        return;
    }
    std::FILE* const lines = ::fdopen(output[0], "r");
    if (std::fscanf(lines, "smtp %d imap %d", &smtp_port_, &imap_port_) != 2) smtp_port_ = 0;
    std::fclose(lines);
}

SmtpPeer::~SmtpPeer() {
    if (pid_ > 0) {
        ::kill(pid_, SIGKILL);
        ::waitpid(pid_, nullptr, 0);
    }
    ::close(input_);
}

void SmtpPeer::set_mode(const std::string& mode) const {
    const std::string written = folder_.file("mode.new");
    std::ofstream(written) << mode;
    std::filesystem::rename(written, folder_.file("mode"));  // it never reads half a word
}

std::vector<std::string> SmtpPeer::messages() const {
    std::vector<std::string> all;
    for (int number = 1;; ++number) {
        const std::string path = folder_.file(std::to_string(number) + ".eml");
        if (!std::filesystem::exists(path)) return all;
        all.push_back(read_whole(path));
    }
}

}  // namespace serin::test
