// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <filesystem>
#include <string>

namespace serin::test {

/// A certificate and its private key, PEM.
struct Identity {
    std::string certificate, key;
};

/// A root of our own, valid today.
[[nodiscard]] Identity make_authority();

struct Wishes {
    std::string subject_alternative_name = "IP:127.0.0.1";  ///< as OpenSSL writes it: "DNS:shop.test,IP:127.0.0.1"
    int valid_from_days = -1, valid_until_days = 30;        ///< relative to now
};
/// A certificate for servers and clients, signed by `authority`.
[[nodiscard]] Identity issue(const Identity& authority, const Wishes& wishes);

/// A file in the system's temporary directory, gone with this object.
class TemporaryFile {
public:
    explicit TemporaryFile(const std::string& text);
    ~TemporaryFile();
    TemporaryFile(const TemporaryFile&) = delete;
    TemporaryFile& operator=(const TemporaryFile&) = delete;
    [[nodiscard]] const std::string& path() const { return path_; }

private:
    std::string path_;
};

}  // namespace serin::test
