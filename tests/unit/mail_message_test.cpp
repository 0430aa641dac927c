// SPDX-License-Identifier: Apache-2.0
// The bytes of a mail, and what an SMTP exchange means for the outbox.
#include <algorithm>
#include <catch2/catch.hpp>
#include <sstream>

#include "reports/alerts/channels/mail.hpp"
#include "tests/support/notice_examples.hpp"

namespace serin::test {
namespace {

const std::string from = "Serin <serin@example.com>";

std::string message_of(const Notice& notice, const NoticeWords& words) {
    return mail_message(notice, words, from, {"oncall@example.com", "Second <second@example.com>"});
}

/// The value of a header, unfolded; "(none)" when there is none; "(twice)" when there are more.
std::string header(const std::string& message, const std::string& name) {
    std::string head = "\r\n" + message.substr(0, message.find("\r\n\r\n") + 2);
    for (std::size_t at = 0; (at = head.find("\r\n ", at)) != std::string::npos;) head.erase(at, 2);
    const std::size_t at = head.find("\r\n" + name + ": ");
    if (at == std::string::npos) return "(none)";
    const std::size_t begin = at + name.size() + 4;
    const std::size_t end = head.find("\r\n", begin);
    if (head.find("\r\n" + name + ": ", end) != std::string::npos) return "(twice)";
    return head.substr(begin, end - begin);
}

std::string body(const std::string& message) {
    return message.substr(message.find("\r\n\r\n") + 4);
}

/// Longest line, or 0 when a line end is not CRLF or a byte has eight bits.
std::size_t longest_line(const std::string& message) {
    std::size_t longest = 0;
    std::size_t line = 0;
    for (std::size_t i = 0; i < message.size(); ++i) {
        const char c = message[i];
        if (static_cast<unsigned char>(c) >= 0x80) return 0;
        if (c == '\n' && (i == 0 || message[i - 1] != '\r')) return 0;
        if (c == '\r' && (i + 1 == message.size() || message[i + 1] != '\n')) return 0;
        line = c == '\n' ? 0 : line + (c == '\r' ? 0 : 1);
        longest = std::max(longest, line);
    }
    return longest;
}

/// Quoted-printable by the letter of RFC 2045.
std::string decoded(const std::string& text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '=') {
            if (text[i] != '\r') out += text[i];
        } else if (text.compare(i, 3, "=\r\n") == 0) {
            i += 2;
        } else {
            out += static_cast<char>(std::stoi(text.substr(i + 1, 2), nullptr, 16));
            i += 2;
        }
    }
    return out;
}

}  // namespace

TEST_CASE("a mail carries what threads it and what keeps robots from answering") {
    const std::string opened = message_of(notice_of(NoticeKind::opened), {.title = "down", .text = "text\n"});
    CHECK(header(opened, "Message-ID") == "<inc-k3v9x2m4aa.1@example.com>");
    CHECK(header(opened, "References") == "<inc-k3v9x2m4aa@example.com>");
    CHECK(header(opened, "In-Reply-To") == "(none)");
    CHECK(header(opened, "Date") == "Sun, 22 Nov 2026 08:01:30 +0000");
    CHECK(header(opened, "From") == "\"Serin\" <serin@example.com>");
    CHECK(header(opened, "To") == "oncall@example.com, \"Second\" <second@example.com>");
    CHECK(header(opened, "Subject") == "down");
    CHECK(header(opened, "Auto-Submitted") == "auto-generated");
    CHECK(header(opened, "X-Serin-Incident") == "inc-k3v9x2m4aa");
    CHECK(header(opened, "Content-Type") == "text/plain; charset=utf-8");
    CHECK(header(opened, "Content-Transfer-Encoding") == "quoted-printable");
    CHECK(body(opened) == "text\r\n");

    const std::string resolved = message_of(notice_of(NoticeKind::resolved, 4), {.title = "up", .text = "text"});
    CHECK(header(resolved, "Message-ID") == "<inc-k3v9x2m4aa.4@example.com>");
    CHECK(header(resolved, "In-Reply-To") == header(opened, "References"));
    CHECK(header(resolved, "References") == header(opened, "References"));
}

TEST_CASE("the same notice makes the same bytes at each attempt") {
    const NoticeWords words{.title = "down", .text = "text"};
    CHECK(message_of(notice_of(NoticeKind::opened), words) == message_of(notice_of(NoticeKind::opened), words));
}

TEST_CASE("a subject that is not ASCII is made of encoded words of whole characters") {
    NoticeWords words{.title = "Nachrichten werden nicht zugestellt: ", .text = "x"};
    for (int i = 0; i < 20; ++i) words.title += "größer→";
    const std::string message = message_of(notice_of(NoticeKind::opened), words);
    CHECK(longest_line(message) > 0);
    CHECK(longest_line(message) <= 76);
    std::istringstream subject(header(message, "Subject"));
    int count = 0;
    for (std::string word; subject >> word; ++count) {
        CHECK(word.starts_with("=?UTF-8?B?"));
        CHECK(word.ends_with("?="));
        CHECK(word.size() <= 75);
    }
    CHECK(count >= 4);
    // A short one, whole.
    CHECK(header(message_of(notice_of(NoticeKind::opened), {.title = "ä", .text = "x"}), "Subject") ==
          "=?UTF-8?B?w6Q=?=");
    // What looks like an encoded word is not taken for one.
    CHECK(header(message_of(notice_of(NoticeKind::opened), {.title = "=?x?q?y?=", .text = "x"}), "Subject") ==
          "=?UTF-8?B?PT94P3E/eT89?=");
}

