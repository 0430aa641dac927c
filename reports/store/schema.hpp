// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <span>

namespace serin {

/// SQL that brings a store from version i to i + 1 (PRAGMA user_version), in order. Never edit one that was released.
[[nodiscard]] std::span<const char* const> migrations();

}  // namespace serin
