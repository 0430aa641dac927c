// SPDX-License-Identifier: Apache-2.0
// Mail against a real server that does what servers do.
#include <catch2/catch.hpp>
#include <cstdlib>

#include "net/mail_client.hpp"
#include "net/task_group.hpp"
#include "reports/alerts/channels/mail.hpp"
#include "tests/support/certificates.hpp"
#include "tests/support/notice_examples.hpp"
#include "tests/support/on_loop.hpp"
#include "tests/support/smtp_peer.hpp"

namespace serin::test {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;

ArmedChannel armed(const SmtpPeer& peer, std::vector<std::string> to) {
    ArmedChannel armed;
    armed.config.name = "mail";
    armed.config.kind = ChannelKind::mail;
    armed.config.from = "Serin <serin@example.com>";
    armed.config.to = std::move(to);
    armed.urls = {Secret(peer.smtp_url())};
    return armed;
}

Deadline in(Duration time) {
    return deadline_after(std::chrono::steady_clock::now(), time);
}

/// Sends the same notice so often, and gives what came of each attempt.
std::vector<SendResult> send(const ArmedChannel& given, int times = 1, Duration patience = 10s) {
    std::vector<SendResult> results;
    on_loop([&](asio::any_io_executor executor) -> asio::awaitable<void> {
        House house(executor);
        house.redactor.add("mail", Secret("wrong-pass-phrase"));
        const auto channel = make_mail_channel(given, house.keys());
        const Notice notice = notice_of(NoticeKind::opened);
        for (int i = 0; i < times; ++i) results.push_back(co_await channel->send(notice, in(patience)));
    });
    return results;
}

SendResult look(const ArmedChannel& given) {
    SendResult result;
    on_loop([&](asio::any_io_executor executor) -> asio::awaitable<void> {
        House house(executor);
        const auto channel = make_mail_channel(given, house.keys());
        const Notice notice = notice_of(NoticeKind::opened);
        result = co_await channel->read_back(notice, in(10s));
    });
    return result;
}

bool has(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

/// Without the peer nothing can be tested: that passes with a warning on a desk, and fails where CI is set.
bool lacking(const SmtpPeer& peer) {
    if (peer.available()) return false;
    if (std::getenv("CI") != nullptr)  // NOLINT(concurrency-mt-unsafe): nobody sets it
        FAIL_CHECK("python3-aiosmtpd is not installed");
    else
        WARN("python3-aiosmtpd is not installed: nothing was tested");
    return true;
}

}  // namespace

TEST_CASE("mail: the receipt after the final dot is the proof") {
    const SmtpPeer peer;
    if (lacking(peer)) return;
    ArmedChannel channel = armed(peer, {"a@example.com", "B <b@example.com>"});
    channel.config.text = Text{.parts = {std::string("first\n.\n..dots\nend: ü")}};
    const SendResult result = send(channel).front();
    CHECK(result.took == Took::proven);
    CHECK(has(result.said, "250"));
    CHECK(result.reference == "<inc-k3v9x2m4aa.1@example.com>");
    REQUIRE(peer.messages().size() == 1);
    const std::string message = peer.messages().front();
    CHECK(has(message, "X-Peer-From: serin@example.com\r\nX-Peer-To: a@example.com,b@example.com\r\n"));
    CHECK(has(message, "\r\nMessage-ID: <inc-k3v9x2m4aa.1@example.com>\r\n"));
    CHECK(has(message, "first\r\n.\r\n..dots\r\nend: =C3=BC"));
}

TEST_CASE("mail: one recipient that is refused does not cost the other's page") {
    const SmtpPeer peer;
    if (lacking(peer)) return;
    const SendResult result = send(armed(peer, {"550@example.com", "a@example.com"})).front();
    CHECK(result.took == Took::proven);
    CHECK(has(result.said, "550@example.com: 550 5.1.1 no such mailbox"));
    REQUIRE(peer.messages().size() == 1);
    CHECK(has(peer.messages().front(), "X-Peer-To: a@example.com\r\n"));
}

TEST_CASE("mail: a greylisted recipient gets it later and the other one only once") {
    const SmtpPeer peer;
    if (lacking(peer)) return;
    const auto results = send(armed(peer, {"a@example.com", "greylist@example.com"}), 2);
    CHECK(results[0].took == Took::retry);
    CHECK(has(results[0].said, "greylist@example.com: 451"));
    CHECK(results[1].took == Took::proven);
    REQUIRE(peer.messages().size() == 2);
    CHECK(has(peer.messages()[0], "X-Peer-To: a@example.com\r\n"));
    CHECK(has(peer.messages()[1], "X-Peer-To: greylist@example.com\r\n"));
}

TEST_CASE("mail: what the server says decides whether it is tried again") {
    const SmtpPeer peer;
    if (lacking(peer)) return;
    const auto took_in = [&peer](const std::string& mode) {
        peer.set_mode(mode);
        return send(armed(peer, {"a@example.com"})).front().took;
    };
    CHECK(took_in("data-550") == Took::refused);
    CHECK(took_in("data-552") == Took::refused);
    CHECK(took_in("data-451") == Took::retry);
    CHECK(took_in("mail-550") == Took::broken);
    CHECK(took_in("greet-554") == Took::broken);
    CHECK(peer.messages().empty());
    CHECK(took_in("slow") == Took::proven);
    peer.set_mode("ok");
    CHECK(send(armed(peer, {"550@example.com"})).front().took == Took::refused);
    CHECK(send(armed(peer, {"451@example.com"})).front().took == Took::retry);
    CHECK(send(armed(peer, {"550@example.com", "451@example.com"})).front().took == Took::retry);
    CHECK(send(armed(peer, {""})).front().took == Took::refused);
    CHECK(peer.messages().size() == 1);
}

TEST_CASE("mail: a server that hangs is left at the deadline and the phase is named") {
    const SmtpPeer peer;
    if (lacking(peer)) return;
    const std::pair<const char*, const char*> phases[] = {
        {"greet-hang", "greeting"}, {"hello-hang", "EHLO"},      {"mail-hang", "MAIL FROM"},
        {"rcpt-hang", "RCPT TO"},   {"receipt-hang", "receipt"},
    };
    for (const auto& [mode, phase] : phases) {
        peer.set_mode(mode);
        const SendResult result = send(armed(peer, {"a@example.com"}), 1, 700ms).front();
        CHECK(result.took == Took::retry);
        INFO(mode << ": " << result.said);
        CHECK(has(result.said, phase));
    }
}

TEST_CASE("mail: a lost receipt is retried under the same Message-ID") {
    const SmtpPeer peer;
    if (lacking(peer)) return;
    peer.set_mode("drop");
    const SendResult lost = send(armed(peer, {"a@example.com"})).front();
    CHECK(lost.took == Took::retry);
    CHECK(has(lost.said, "receipt"));
    peer.set_mode("ok");
    CHECK(send(armed(peer, {"a@example.com"})).front().took == Took::proven);
    REQUIRE(peer.messages().size() == 2);
    CHECK(peer.messages()[0] == peer.messages()[1]);
}

TEST_CASE("mail: a server that never answers QUIT holds up nobody") {
    const SmtpPeer peer;
    if (lacking(peer)) return;
    peer.set_mode("quit-hang");
    const Steady before = std::chrono::steady_clock::now();
    CHECK(send(armed(peer, {"a@example.com"})).front().took == Took::proven);
    CHECK(send(armed(peer, {"550@example.com"})).front().took == Took::refused);
    CHECK(std::chrono::steady_clock::now() - before < 10s);  // the server would hang for minutes
}

TEST_CASE("mail: nobody listening is a matter of trying again") {
    SmtpPeer peer;
    if (lacking(peer)) return;
    ArmedChannel channel = armed(peer, {"a@example.com"});
    channel.urls = {Secret("smtp://127.0.0.1:1")};
    const SendResult result = send(channel).front();
    CHECK(result.took == Took::retry);
    CHECK(has(result.said, "connecting"));
    channel.urls = {Secret("nonsense")};
    CHECK(send(channel, 1, 2s).front().took != Took::proven);
    channel.urls = {};
    CHECK(send(channel).front().took != Took::proven);
    channel.urls = {Secret(peer.smtp_url())};
    channel.urls = {Secret("smtps://127.0.0.1:" + std::to_string(peer.smtp_port()))};
    channel.config.tls.ca = "/nowhere/ca.pem";
    CHECK(send(channel).front().took == Took::broken);
}

TEST_CASE("mail: a wrong password breaks the channel and is not shown") {
    const SmtpPeer peer({"--auth", "user:right pass+phrase"});
    if (lacking(peer)) return;
    ArmedChannel channel = armed(peer, {"a@example.com"});
    CHECK(send(channel).front().took == Took::broken);  // 530: it wants a login
    channel.user = Secret("user");
    channel.password = Secret("wrong-pass-phrase");
    const SendResult denied = send(channel).front();
    CHECK(denied.took == Took::broken);
    CHECK(has(denied.said, "535"));
    CHECK_FALSE(has(denied.said, "wrong-pass-phrase"));
    CHECK(peer.messages().empty());
    channel.password = Secret("right pass+phrase");
    CHECK(send(channel).front().took == Took::proven);
    peer.set_mode("login-454");
    CHECK(send(channel).front().took == Took::retry);
}

TEST_CASE("mail: read back finds what arrived and nothing else") {
    const SmtpPeer peer;
    if (lacking(peer)) return;
    ArmedChannel channel = armed(peer, {"a@example.com"});
    CHECK(look(channel).took == Took::accepted);  // no mailbox is configured
    channel.config.imap_url = peer.imap_url();
    channel.imap_user = Secret("user");
    channel.imap_password = Secret("password");
    CHECK(look(channel).took == Took::accepted);

    peer.set_mode("lose");
    CHECK(send(channel).front().took == Took::accepted);
    CHECK(look(channel).took == Took::accepted);
    CHECK(has(look(channel).said, "not in the mailbox"));
    peer.set_mode("ok");
    CHECK(send(channel).front().took == Took::accepted);
    CHECK(look(channel).took == Took::proven);

    channel.imap_password = Secret("no");
    const SendResult denied = look(channel);
    CHECK(denied.took == Took::accepted);
    CHECK(has(denied.said, "no mailbox"));
}

namespace {

/// One message to "mail.test", which is the peer.
MailReply send_to_name(const SmtpPeer& peer, const std::string& ca) {
    MailReply reply;
    on_loop([&](asio::any_io_executor) -> asio::awaitable<void> {
        MailRequest request;
        request.server.url = "smtp://mail.test:25";
        request.server.route.tls.ca = ca;
        request.server.route.connect_to = {"mail.test:25:127.0.0.1:" + std::to_string(peer.smtp_port())};
        request.from = "a@b.test";
        request.to = {"c@d.test"};
        request.message = "Subject: x\r\n\r\nx\r\n";
        request.deadline = in(10s);
        reply = co_await send_mail(request);
    });
    return reply;
}

}  // namespace

TEST_CASE("mail: without TLS nothing is said to a server of another machine") {
    const SmtpPeer peer;
    if (lacking(peer)) return;
    const MailReply reply = send_to_name(peer, "");
    CHECK_FALSE(reply.taken);
    CHECK(reply.no_tls);
    CHECK(judge_mail(reply, Took::proven).took == Took::broken);
    CHECK(peer.messages().empty());
}

TEST_CASE("mail: STARTTLS is verified against the authority that is named") {
    const Identity authority = make_authority();
    const Identity server = issue(authority, {.subject_alternative_name = "DNS:mail.test"});
    const TemporaryFile ca(authority.certificate);
    const TemporaryFile certificate(server.certificate);
    const TemporaryFile key(server.key);
    const SmtpPeer peer({"--cert", certificate.path(), "--key", key.path(), "--require-starttls"});
    if (lacking(peer)) return;
    CHECK(send_to_name(peer, ca.path()).taken);
    CHECK(peer.messages().size() == 1);
    const MailReply untrusted = send_to_name(peer, "");
    CHECK_FALSE(untrusted.taken);
    INFO(untrusted.said);
    CHECK(untrusted.phase == MailPhase::starttls);
    CHECK(peer.messages().size() == 1);
}

TEST_CASE("mail: a cancelled exchange ends at once") {
    const SmtpPeer peer;
    if (lacking(peer)) return;
    peer.set_mode("rcpt-hang");
    on_loop([&](asio::any_io_executor executor) -> asio::awaitable<void> {
        House house(executor);
        const auto channel = make_mail_channel(armed(peer, {"a@example.com"}), house.keys());
        const Notice notice = notice_of(NoticeKind::opened);
        TaskGroup group(executor);
        const auto attempt = [](Channel& through, const Notice& told) -> asio::awaitable<void> {
            co_await through.send(told, Deadline::never());
        };
        group.spawn(attempt(*channel, notice));
        co_await sleep_until(house.clock, house.clock.now() + 300ms);
        const Steady before = std::chrono::steady_clock::now();
        group.cancel();
        co_await group.join();
        CHECK(std::chrono::steady_clock::now() - before < 5s);
    });
}

}  // namespace serin::test
