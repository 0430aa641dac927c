// SPDX-License-Identifier: Apache-2.0
// SMTP (RFC 5321): one message a connection, no pipelining.
#include "net/mail_client.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <set>
#include <utility>

#include "core/ascii.hpp"
#include "core/secret.hpp"
#include "net/mail_wire.hpp"

namespace serin {

namespace asio = boost::asio;

namespace {

/// Of an answer.
constexpr std::size_t max_said = 500;
constexpr int max_lines = 100;

/// An envelope's address: nothing that could end the command it stands in.
bool is_address(const std::string& text) {
    return std::ranges::all_of(text, [](unsigned char c) { return c > 0x20 && c < 0x7f && c != '<' && c != '>'; });
}

std::string our_name() {
    std::array<char, 256> name{};
    if (::gethostname(name.data(), name.size() - 1) != 0) return "localhost";
    std::string text(name.data());
    std::erase_if(text, [](char c) { return !is_alphanumeric(c) && c != '.' && c != '-'; });
    return text.empty() ? "localhost" : text;
}

/// RFC 5321 §4.5.2, and the final dot.
std::string dotted(std::string_view message) {
    std::string out;
    out.reserve(message.size() + 16);
    bool line_begins = true;
    for (const char c : message) {
        if (line_begins && c == '.') out += '.';
        out += c;
        line_begins = c == '\n';
    }
    if (!message.ends_with("\r\n")) out += "\r\n";
    return out + ".\r\n";
}

/// A person has to mend it.
bool cannot_be_used(const WireFailure& failure) {
    return failure.failure_class == "unreadable_file" || failure.failure_class == "invalid_request";
}

/// One exchange. Each step leaves in `reply` how far it came, and is false when that was the end.
class SmtpTalk {
public:
    SmtpTalk(const MailRequest& request, MailReply& reply) : request_(request), reply_(reply) {}

    asio::awaitable<bool> hand_over(const MailTarget& target) {
        if (!co_await begin(target) || !co_await log_in(target)) co_return false;
        if (!co_await ask(MailPhase::sender, "MAIL FROM:<" + request_.from + ">") || !good()) co_return false;
        if (!co_await name_recipients()) co_return false;
        if (!co_await ask(MailPhase::data, "DATA") || reply_.code != 354) co_return false;
        const std::string bytes = dotted(request_.message);
        if (!co_await wire_.say(bytes)) co_return false;
        reply_.phase = MailPhase::receipt;
        reply_.code = 0;
        if (!co_await take_answer() || !good()) co_return false;
        reply_.taken = true;
        reply_.phase = MailPhase::done;
        co_return true;
    }
    asio::awaitable<void> leave() { co_await wire_.leave("QUIT\r\n"); }
    [[nodiscard]] const MailWire& wire() const { return wire_; }

private:
    [[nodiscard]] bool good() const { return reply_.code >= 200 && reply_.code < 300; }

    asio::awaitable<bool> ask(MailPhase phase, const std::string& command) {
        reply_.phase = phase;
        reply_.code = 0;
        const std::string line = command + "\r\n";
        if (!co_await wire_.say(line)) co_return false;
        co_return co_await take_answer();
    }

    /// A whole answer (RFC 5321 §4.2.1).
    asio::awaitable<bool> take_answer() {
        reply_.said.clear();
        answer_lines_.clear();
        for (int count = 0; count < max_lines; ++count) {
            const std::optional<std::string> line = co_await wire_.hear();
            if (!line) co_return false;
            int code = 0;
            const auto read =
                std::from_chars(line->data(), line->data() + std::min<std::size_t>(line->size(), 3), code);
            if (read.ec != std::errc() || code < 200 || code > 599) {
                reply_.said = "this is not SMTP: " + line->substr(0, max_said);
                co_return false;
            }
            if (!reply_.said.empty()) reply_.said += ' ';
            reply_.said += line->substr(0, max_said - std::min(max_said, reply_.said.size()));
            answer_lines_.push_back(line->size() > 4 ? line->substr(4) : "");
            if (line->size() > 3 && (*line)[3] == '-') continue;
            reply_.code = code;
            co_return true;
        }
        co_return false;
    }

    asio::awaitable<bool> begin(const MailTarget& target) {
        if (!co_await wire_.open(target, request_.server.route, request_.deadline)) {
            reply_.unusable = cannot_be_used(wire_.failure());
            co_return false;
        }
        reply_.phase = MailPhase::greeting;
        if (!co_await take_answer() || !good() || !co_await greet()) co_return false;
        if (!target.starttls) co_return true;
        reply_.phase = MailPhase::starttls;
        reply_.no_tls = !extensions_.contains("STARTTLS");
        if (reply_.no_tls) {
            reply_.said = "the server offers no TLS, and nothing is said to it without";
            reply_.code = 0;
            co_return false;
        }
        if (!co_await ask(MailPhase::starttls, "STARTTLS")) co_return false;
        reply_.no_tls = reply_.code >= 500;
        if (!good() || wire_.more_has_come()) co_return false;
        if (!co_await wire_.start_tls(target, request_.server.route.tls)) {
            reply_.code = 0;
            reply_.said.clear();
            reply_.unusable = cannot_be_used(wire_.failure());
            co_return false;
        }
        co_return co_await greet();
    }

