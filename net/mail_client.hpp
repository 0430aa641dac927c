// SPDX-License-Identifier: Apache-2.0
// Sends a message over SMTP, and looks for one over IMAP. Not by libcurl (7.88), which blocks its thread while it
// waits for the receipt of a message and for the answer to QUIT, and sends the final dot when it is cancelled.
#pragma once
#include <boost/asio/awaitable.hpp>
#include <string>
#include <vector>

#include "core/observation.hpp"

namespace serin {

/// A server and who we are there.
struct MailServer {
    /// smtp://host[:port] or smtps://…; imap://host[:port][/mailbox] or imaps://…. Without the s, STARTTLS is demanded
    /// (RFC 3207, RFC 9051 §6.2.1), but for a server on this machine, whose bytes leave no wire.
    std::string url{};
    Route route{};
    std::string user{}, password{};
};

/// What a mail exchange was doing, in order.
enum class MailPhase {
    connecting,
    greeting,  ///< TLS included where it comes first
    hello,
    starttls,
    authenticating,
    sender,      ///< MAIL FROM
    recipients,  ///< RCPT TO
    data,        ///< DATA, and the message itself
    receipt,     ///< from the final dot on: the server may have taken it
    done,
};
/// "waiting for the answer to RCPT TO": where a hung exchange stood, for people.
[[nodiscard]] const char* words_of(MailPhase phase);

struct MailRequest {
    MailServer server{};
    std::string from{};             ///< address only; empty: the null sender
    std::vector<std::string> to{};  ///< addresses only; at least one
    std::string message{};          ///< RFC 5322 with CRLF; dots are stuffed on the way
    Deadline deadline{};            ///< of the whole exchange
};

struct MailReply {
    bool taken = false;                       ///< 250 after the final dot, for all recipients that are not in `refused`
    MailPhase phase = MailPhase::connecting;  ///< where it ended
    int code = 0;                             ///< of the answer that ended it (RFC 5321 §4.2.1); 0: none came
    std::string said{};                       ///< that answer, or what went wrong; bounded; not redacted
    struct Refused {
        std::string recipient{};
        int code = 0;
        std::string said{};
    };
    std::vector<Refused> refused{};
    bool deadline_hit = false;
    bool login_denied = false;  ///< by the server, or it offers no way that we know (PLAIN, LOGIN)
    bool no_tls = false;        ///< STARTTLS is demanded and was not offered, or refused for good
    bool unusable = false;      ///< the URL or a file that TLS needs: what a person has to mend
};

struct MailSearch {
    bool found = false;
    bool answered = false;  ///< the server did search
    std::string said{};     ///< why not
};

/// Hands a message over. Never throws for what the server does; throws operation_aborted when cancelled, and a message
/// that was not wholly sent then is not taken. `request` must outlive the await.
boost::asio::awaitable<MailReply> send_mail(const MailRequest& request);

/// Looks in the mailbox (INBOX unless the URL names another) for a message by its Message-ID, angle brackets included
/// (RFC 9051 §6.4.4). It is opened read-only. `server` and `message_id` must outlive the await.
boost::asio::awaitable<MailSearch> find_mail(const MailServer& server, const std::string& message_id,
                                             Deadline deadline);

}  // namespace serin
