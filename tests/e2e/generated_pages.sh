#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Pages and schemas that are made from the tables in the code are what this binary makes.
set -euo pipefail
cd "$SERIN_SOURCE_DIR"
failed=0
check() {
    if ! diff -u "$2" <("$SERIN" schema "$1") >/dev/null; then
        echo "$2 is stale: serin schema $1 > $2"
        failed=1
    fi
}
check reference docs/reference.md
check failures docs/failures.md
check scenario schema/scenario.schema.json
check targets schema/targets.schema.json
check config schema/config.schema.json
check config-reference docs/config-reference.md
[[ $failed == 0 ]] && echo 'generated pages are what this binary makes'
exit "$failed"
