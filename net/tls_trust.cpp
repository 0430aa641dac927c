// SPDX-License-Identifier: Apache-2.0
#include "net/tls_trust.hpp"

#include <curl/curl.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <new>
#include <system_error>
#include <tuple>
#include <utility>

namespace serin {
namespace {

namespace fs = std::filesystem;

/// True when OpenSSL can look roots up one by one in its default directory ("4f06f81d.0"), which makes start-up free.
bool has_hashed_roots() {
    std::error_code unreadable;
    for (const auto& entry : fs::directory_iterator(X509_get_default_cert_dir(), unreadable)) {
        const std::string name = entry.path().filename().string();
        if (name.size() == 10 && name.ends_with(".0") &&
            std::ranges::all_of(name.substr(0, 8), [](unsigned char c) { return std::isxdigit(c); })) {
            return true;
        }
    }
    return false;
}

TrustStore load_system_trust() {
    TrustStore store(X509_STORE_new());
    if (!store) throw std::bad_alloc();
    X509_STORE_set_default_paths(store.get());
    const bool chosen = std::getenv(X509_get_default_cert_file_env()) != nullptr ||
                        std::getenv(X509_get_default_cert_dir_env()) != nullptr;
    std::error_code ignored;
    if (!chosen && !fs::exists(X509_get_default_cert_file(), ignored) && !has_hashed_roots()) {
        // Slim images carry only the bundle that libcurl was built to look for.
        const char* bundle = curl_version_info(CURLVERSION_NOW)->cainfo;
        if (bundle != nullptr) X509_STORE_load_file(store.get(), bundle);
    }
    return store;
}

int report_index() {
    static const int index = SSL_CTX_get_ex_new_index(0, nullptr, nullptr, nullptr,
                                                      [](void*, void* held, CRYPTO_EX_DATA*, int, long, void*) {
                                                          delete static_cast<std::shared_ptr<CertificateReport>*>(held);
                                                      });
    return index;
}

int verify_and_report(X509_STORE_CTX* chain, void* held) {
    CertificateReport& report = *static_cast<CertificateReport*>(held);
    if (const X509* leaf = X509_STORE_CTX_get0_cert(chain)) {
        int days = 0;
        int seconds = 0;
        if (ASN1_TIME_diff(&days, &seconds, nullptr, X509_get0_notAfter(leaf)) == 1)
            report.expiry_days = days + seconds / 86400.0;
    }
    const int trusted = X509_verify_cert(chain);
    report.x509_error = trusted == 1 ? X509_V_OK : X509_STORE_CTX_get_error(chain);
    return trusted;
}

}  // namespace

void FreeStore::operator()(X509_STORE* store) const {
    X509_STORE_free(store);
}

X509_STORE* system_trust() {
    static const TrustStore store = load_system_trust();
    return store.get();
}

X509_STORE* TrustStores::find(const std::string& ca) {
    if (ca.empty()) return system_trust();
    std::error_code gone;
    const auto written = fs::last_write_time(ca, gone);
    const auto size = gone ? 0 : fs::file_size(ca, gone);
    if (gone) return nullptr;
    if (const auto known = loaded_.find(ca);
        known != loaded_.end() && known->second.written == written && known->second.size == size) {
        return known->second.store.get();
    }
    TrustStore store(X509_STORE_new());
    if (!store) throw std::bad_alloc();
    if (X509_STORE_load_file(store.get(), ca.c_str()) != 1) return nullptr;
    X509_STORE_set_flags(store.get(), X509_V_FLAG_PARTIAL_CHAIN);  // who names a certificate trusts it, root or not
    Loaded& entry = loaded_[ca];
    entry = Loaded{.written = written, .size = size, .store = std::move(store)};
    return entry.store.get();
}

void report_certificate(SSL_CTX* context, std::shared_ptr<CertificateReport> report) {
    CertificateReport* const written = report.get();
    auto held = std::make_unique<std::shared_ptr<CertificateReport>>(std::move(report));
    if (SSL_CTX_set_ex_data(context, report_index(), held.get()) != 1) throw std::bad_alloc();
    std::ignore = held.release();  // freed with the context, by report_index()'s function
    SSL_CTX_set_cert_verify_callback(context, &verify_and_report, written);
    // Called when the server asks for a client certificate; 1 goes on with the one that is set, or none.
    SSL_CTX_set_cert_cb(
        context,
        [](SSL*, void* asked) {
            static_cast<CertificateReport*>(asked)->asked_for_ours = true;
            return 1;
        },
        written);
}

}  // namespace serin
