// SPDX-License-Identifier: Apache-2.0
#include "reports/alerts/channels/http_sending.hpp"

#include <openssl/x509.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <system_error>
#include <utility>

#include "core/ascii.hpp"
#include "core/names.hpp"
#include "reports/formats/escaping.hpp"

namespace serin {

namespace asio = boost::asio;

namespace {

constexpr std::size_t longest_said = 200;  // bytes
constexpr Duration longest_wish = std::chrono::hours(1);
constexpr std::int64_t longest_answer = 256 << 10;  // bytes
constexpr Duration patience = std::chrono::seconds(3);

std::optional<int> number(std::string_view digits) {
    int value = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    const bool whole = error == std::errc() && end == digits.data() + digits.size() && digits.front() != '-';
    return whole ? std::optional(value) : std::nullopt;
}

/// "Sun, 06 Nov 1994 08:49:37 GMT" (RFC 9110 §5.6.7); the obsolete forms are not read.
std::optional<Wall> fixdate(std::string_view text) {
    constexpr std::array<std::string_view, 12> months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    if (text.size() != 29 || !text.ends_with(" GMT") || text.substr(3, 2) != ", ") return std::nullopt;
    const auto month = std::ranges::find(months, text.substr(8, 3));
    const auto day = number(text.substr(5, 2)), year = number(text.substr(12, 4)), hour = number(text.substr(17, 2)),
               minute = number(text.substr(20, 2)), second = number(text.substr(23, 2));
    if (month == months.end() || !day || !year || !hour || !minute || !second) return std::nullopt;
    const std::chrono::year_month_day date{std::chrono::year(*year),
                                           std::chrono::month(static_cast<unsigned>(month - months.begin() + 1)),
                                           std::chrono::day(static_cast<unsigned>(*day))};
    if (!date.ok() || *hour > 23 || *minute > 59 || *second > 60) return std::nullopt;
    return std::chrono::sys_days(date) + std::chrono::hours(*hour) + std::chrono::minutes(*minute) +
           std::chrono::seconds(*second);
}

std::string fault_of(const HttpReply& reply) {
    if (!reply.unreadable_file.empty()) return "cannot read " + reply.unreadable_file;
    if (reply.x509_error != 0)
        return std::string("the certificate is not trusted: ") + X509_verify_cert_error_string(reply.x509_error);
    if (reply.deadline_hit) return reply.connected ? "no answer in time" : "no connection in time";
    if (reply.resolver_error != 0) return "the name cannot be resolved";
    if (reply.shaking_hands) return "the TLS handshake failed";
    if (reply.os_errno != 0) return std::generic_category().message(reply.os_errno);
    return reply.connected ? "the connection ended without an answer" : "no connection";
}

std::string in_one_line(std::string_view words, const Redactor& redactor) {
    const std::string clean = printable(trimmed(redactor.redact(words)));
    constexpr std::size_t room_for_the_mark = 30;
    return clean.size() <= longest_said ? clean : clipped(clean, longest_said - room_for_the_mark);
}

}  // namespace

std::optional<Duration> retry_after_of(std::string_view value, Wall now) {
    value = trimmed(value);
    if (value.empty()) return std::nullopt;
    if (std::ranges::all_of(value, [](char c) { return c >= '0' && c <= '9'; })) {
        const std::optional<int> seconds = number(value);
        if (!seconds) return longest_wish;  // more than an int holds
        return std::min<Duration>(std::chrono::seconds(*seconds), longest_wish);
    }
    const std::optional<Wall> at = fixdate(value);
    if (!at) return std::nullopt;
    return std::clamp<Duration>(*at - now, Duration::zero(), longest_wish);
}

Answer answer_of(const HttpReply& reply, Wall now) {
    Answer answer;
    if (!reply.headers_done || reply.seen.status < 200) {
        answer.fault = fault_of(reply);
        answer.maybe_taken = reply.request_sent;
        return answer;
    }
    answer.status = reply.seen.status;
    answer.body = reply.seen.body;
    for (const auto& [name, value] : reply.seen.headers) {
        if (equal_ignoring_case(name, "Retry-After")) answer.retry_after = retry_after_of(value, now);
    }
    return answer;
}

Took took_of(int status) {
    if (status >= 200 && status < 300) return Took::accepted;
    switch (status) {
        case 401:
        case 402:
        case 403:
        case 404:
        case 405:
        case 407:
        case 410:
            return Took::broken;
        case 408:
        case 409:
        case 420:  // Statuspage: too many
        case 421:
        case 423:
        case 425:
        case 429:
            return Took::retry;
        default:
            return status >= 400 && status < 500 ? Took::refused : Took::retry;
    }
}

std::string said_of(std::string_view words, const Redactor& redactor) {
    return in_one_line(words, redactor);
}

std::string said_of(const Answer& answer, const Redactor& redactor) {
    if (answer.status == 0) return in_one_line(answer.fault, redactor);
    // Redacted in whole: a secret that is cut in two would not be found. Longer bodies only cost time.
    const std::string_view body = std::string_view(answer.body).substr(0, 4096);
    return in_one_line(std::to_string(answer.status) + " " + std::string(trimmed(body)), redactor);
}

SendResult result_of(const Answer& answer, const Redactor& redactor, Took good) {
    return {.took = answer.good() ? good : took_of(answer.status),
            .said = said_of(answer, redactor),
            .retry_after = answer.retry_after,
            .reference = {}};
}

std::optional<Duration> CallBudget::refuse(Steady now, std::size_t keep_free) {
    while (!calls_.empty() && calls_.front() + period_ <= now) calls_.pop_front();
    const std::size_t most = most_ > keep_free ? most_ - keep_free : 0;
    if (calls_.size() < most) {
        calls_.push_back(now);
        return std::nullopt;
    }
    if (most == 0 || calls_.empty()) return period_;
    return calls_[calls_.size() - most] + period_ - now;
}

asio::awaitable<std::optional<Duration>> take_turn(std::shared_ptr<CallBudget> budget, Clock& clock,
                                                   Deadline deadline) {
    while (true) {
        const Steady now = clock.now();
        const std::optional<Duration> wait = budget->refuse(now);
        if (!wait) co_return std::nullopt;
        if (*wait > patience || deadline.left(now) < *wait + std::chrono::seconds(1)) co_return wait;
        co_await sleep_until(clock, now + *wait);
    }
}

SendResult held_back(Duration wait) {
    return {.took = Took::retry,
            .said = "held back: the vendor's bound on calls is reached",
            .retry_after = wait,
            .reference = {}};
}

HttpChannel::HttpChannel(ArmedChannel armed, ChannelHouse house) : armed_(std::move(armed)), house_(std::move(house)) {}

asio::awaitable<Answer> HttpChannel::ask(HttpAsk ask, Deadline deadline) {
    HttpRequest request;
    request.method = std::move(ask.method);
    request.url = std::move(ask.url);
    request.headers = std::move(ask.headers);
    request.headers.emplace_back("User-Agent", "serin");
    for (const auto& [name, value] : armed_.headers) request.headers.emplace_back(name, value.reveal());
    request.body = std::move(ask.body);
    request.route.tls = armed_.config.tls;
    request.route.tls.verify = true;
    request.route.proxy = armed_.config.proxy;
    request.reuse = true;
    request.max_body = longest_answer;
    request.deadline = earliest(deadline, deadline_after(house_.clock.now(), armed_.config.timeout));
    const HttpReply reply = co_await house_.http.perform(request);
    co_return answer_of(reply, house_.clock.wall());
}

std::string HttpChannel::address(std::string_view path) const {
    std::string url = armed_.urls.empty() ? std::string() : armed_.urls.front().reveal();
    while (url.ends_with('/')) url.pop_back();
    return url.append(path);
}

NoticeWords HttpChannel::words(const Notice& notice, Wall now) {
    return words_of(notice, armed_.config, house_.evaluator, house_.external_url, now);
}

std::string HttpChannel::link(const Notice& notice) const {
    return link_of(notice.incident, house_.external_url);
}

SendResult HttpChannel::result(const Answer& answer, Took good) const {
    return result_of(answer, house_.redactor, good);
}

SendResult HttpChannel::result(Took took, std::string_view words) const {
    return {.took = took, .said = said_of(words, house_.redactor), .retry_after = {}, .reference = {}};
}

}  // namespace serin
