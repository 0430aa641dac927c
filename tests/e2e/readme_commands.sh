#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What the README promises: its commands exist, its links lead somewhere, and the demo names exactly the faulty cells.
# shellcheck source=support.bash
source "$(dirname "${BASH_SOURCE[0]}")/support.bash"
readme=$SERIN_SOURCE_DIR/README.md

grep -q '^\$ ./dev demo' "$readme" || fail 'the README does not begin with ./dev demo'
grep -q '^\$ ./dev test' "$readme" || fail 'the README does not name ./dev test'
known=$("$SERIN_SOURCE_DIR/dev" help)
while read -r command; do
    grep -q "^  $command\b" <<<"$known" || fail "./dev $command is in the README, but not in ./dev help"
done < <(grep -ohE '\./dev [a-z]+' "$readme" "$SERIN_SOURCE_DIR/CONTRIBUTING.md" | cut -d' ' -f2 | sort -u)
while read -r link; do
    [[ -e $SERIN_SOURCE_DIR/$link ]] || fail "the README links to $link, which is not there"
done < <(grep -oE '\]\([^)#:]+\)' "$readme" | tr -d '])(' | sort -u)

run_serin demo
expect_exit 0 'the demo'
printf '%s\n' "$out" >"$work/demo.txt"
python3 - "$work/demo.txt" <<'PYTHON' || { show; fail 'the demo names other cells than the faulty ones'; }
import re, sys

def grids(text):
    """One mapping (sender, receiver) -> word for each table "sender \\ receiver …"."""
    found, lines = [], text.splitlines()
    for at, line in enumerate(lines):
        if not line.strip().startswith("sender \\ receiver"):
            continue
        receivers = line.split()[3:]
        cells = {}
        for row in lines[at + 1 : at + 1 + len(receivers)]:
            sender, *words = re.split(r" {2,}", row.strip())
            assert len(words) == len(receivers), row
            cells.update({(sender, receiver): word for receiver, word in zip(receivers, words)})
        found.append(cells)
    return found

healthy, faulty, mended = grids(open(sys.argv[1]).read())
time = re.compile(r"^[0-9.]+ (us|ms|s)$")
assert len(faulty) == 16, faulty
for cells in (healthy, mended):
    assert all(time.match(word) for word in cells.values()), cells
for (sender, receiver), word in faulty.items():
    assert word == "not pushed" if receiver.startswith("us-east") else time.match(word), (sender, receiver, word)
PYTHON
expect_text "$out" 'stored, not pushed' 'the demo says what is wrong'
expect_text "$out" "left 0 of the canary's messages" 'the demo cleans up'
echo 'the README tells the truth'
