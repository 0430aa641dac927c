// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <cstddef>
#include <string>
#include <vector>

#include "core/time.hpp"

namespace serin {

struct ChildRequest {
    std::vector<std::string> command{};        ///< argv; without a slash the first is looked up in our PATH
    std::vector<std::string> environment{};    ///< "NAME=value", all that it sees
    std::string input{};                       ///< its standard input, which ends after it
    std::size_t max_output = 4096;             ///< of standard output and error together; what is beyond is thrown away
    Deadline deadline{};                       ///< then its process group gets SIGTERM
    Duration grace = std::chrono::seconds(2);  ///< and after this SIGKILL
};

struct ChildEnd {
    std::string not_started{};  ///< why; all else but `start_error` is unset then
    int start_error = 0;        ///< errno of it; 0: there was no command
    int exit_code = -1;         ///< -1: ended by a signal
    int signal = 0;
    bool late = false;     ///< the deadline ended it
    std::string output{};  ///< bytes as they came
};

/// Starts a program without a shell and waits for its end. It leads a process group of its own, has no descriptor but
/// its standard ones, no blocked signal and every signal's default. What it leaves behind in the background after it
/// has ended by itself goes on, without our reading its output.
///
/// When cancelled, the group gets SIGKILL, the child is reaped, and operation_aborted is thrown. `request` must outlive
/// the await. Linux 5.3 (pidfd_open).
boost::asio::awaitable<ChildEnd> run_child(const ChildRequest& request);

}  // namespace serin
