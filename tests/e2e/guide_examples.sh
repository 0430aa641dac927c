#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Every whole example of docs/language.md, and every scenario that is shipped, is accepted by `serin lint`.
# shellcheck source=support.bash
source "$(dirname "${BASH_SOURCE[0]}")/support.bash"

# Each fenced yaml block that is a whole file, into one of its own. A targets file is no scenario.
awk -v folder="$work" '
    /^```yaml$/ { inside = 1; text = ""; next }
    /^```$/ && inside {
        inside = 0
        if (text ~ /^version: 1/ && text !~ /\ntargets:/) { file = folder "/example-" (++count) ".yaml"; printf "%s", text > file; close(file) }
        next
    }
    inside { text = text $0 "\n" }' "$SERIN_SOURCE_DIR/docs/language.md"

checked=0
for file in "$work"/example-*.yaml "$SERIN_SOURCE_DIR"/scenarios/library/*.yaml; do
    [[ -e $file ]] || continue
    ALICE_TOKEN=unused run_serin lint "$file"
    expect_exit 0 "$(sed -n 's/^name: //p' "$file") ($file)"
    checked=$((checked + 1))
done
[[ $checked -ge 6 ]] || fail "only $checked examples were found"
echo "$checked examples are good"
