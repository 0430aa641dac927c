// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <sys/types.h>

#include <string>
#include <vector>

#include "tests/support/temp_folder.hpp"

namespace serin::test {

/// tests/e2e/smtp_peer.py, a real mail server with bad manners on demand, as a process of this test's own.
class SmtpPeer {
public:
    explicit SmtpPeer(const std::vector<std::string>& options = {});
    ~SmtpPeer();
    SmtpPeer(const SmtpPeer&) = delete;
    SmtpPeer& operator=(const SmtpPeer&) = delete;

    /// False: aiosmtpd is not installed; the test says so and ends.
    [[nodiscard]] bool available() const { return smtp_port_ != 0; }
    [[nodiscard]] int smtp_port() const { return smtp_port_; }
    [[nodiscard]] std::string smtp_url() const { return "smtp://127.0.0.1:" + std::to_string(smtp_port_); }
    [[nodiscard]] std::string imap_url() const { return "imap://127.0.0.1:" + std::to_string(imap_port_) + "/INBOX"; }
    void set_mode(const std::string& mode) const;
    /// What it took, in order; the envelope in X-Peer-From and X-Peer-To.
    [[nodiscard]] std::vector<std::string> messages() const;

private:
    TempFolder folder_;
    pid_t pid_ = -1;
    int input_ = -1;
    int smtp_port_ = 0, imap_port_ = 0;
};

}  // namespace serin::test
