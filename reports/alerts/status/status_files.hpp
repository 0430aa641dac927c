// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>

#include "core/result.hpp"
#include "reports/alerts/status/status_page.hpp"

namespace serin {

/// Writes status.json, index.html and feed.atom into the folder (which is created), each to a file beside it that is
/// renamed, so that a reader never sees half of one. What has not changed is not written: nothing more often than once
/// a minute, but for what is new. Blocking (it syncs); readable by everybody. An Error names the path; the files that
/// it does not name may have been written.
Result<void> write_status_files(const std::string& folder, const StatusPage& page, const std::string& base_url);

}  // namespace serin