    asio::awaitable<bool> greet() {
        if (!co_await ask(MailPhase::hello, "EHLO " + our_name())) co_return false;
        extensions_.clear();
        if (good()) {
            for (const std::string& line : answer_lines_) note_extension(line);
            co_return true;
        }
        if (reply_.code < 500) co_return false;
        co_return co_await ask(MailPhase::hello, "HELO " + our_name()) && good();
    }

    void note_extension(std::string line) {
        std::ranges::transform(line, line.begin(),
                               [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; });
        std::string verb = line.substr(0, line.find_first_of(" ="));
        if (verb == "AUTH") {
            for (const char* way : {"PLAIN", "LOGIN"}) {
                const std::size_t at = line.find(way);
                if (at != std::string::npos) extensions_.insert(std::string("AUTH ") + way);
            }
        }
        extensions_.insert(std::move(verb));
    }

    /// RFC 4954; the two ways that every server has.
    asio::awaitable<bool> log_in(const MailTarget& target) {
        if (target.user.empty()) co_return true;
        reply_.phase = MailPhase::authenticating;
        reply_.code = 0;
        bool answered = true;
        if (extensions_.contains("AUTH PLAIN")) {
            using namespace std::string_literals;
            const std::string words = "\0"s + target.user + "\0"s + target.password;
            answered = co_await ask(MailPhase::authenticating, "AUTH PLAIN " + base64(words));
        } else if (extensions_.contains("AUTH LOGIN")) {
            answered = co_await ask(MailPhase::authenticating, "AUTH LOGIN");
            if (answered && reply_.code == 334) answered = co_await ask(MailPhase::authenticating, base64(target.user));
            if (answered && reply_.code == 334)
                answered = co_await ask(MailPhase::authenticating, base64(target.password));
        } else {
            reply_.said = "the server offers no login by PLAIN or LOGIN";
        }
        reply_.login_denied = answered && !good();
        co_return answered&& good();
    }

    asio::awaitable<bool> name_recipients() {
        for (const std::string& recipient : request_.to) {
            if (!co_await ask(MailPhase::recipients, "RCPT TO:<" + recipient + ">")) co_return false;
            if (!good()) reply_.refused.push_back({.recipient = recipient, .code = reply_.code, .said = reply_.said});
            if (reply_.code == 421) co_return false;  // it is about to close (RFC 5321 §3.8)
        }
        co_return reply_.refused.size() < request_.to.size();
    }

    const MailRequest& request_;
    MailReply& reply_;
    MailWire wire_;
    std::set<std::string> extensions_;
    std::vector<std::string> answer_lines_;  ///< without the codes
};

}  // namespace

const char* words_of(MailPhase phase) {
    switch (phase) {
        case MailPhase::connecting:
            return "connecting";
        case MailPhase::greeting:
            return "waiting for the greeting";
        case MailPhase::hello:
            return "waiting for the answer to EHLO";
        case MailPhase::starttls:
            return "changing to TLS";
        case MailPhase::authenticating:
            return "logging in";
        case MailPhase::sender:
            return "waiting for the answer to MAIL FROM";
        case MailPhase::recipients:
            return "waiting for the answer to RCPT TO";
        case MailPhase::data:
            return "handing over the message";
        case MailPhase::receipt:
            return "waiting for the receipt of the message";
        case MailPhase::done:
            return "ending";
    }
    return "";
}

asio::awaitable<MailReply> send_mail(const MailRequest& request) {
    MailReply reply;
    const std::optional<MailTarget> target = mail_target(request.server, "smtp", 25, 465);
    if (!target) {
        reply.unusable = true;
        reply.said = "this is not the URL of a mail server: smtp://host:port or smtps://host is";
        co_return reply;
    }
    const bool named = !request.to.empty() &&
                       std::ranges::all_of(request.to, [](const auto& to) { return !to.empty() && is_address(to); });
    if (!named || !is_address(request.from)) {
        reply.phase = named ? MailPhase::sender : MailPhase::recipients;
        reply.code = 553;  // what a server would say (RFC 5321 §4.2.3)
        reply.said = "an address of the envelope cannot be used";
        co_return reply;
    }
    SmtpTalk talk(request, reply);
    const bool taken = co_await talk.hand_over(*target);
    reply.deadline_hit = !taken && request.deadline.passed(std::chrono::steady_clock::now());
    if (!taken && reply.code < 400) {
        reply.code = 0;
        if (reply.deadline_hit) {
            reply.said = std::string("no end within the deadline while ") + words_of(reply.phase);
        } else if (reply.said.empty()) {
            reply.said = talk.wire().failure().message + ", while " + words_of(reply.phase);
        }
    }
    if (reply.phase != MailPhase::connecting && !reply.deadline_hit) co_await talk.leave();
    co_return reply;
}

}  // namespace serin