TEST_CASE("a long ASCII subject is folded and comes back whole") {
    std::string title = "word";
    while (title.size() < 190) title += " another-word";
    const std::string message = message_of(notice_of(NoticeKind::opened), {.title = title, .text = "x"});
    CHECK(longest_line(message) <= 78);
    CHECK(header(message, "Subject") == title);
}

TEST_CASE("hostile text begins no header and ends no message") {
    Notice notice = notice_of(NoticeKind::opened);
    notice.id = "inc-1\r\nBcc: a@b.1";
    notice.incident.id = "inc-1\r\nBcc: a@b";
    const NoticeWords words{.title = "x\r\nBcc: a@b\r\n\r\nbody",
                            .text = "one\n.\r\n..two\rthree\x01 =3D\nFrom me  \n"};
    const std::string message = mail_message(notice, words, "Me\r\nBcc: a@b <me@example.com\r\nBcc: x>",
                                             {"you@example.com\r\nBcc: a@b", "\"a\", b <c@d>"});
    CHECK(longest_line(message) > 0);
    CHECK(header(message, "Bcc") == "(none)");
    CHECK(header(message, "Message-ID") == "<inc-1__Bcc__a_b.1@example.comBcc_x>");
    CHECK(header(message, "Subject") == "x  Bcc: a@b    body");
    CHECK(decoded(body(message)) == "one\n.\n..two\nthree  =3D\nFrom me  \n");
    CHECK(body(message).find("me =20\r\n") != std::string::npos);  // a relay may eat blanks at the end of a line
}

TEST_CASE("any text comes back from quoted-printable") {
    std::string text = "=\n";
    for (int i = 1; i < 200; ++i) text += std::string(static_cast<std::size_t>(i), i % 2 == 0 ? '=' : 'a') + " ü\n";
    for (int i = 70; i < 80; ++i) text += std::string(static_cast<std::size_t>(i), 'b') + "\n";
    text += std::string(5000, ' ') + "end without a line end";
    const std::string message = message_of(notice_of(NoticeKind::opened), {.title = "x", .text = text});
    CHECK(longest_line(body(message)) <= 76);
    CHECK(longest_line(body(message)) > 0);
    CHECK(decoded(body(message)) == text + "\n");
}

TEST_CASE("the address of a mailbox is what stands in the angle brackets") {
    CHECK(address_of("a@b") == "a@b");
    CHECK(address_of("Name <a@b>") == "a@b");
    CHECK(address_of("\"x <y@z>\" <a@b>") == "a@b");
    CHECK(address_of("a@b\r\nDATA") == "a@bDATA");
    CHECK(address_of("Name <a@b") == "a@b");
    CHECK(message_id_of("inc-1.2", "nobody") == "<inc-1.2@serin.invalid>");
}

TEST_CASE("what an SMTP exchange came to says whether to try again") {
    const auto ended = [](MailPhase phase, int code) {
        MailReply reply;
        reply.phase = phase;
        reply.code = code;
        reply.said = std::to_string(code) + " said";
        return judge_mail(reply, Took::proven).took;
    };
    CHECK(ended(MailPhase::connecting, 0) == Took::retry);
    CHECK(ended(MailPhase::greeting, 421) == Took::retry);
    CHECK(ended(MailPhase::greeting, 554) == Took::broken);
    CHECK(ended(MailPhase::sender, 550) == Took::broken);
    CHECK(ended(MailPhase::sender, 451) == Took::retry);
    CHECK(ended(MailPhase::receipt, 451) == Took::retry);
    CHECK(ended(MailPhase::receipt, 550) == Took::refused);
    CHECK(ended(MailPhase::receipt, 0) == Took::retry);
    CHECK(ended(MailPhase::recipients, 550) == Took::refused);

    MailReply login;
    login.login_denied = true;
    CHECK(judge_mail(login, Took::proven).took == Took::broken);
    login.code = 454;
    CHECK(judge_mail(login, Took::proven).took == Took::retry);
    MailReply bare;
    bare.no_tls = true;
    CHECK(judge_mail(bare, Took::proven).took == Took::broken);
}

TEST_CASE("one refused recipient loses nobody else's mail and is told") {
    MailReply reply;
    reply.taken = true;
    reply.phase = MailPhase::done;
    reply.code = 250;
    reply.said = "250 queued";
    CHECK(judge_mail(reply, Took::accepted).took == Took::accepted);
    reply.refused = {{.recipient = "a@b", .code = 550, .said = "550 no such mailbox"}};
    CHECK(judge_mail(reply, Took::proven).took == Took::proven);
    CHECK(judge_mail(reply, Took::proven).said == "250 queued; but not for a@b: 550 no such mailbox");
    reply.refused.push_back({.recipient = "c@d", .code = 451, .said = "451 later"});
    CHECK(judge_mail(reply, Took::proven).took == Took::retry);
}

}  // namespace serin::test
