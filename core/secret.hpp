// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace serin {

/// A value that no output may show. Only reveal() gives it away; there is no conversion and no operator<<.
class Secret {
public:
    Secret() = default;
    explicit Secret(std::string value) : value_(std::move(value)) {}
    [[nodiscard]] const std::string& reveal() const { return value_; }

private:
    std::string value_;
};

/// Replaces every form of the secrets it knows by "[secret NAME]": the value itself, its base64 (at each of the three
/// alignments, standard and URL alphabet, folded into lines or not), URL-, JSON- and HTML-escaped and hex forms; of a
/// value of several lines also each line of 8 bytes or more. Values shorter than `shortest_anywhere` are only replaced
/// as a whole word, or every "1" would be redacted; an empty value is ignored. Secrets that overlap in a text are
/// replaced together, by the name of the one that starts first. One pass over the text, whatever the number of secrets.
/// Not thread-safe while being added to; const afterwards.
class Redactor {
public:
    static constexpr std::size_t shortest_anywhere = 4;  ///< bytes; anything shorter also stands in texts of no secret

    void add(std::string_view name, const Secret& secret);
    [[nodiscard]] std::string redact(std::string_view text) const;
    [[nodiscard]] bool empty() const { return forms_.empty(); }

private:
    struct Form {
        std::string text, replacement;
        bool whole_word = false;
        bool folded = false;  ///< line breaks may stand within it
        /// The base64 character before or after `text` holds remaining bits of the secret, beside foreign ones.
        bool edge_before = false, edge_after = false;
    };
    struct Match {
        std::size_t begin = 0, end = 0;
        const Form* form = nullptr;
    };
    [[nodiscard]] std::vector<Match> matches(std::string_view text) const;
    static constexpr std::size_t npos = std::string_view::npos;
    /// Where the form that begins at `at` ends; npos when it does not stand there.
    [[nodiscard]] static std::size_t end_of(const Form& form, std::string_view text, std::size_t at);

    std::vector<Form> forms_;                // by text, so that forms with one first byte stand together
    std::array<std::size_t, 257> starts_{};  // forms_[starts_[b]] … forms_[starts_[b + 1]] begin with byte b
};

/// `text` with the user information of every URL in it replaced: "http://[hidden]@host/". For URLs that a person typed
/// with a password instead of naming a secret.
[[nodiscard]] std::string without_userinfo(std::string_view text);

/// Base64 (RFC 4648 §4), padded.
[[nodiscard]] std::string base64(std::string_view bytes);
/// Percent-encodes everything but RFC 3986 unreserved characters.
[[nodiscard]] std::string url_escape(std::string_view text);

}  // namespace serin
