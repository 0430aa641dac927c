// SPDX-License-Identifier: Apache-2.0
#include "runner/cli.hpp"

int main(int argc, char** argv) {
    serin::Console console;
    return static_cast<int>(serin::run_cli({argv + 1, argv + argc}, console));
}
