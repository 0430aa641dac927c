// SPDX-License-Identifier: Apache-2.0
// A command of the operator's own, started without a shell for each notice. It reads one JSON object on its standard
// input: notice_json(), and the words as "title", "text" and "link". It sees PATH and the variables that the
// configuration names, nothing else. It leads a process group of its own, which is ended at the deadline.
//
// How it ends is how the notice was taken (the numbers from 64 are those of sysexits.h):
//   0                        proven: the command vouches for it
//   65 (EX_DATAERR)          refused: never this notice
//   64, 77, 78, 126, 127     broken: wrong use, no permission, wrong configuration, cannot be run, not found
//   75 (EX_TEMPFAIL), any other number, a signal, the deadline: retry
// A program that is not there, or is none that may be run, is broken; one that cannot be started for want of memory,
// processes or descriptors is tried again.
//
// A command that the deadline ended may have told somebody already, and is started again: "id" is the same for each
// attempt, for whoever wants to drop copies.
#pragma once
#include <memory>

#include "net/child_process.hpp"
#include "reports/alerts/channels/channel.hpp"

namespace serin {

/// By the table above.
[[nodiscard]] Took took_of(const ChildEnd& end);

[[nodiscard]] std::unique_ptr<Channel> make_exec_channel(ArmedChannel armed, const ChannelHouse& house);

}  // namespace serin
