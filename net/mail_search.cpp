// SPDX-License-Identifier: Apache-2.0
// As much of IMAP (RFC 9051; RFC 3501 servers understand it too) as looking for a message takes.
#include <algorithm>
#include <utility>

#include "core/ascii.hpp"
#include "net/mail_client.hpp"
#include "net/mail_wire.hpp"

namespace serin {

namespace asio = boost::asio;

namespace {

constexpr int max_lines = 10'000;

/// A quoted string can hold it (RFC 9051 §4.3).
bool is_quotable(std::string_view text) {
    return std::ranges::all_of(text, [](unsigned char c) { return c >= 0x20 && c < 0x7f; });
}

std::string quoted(std::string_view text) {
    std::string out = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\') out += '\\';
        out += c;
    }
    return out + "\"";
}

class ImapTalk {
public:
    explicit ImapTalk(MailSearch& search) : search_(search) {}

    asio::awaitable<void> look(const MailTarget& target, const Route& route, const std::string& message_id,
                               Deadline deadline) {
        if (!co_await wire_.open(target, route, deadline)) co_return failed("");
        const std::optional<std::string> greeting = co_await wire_.hear();
        if (!greeting) co_return failed(" at the greeting");
        if (!greeting->starts_with("* OK")) co_return refused(*greeting);
        if (target.starttls) {
            if (!co_await ask("STARTTLS")) co_return;
            if (wire_.more_has_come()) co_return refused("it spoke before TLS began");
            if (!co_await wire_.start_tls(target, route.tls)) co_return failed(" at STARTTLS");
        }
        if (!co_await ask("LOGIN " + quoted(target.user) + " " + quoted(target.password))) co_return;
        const std::string path = target.url.target.substr(1);
        const std::string mailbox = percent_decode(path, Plus::stays);
        if (!is_quotable(mailbox)) co_return refused("a mailbox of that name cannot be asked for");
        if (!co_await ask("EXAMINE " + quoted(mailbox.empty() ? "INBOX" : mailbox))) co_return;
        search_.answered = co_await ask("SEARCH HEADER Message-ID " + quoted(message_id));
        co_await wire_.leave("z LOGOUT\r\n");
    }

private:
    void failed(const char* where) {
        search_.said = (wire_.late() ? "no answer within the deadline" : wire_.failure().message) + where;
    }
    void refused(std::string_view line) { search_.said = std::string(line.substr(0, 300)); }

    /// True when the server says OK to it.
    asio::awaitable<bool> ask(std::string command) {
        const std::string tag = "a" + std::to_string(++last_);
        const std::string line = tag + " " + command + "\r\n";
        if (!co_await wire_.say(line)) {
            failed("");
            co_return false;
        }
        for (int count = 0; count < max_lines; ++count) {
            const std::optional<std::string> answer = co_await wire_.hear();
            if (!answer) {
                failed("");
                co_return false;
            }
            if (answer->starts_with("* SEARCH ")) search_.found = !trimmed(answer->substr(9)).empty();
            if (!answer->starts_with(tag + " ")) continue;
            const std::string status = answer->substr(tag.size() + 1);
            if (equal_ignoring_case(status.substr(0, 2), "OK")) co_return true;
            refused(status);
            co_return false;
        }
        refused("it says too much");
        co_return false;
    }

    MailSearch& search_;
    MailWire wire_;
    int last_ = 0;
};

}  // namespace

asio::awaitable<MailSearch> find_mail(const MailServer& server, const std::string& message_id, Deadline deadline) {
    MailSearch search;
    const std::optional<MailTarget> target = mail_target(server, "imap", 143, 993);
    if (!target) {
        search.said = "this is not the URL of a mailbox: imap://host:port or imaps://host is";
        co_return search;
    }
    if (!is_quotable(message_id) || !is_quotable(target->user) || !is_quotable(target->password)) {
        search.said = "user, password and Message-ID must be printable ASCII";
        co_return search;
    }
    ImapTalk talk(search);
    co_await talk.look(*target, server.route, message_id, deadline);
    search.found = search.found && search.answered;
    co_return search;
}

}  // namespace serin
