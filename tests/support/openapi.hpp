// SPDX-License-Identifier: Apache-2.0
// docs/openapi.yaml as a judge of answers.
#pragma once
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <set>
#include <string>
#include <vector>

namespace serin::test {

struct OpenApiOperation {
    std::string method;  ///< "GET"
    std::string path;    ///< "/api/v1/runs/{id}"
    std::string scope;   ///< x-scope; empty: no security
    std::set<std::string> query;
    std::set<std::string> statuses;
    bool has_body = false;
};

class OpenApi {
public:
    /// Reads the file of this repository; throws std::runtime_error when it is none.
    OpenApi();
    ~OpenApi();
    OpenApi(const OpenApi&) = delete;
    OpenApi& operator=(const OpenApi&) = delete;

    [[nodiscard]] std::vector<OpenApiOperation> operations() const;
    /// Why `json` is not what the operation answers with `status`, or "".
    [[nodiscard]] std::string why_not(const std::string& method, const std::string& path, int status,
                                      const nlohmann::json& json) const;
    /// Why `json` is none of the schema "#/components/schemas/NAME", or "".
    [[nodiscard]] std::string why_not(const std::string& schema, const nlohmann::json& json) const;
    /// References that lead nowhere, and schemas, parameters and responses that nothing refers to.
    [[nodiscard]] std::vector<std::string> loose_ends() const;

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace serin::test
