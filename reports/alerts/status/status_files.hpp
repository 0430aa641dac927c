// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>

#include "core/result.hpp"
#include "reports/alerts/status/status_page.hpp"

namespace serin {

/// Writes status.json, index.html and feed.atom into the folder (which is created), each to a file beside it that is
/// renamed, so that a reader never sees half of one. What has not changed is not written.
Result<void> write_status_files(const std::string& folder, const StatusPage& page, const std::string& base_url);

}  // namespace serin
