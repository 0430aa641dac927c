// SPDX-License-Identifier: Apache-2.0
// What the HTTP channels have in common: one exchange, its answer as a value, the rules that hold for every vendor, and
// a bound on how often we call.
#pragma once
#include <boost/asio/awaitable.hpp>
#include <cstddef>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "reports/alerts/channels/channel.hpp"
#include "reports/alerts/channels/rendering.hpp"

namespace serin {

/// What came back, as far as it decides anything.
struct Answer {
    int status = 0;                         ///< 0: none came
    std::string body{};                     ///< what was read of it
    std::optional<Duration> retry_after{};  ///< at most an hour, so that no answer can silence us
    std::string fault{};                    ///< why none came, without the address
    bool maybe_taken = false;               ///< none came, but the request had left
    [[nodiscard]] bool good() const { return status >= 200 && status < 300; }
};
[[nodiscard]] Answer answer_of(const HttpReply& reply, Wall now);

/// Seconds or an IMF-fixdate (RFC 9110 §10.2.3), at most an hour; nullopt for anything else.
[[nodiscard]] std::optional<Duration> retry_after_of(std::string_view value, Wall now);

/// What a status means where the vendor says nothing else. 2xx: accepted. 400, 413, 415, 422 and unknown 4xx: refused,
/// for the notice is at fault. 401–405, 407, 410: broken, for the address or the key is. Everything else, none and 3xx
/// (never followed) included: retry.
[[nodiscard]] Took took_of(int status);

/// Status and the beginning of the body, or the fault: one line, redacted, printable, at most 200 bytes.
[[nodiscard]] std::string said_of(const Answer& answer, const Redactor& redactor);
/// Likewise for words of our own that hold what others said.
[[nodiscard]] std::string said_of(std::string_view words, const Redactor& redactor);

/// took_of() in a SendResult, with `good` for 2xx.
[[nodiscard]] SendResult result_of(const Answer& answer, const Redactor& redactor, Took good);

/// At most `most` calls in any `period`: the look-back window that vendors count with. Pure. One thread.
class CallBudget {
public:
    CallBudget(std::size_t most, Duration period) : most_(most), period_(period) {}
    /// Counts a call at `now`; set when it is one too many (then it is not counted): the time until it may be made.
    /// `keep_free`: calls that are left to others.
    [[nodiscard]] std::optional<Duration> refuse(Steady now, std::size_t keep_free = 0);

private:
    std::size_t most_;
    Duration period_;
    std::deque<Steady> calls_{};
};
/// Waits for a turn when it comes within three seconds and well before the deadline; else how long it would take.
boost::asio::awaitable<std::optional<Duration>> take_turn(std::shared_ptr<CallBudget> budget, Clock& clock,
                                                          Deadline deadline);

/// A retry because of a bound of our own; it did not cost a call.
[[nodiscard]] SendResult held_back(Duration wait);

struct HttpAsk {
    std::string method = "POST";
    std::string url{};
    Headers headers{};  ///< beside the channel's own
    std::optional<std::string> body{};
};

class HttpChannel : public Channel {
public:
    [[nodiscard]] const std::string& name() const override { return armed_.config.name; }
    [[nodiscard]] Duration timeout() const override { return armed_.config.timeout; }

protected:
    HttpChannel(ArmedChannel armed, ChannelHouse house);

    /// One exchange within the channel's timeout; redirects are answers; TLS is always verified.
    boost::asio::awaitable<Answer> ask(HttpAsk ask, Deadline deadline);
    /// The first URL, without slashes at its end, and `path`.
    [[nodiscard]] std::string address(std::string_view path) const;
    [[nodiscard]] NoticeWords words(const Notice& notice, Wall now);
    [[nodiscard]] std::string link(const Notice& notice) const;
    [[nodiscard]] SendResult result(const Answer& answer, Took good) const;
    [[nodiscard]] SendResult result(Took took, std::string_view words) const;

    const ArmedChannel armed_;
    ChannelHouse house_;
};

}  // namespace serin
