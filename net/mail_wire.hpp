// SPDX-License-Identifier: Apache-2.0
// Internal to net/: lines to and from a mail server, TLS when it is time.
#pragma once
#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/observation.hpp"
#include "net/mail_client.hpp"
#include "net/stream.hpp"
#include "net/url.hpp"

namespace serin {

/// What a mail URL asks for.
struct MailTarget {
    Url url{};
    bool tls_first = false;  ///< smtps, imaps (RFC 8314 §3)
    bool starttls = false;   ///< demanded
    std::string user{}, password{};
};
/// nullopt: not a URL of `scheme` or `scheme`s.
[[nodiscard]] std::optional<MailTarget> mail_target(const MailServer& server, std::string_view scheme,
                                                    std::uint16_t port, std::uint16_t tls_port);

class MailWire {
public:
    /// Connects, with TLS when it comes first. Of all, until `deadline`.
    boost::asio::awaitable<bool> open(const MailTarget& target, const Route& route, Deadline deadline);
    boost::asio::awaitable<bool> start_tls(const MailTarget& target, const TlsOptions& tls);
    /// One line or more, with their ends. Must outlive the await.
    boost::asio::awaitable<bool> say(std::string_view bytes);
    /// Without its line end; nullopt: the connection ended, or the line is too long.
    boost::asio::awaitable<std::optional<std::string>> hear();
    /// The last word, and a short wait for the other side's.
    boost::asio::awaitable<void> leave(std::string word);

    /// Something that came and was not read yet. After STARTTLS it would be a stranger's (RFC 3207 §4.2).
    [[nodiscard]] bool more_has_come() const { return !buffer_.empty(); }
    [[nodiscard]] bool late() const { return alarm_ && alarm_->went_off(); }
    /// Why a call gave nothing.
    [[nodiscard]] const WireFailure& failure() const { return failure_; }

private:
    std::optional<AsyncStream> stream_;
    std::optional<Alarm> alarm_;
    std::string buffer_;
    WireFailure failure_;
    Deadline deadline_;
};

}  // namespace serin
