// SPDX-License-Identifier: Apache-2.0
// Markdown as GitHub, GitLab and CommonMark read it. Each function takes any bytes.
#pragma once
#include <string>
#include <string_view>

namespace serin {

/// Plain words on one line, also in a table: nothing in them is markup, a link, an image, HTML or a mention.
[[nodiscard]] std::string markdown_text(std::string_view text);
/// A web address that a reader can follow; anything else as markdown_text().
[[nodiscard]] std::string markdown_link(std::string_view address);
/// A fenced block that `text` cannot end.
[[nodiscard]] std::string markdown_block(std::string_view text);

}  // namespace serin
