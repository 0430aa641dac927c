// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "reports/store/reader.hpp"
#include "reports/store/sqlite.hpp"

namespace serin {

struct StoreReader::Impl {
    Database database;
};

}  // namespace serin
