// SPDX-License-Identifier: Apache-2.0
#include "tests/support/certificates.hpp"

#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <unistd.h>

#include <cstdlib>
#include <memory>
#include <stdexcept>

namespace serin::test {
namespace {

using Bio = std::unique_ptr<BIO, decltype(&BIO_free)>;
using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using Certificate = std::unique_ptr<X509, decltype(&X509_free)>;

void check(bool worked, const char* what) {
    if (!worked) throw std::runtime_error(std::string("OpenSSL: ") + what);
}

Bio reader(const std::string& pem) {
    return {BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())), &BIO_free};
}

std::string text_of(BIO* bio) {
    char* data = nullptr;
    const long length = BIO_get_mem_data(bio, &data);
    return {data, static_cast<std::size_t>(length)};
}

Identity to_pem(X509* certificate, EVP_PKEY* key) {
    const Bio certificate_text(BIO_new(BIO_s_mem()), &BIO_free);
    const Bio key_text(BIO_new(BIO_s_mem()), &BIO_free);
    check(PEM_write_bio_X509(certificate_text.get(), certificate) == 1, "write certificate");
    check(PEM_write_bio_PrivateKey(key_text.get(), key, nullptr, nullptr, 0, nullptr, nullptr) == 1, "write key");
    return {.certificate = text_of(certificate_text.get()), .key = text_of(key_text.get())};
}

void extend(X509* certificate, X509* issuer, int kind, const std::string& value) {
    X509V3_CTX context;
    X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
    X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str());
    check(extension != nullptr && X509_add_ext(certificate, extension, -1) == 1, value.c_str());
    X509_EXTENSION_free(extension);
}

Certificate blank(EVP_PKEY* key, const char* name, long serial, const Wishes& wishes) {
    Certificate certificate(X509_new(), &X509_free);
    check(certificate != nullptr, "certificate");
    X509_set_version(certificate.get(), X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), serial);
    X509_gmtime_adj(X509_getm_notBefore(certificate.get()), wishes.valid_from_days * 86400L);
    X509_gmtime_adj(X509_getm_notAfter(certificate.get()), wishes.valid_until_days * 86400L);
    X509_set_pubkey(certificate.get(), key);
    const auto* common_name = reinterpret_cast<const unsigned char*>(name);
    X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate.get()), "CN", MBSTRING_ASC, common_name, -1, -1, 0);
    return certificate;
}

}  // namespace

Identity make_authority() {
    const Key key(EVP_EC_gen("P-256"), &EVP_PKEY_free);
    const Certificate root = blank(key.get(), "Test root", 1, Wishes{});
    X509_set_issuer_name(root.get(), X509_get_subject_name(root.get()));
    extend(root.get(), root.get(), NID_basic_constraints, "critical,CA:TRUE");
    extend(root.get(), root.get(), NID_key_usage, "critical,keyCertSign");
    check(X509_sign(root.get(), key.get(), EVP_sha256()) > 0, "sign root");
    return to_pem(root.get(), key.get());
}

Identity issue(const Identity& authority, const Wishes& wishes) {
    const Certificate root(PEM_read_bio_X509(reader(authority.certificate).get(), nullptr, nullptr, nullptr),
                           &X509_free);
    const Key root_key(PEM_read_bio_PrivateKey(reader(authority.key).get(), nullptr, nullptr, nullptr), &EVP_PKEY_free);
    check(root && root_key, "read authority");
    const Key key(EVP_EC_gen("P-256"), &EVP_PKEY_free);
    const Certificate leaf = blank(key.get(), "Test leaf", 2, wishes);
    X509_set_issuer_name(leaf.get(), X509_get_subject_name(root.get()));
    extend(leaf.get(), root.get(), NID_subject_alt_name, wishes.subject_alternative_name);
    check(X509_sign(leaf.get(), root_key.get(), EVP_sha256()) > 0, "sign leaf");
    return to_pem(leaf.get(), key.get());
}

TemporaryFile::TemporaryFile(const std::string& text)
    : path_((std::filesystem::temp_directory_path() / "serin-test-XXXXXX").string()) {
    const int file = ::mkstemp(path_.data());
    if (file < 0) throw std::runtime_error("no temporary file");
    const bool written = ::write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size());
    ::close(file);
    if (!written) throw std::runtime_error("temporary file not written");
}

TemporaryFile::~TemporaryFile() {
    std::error_code ignored;
    std::filesystem::remove(path_, ignored);
}

}  // namespace serin::test
