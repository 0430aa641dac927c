// SPDX-License-Identifier: Apache-2.0
// Mail over SMTP. The `250` after the final dot says that the server has taken the responsibility (RFC 5321 §4.2.5):
// that is the proof that mail has, unless an IMAP mailbox is configured, in which the message is looked for.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "core/time.hpp"
#include "net/mail_client.hpp"
#include "reports/alerts/channels/channel.hpp"
#include "reports/alerts/channels/rendering.hpp"

namespace serin {

/// A 4xx of some recipients is retried for these only; a 5xx of some is told, and the others are served. Mail is taken
/// again by nobody: after a lost answer there may be two copies with one Message-ID.
[[nodiscard]] std::unique_ptr<Channel> make_mail_channel(ArmedChannel armed, const ChannelHouse& house);

/// "serin@example.com" of "Serin <serin@example.com>"; what stands outside of ASCII's visible characters is dropped.
[[nodiscard]] std::string address_of(const std::string& mailbox);

/// "<inc-4711.3@example.com>": the same for each attempt, the domain from `from`.
[[nodiscard]] std::string message_id_of(const std::string& notice_id, const std::string& from);

/// The whole message (RFC 5322), CRLF line ends, no line above 998 bytes, seven-bit. Byte for byte the same for each
/// attempt. All messages of an incident refer to one id, so that they stand in one thread, also for a recipient who
/// never got the first. Nothing in the notice can begin a header of its own.
[[nodiscard]] std::string mail_message(const Notice& notice, const NoticeWords& words, const std::string& from,
                                       const std::vector<std::string>& to);

/// What an exchange came to, for the outbox. `proof`: what a message taken for all counts as.
[[nodiscard]] SendResult judge_mail(const MailReply& reply, Took proof);

}  // namespace serin
