// SPDX-License-Identifier: Apache-2.0
// How a value looks after others have written it down: what a redactor has to look for.
#pragma once
#include <cstddef>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace serin {

/// The value itself and as JSON (also JSON within JSON), HTML, XML, URLs and forms escape it. Not empty texts.
[[nodiscard]] std::set<std::string> written_forms(std::string_view value);

/// In lower and in upper case.
[[nodiscard]] std::set<std::string> hex_forms(std::string_view value);

/// The characters of a base64 text that the value alone decides, whatever stands beside it in the encoded bytes.
struct Base64Form {
    std::string text;
    bool edge_before = false, edge_after = false;  ///< the character on that side holds some bits of the value too
};
/// At each of the three alignments, in the standard and in the URL alphabet.
[[nodiscard]] std::vector<Base64Form> base64_forms(std::string_view value);

/// `text`, a base64 text, in the URL alphabet (RFC 4648 §5).
[[nodiscard]] std::string url_alphabet(std::string text);

/// The lines of a value of several lines that are worth looking for by themselves: a PEM key is often shown line by
/// line, indented, or in part. Without blanks around them; not those under 8 bytes, and not the boundaries of RFC 7468
/// ("-----BEGIN PRIVATE KEY-----"), which are no secret.
[[nodiscard]] std::set<std::string> telling_lines(std::string_view value);

}  // namespace serin
