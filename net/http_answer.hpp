// SPDX-License-Identifier: Apache-2.0
// Internal to net/: reads what came of an HTTP/1 answer, for those who do not go through libcurl.
#pragma once
#include <cstddef>
#include <string>
#include <string_view>

#include "core/observation.hpp"

namespace serin {

struct HttpAnswer {
    enum class Head { incomplete, complete, too_large, not_http };
    Head head = Head::incomplete;
    int status = 0;    ///< from here on: only when the head is complete
    Headers headers;   ///< names as they came
    std::string body;  ///< as far as it came, chunks joined
    std::size_t head_bytes = 0;
};

/// Bytes of a head that a client accepts.
inline constexpr std::size_t max_answer_head = 16 << 10;

[[nodiscard]] HttpAnswer read_answer(std::string_view received);

}  // namespace serin
