#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The disk of the store fills up and empties again: probing goes on, the fault is told three ways, and the failures of that time
# are in the store afterwards. Then somebody else locks the database.
# shellcheck source=support.bash
source "$(dirname "${BASH_SOURCE[0]}")/support.bash"
cd "$work"
[[ $(id -u) -eq 0 ]] || skip 'a small disk needs root'
mkdir disk
mount -t tmpfs -o size=2m tmpfs disk 2>/dev/null || { echo 'skipped: no tmpfs can be mounted here (a container without that right)'; exit 77; }
unmount() {
    finish_processes
    umount disk 2>/dev/null || umount -l disk
    rm -rf "$work"
}
finish_processes() {
    local child
    for child in "${children[@]}"; do kill -KILL "$child" 2>/dev/null || true; done
    for child in "${children[@]}"; do wait "$child" 2>/dev/null || true; done
}
trap unmount EXIT

cat >fails.yaml <<'YAML'
version: 1
name: fails
timeout: 1s
actors:
  visitor: { api: "${target.api}" }
steps:
  - get: /nobody-listens-there
    as: visitor
    expect: status == 200
YAML
cat >serin.yaml <<YAML
version: 1
vantage: here
store: { path: disk/serin.db }
listen: { port: 0 }
log: { format: json }
targets:
  gone: { api: "http://127.0.0.1:$(free_port)" }
probes:
  fails: { scenario: fails.yaml, every: 200ms, timeout: 100ms, targets: [gone] }
YAML
"$SERIN" serve serin.yaml 2>serve.log </dev/null &
started $!
listening() { sed -n 's/.*"event":"listening".*"port":"\([0-9]*\)".*/\1/p' serve.log | grep . >address; }
until_true_within 20 listening || { cat serve.log >&2; fail 'the daemon does not listen'; }
api=http://127.0.0.1:$(<address)
trouble() { tail -n 30 serve.log >&2; fail "$*"; }
ask() { curl -sS --noproxy '*' "$@"; }
value() { ask "$api$1" | python3 -c "import json, sys; x = json.load(sys.stdin); print($2)"; }
is() { [[ $(value "$1" "$2") == "$3" ]]; }
stored() { value '/api/v1/runs?limit=1000' 'len(x["runs"])'; }
played() { ask "$api/metrics" | sed -n 's/^serin_runs_total{.*verdict="fail"} \([0-9]*\).*/\1/p'; }
some() { [[ $(stored) -ge 3 ]]; }
until_true some || trouble 'nothing is stored'

dd if=/dev/zero of=disk/filler bs=4k 2>/dev/null || true
until_true_within 30 is /api/v1/status 'x["store"]["writing"]' False || trouble 'a full disk is not noticed'
code=$(ask -o answer -w '%{http_code}' "$api/-/ready")
[[ $code == 503 ]] || trouble "/-/ready says $code on a full disk"
ask "$api/metrics" >metrics
grep -q '^serin_store_writing{.*} 0' metrics || trouble "no metric: $(grep serin_store metrics)"
grep -q '"event":"store_fault"' serve.log || trouble 'no line in the log'
before=$(played)
on() { [[ $(played) -ge $((before + 10)) ]]; }
until_true on || trouble 'probing stopped with the disk'

rm disk/filler
until_true_within 60 is /api/v1/status 'x["store"]["writing"]' True || trouble 'it does not recover'
count=$(played)
all_kept() { [[ $(stored) -ge $count ]]; }
until_true_within 30 all_kept || trouble "of $count failures $(stored) are kept"

python3 - disk/serin.db <<'PY' &
import sqlite3, sys, time
held = sqlite3.connect(sys.argv[1], isolation_level=None, timeout=30)
held.execute("BEGIN EXCLUSIVE")
open("locked", "w").close()
time.sleep(12)
held.execute("ROLLBACK")
PY
started $!
until_true test -e locked
before=$(played)
still_on() { [[ $(played) -ge $((before + 10)) ]]; }
until_true still_on || trouble 'probing stopped with a locked database'
count=$(played)
until_true_within 60 all_kept || trouble "of $count failures $(stored) are kept after the lock"
echo 'ok'
