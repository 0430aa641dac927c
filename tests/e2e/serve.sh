#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The daemon's life: it starts, sees a fault within seconds, keeps running under a bad configuration, takes a change and a request,
# ends in good order, and picks its appointments up again after a restart and after `kill -9`.
# shellcheck source=support.bash
source "$(dirname "${BASH_SOURCE[0]}")/support.bash"
cd "$work"
start_echo_server
port=${service##*:}

cat >health.yaml <<'YAML'
version: 1
name: health
timeout: 800ms
actors:
  visitor: { api: "${target.api}" }
steps:
  - get: /health
    as: visitor
    expect: status == 200
YAML
config() { # config EVERY [FURTHER LINES]
    cat >serin.yaml <<YAML
version: 1
vantage: here
store: { path: store/serin.db }
listen: { port: 0 }
log: { format: json }
limits: { workers: 2, stop_grace: 5s }
targets:
  one: { api: "$service" }
  two: { api: "$service" }
probes:
  health: { scenario: health.yaml, every: $1, confirm: 100ms, targets: [one, two] }
${2:-}
YAML
}

# start: the daemon in $daemon, its address in $api.
start() {
    : >serve.log
    "$SERIN" serve serin.yaml 2>serve.log </dev/null &
    daemon=$!
    started "$daemon"
    listening() { sed -n 's/.*"event":"listening".*"port":"\([0-9]*\)".*/\1/p' serve.log | grep . >address; }
    until_true_within 20 listening || { cat serve.log >&2; fail 'the daemon does not listen'; }
    api=http://127.0.0.1:$(<address)
}
trouble() { cat serve.log >&2; fail "$*"; }
ask() { curl -sS --noproxy '*' "$@"; }
# value PATH EXPRESSION: a Python expression over the answer, named x.
value() { ask "$api$1" | python3 -c "import json, sys; x = json.load(sys.stdin); print($2)"; }
is() { [[ $(value "$1" "$2") == "$3" ]]; }
# metric PATTERN: it is among the metrics. By way of a file, for a `grep -q` that found it would break the pipe.
metric() { ask "$api/metrics" >metrics && grep -q "$1" metrics; }
runs_of() { value "/api/v1/runs?verdict=$1&limit=1000" 'len(x["runs"])'; }
# stop SIGNAL: $ended is its exit code.
stop() {
    ended=0
    kill -"$1" "$daemon"
    wait "$daemon" || ended=$?
}

# A mistake is told before anything runs.
mkdir store
config 500ms '  nothing: { scenario: gone.yaml, every: 1s }'
run_serin serve serin.yaml
expect_exit 2 'a configuration that names a missing scenario'
expect_text "$err" 'gone.yaml' 'the missing file is named'
expect_text "$err" 'serin.yaml:' 'with its place'

# It starts, and everything is well.
config 500ms
run_serin serve --check serin.yaml
expect_exit 0 'a good configuration'
expect_text "$out" '2 cells of 1 probes' 'how much would be played'
start
passed() { [[ $(runs_of pass) -ge 4 ]]; }
until_true passed || trouble 'no run passed'
until_true is /-/ready 'x["ready"]' True
is /api/v1/matrix 'sorted((c["target"], c["verdict"]) for c in x["cells"])' "[('one', 'pass'), ('two', 'pass')]" ||
    trouble "matrix: $(ask "$api/api/v1/matrix")"
until_true metric 'serin_runs_total{probe="health",vantage="here",target="one",verdict="pass"} [1-9]'

# A second daemon on the same store is refused.
run_serin serve serin.yaml
expect_exit 3 'a second daemon on one store'
expect_text "$err" 'store' 'it says what is in use'

# The service goes away: said within seconds, as the target's fault, with evidence.
kill "${children[0]}"
wait "${children[0]}" 2>/dev/null || true
failed() { [[ $(runs_of fail) -ge 4 ]]; }
until_true failed || trouble 'the fault was not seen'
is '/api/v1/runs?verdict=fail&limit=1' 'x["runs"][0]["failure_class"]' connection_refused || trouble 'another failure class'
run_id=$(value '/api/v1/runs?verdict=fail&limit=1' 'x["runs"][0]["run_id"]')
ask "$api/api/v1/runs/$run_id" >evidence
grep -q connection_refused evidence || trouble 'a failed run without evidence'
until_true is /api/v1/incidents 'x["incidents"][0]["failure_class"]' connection_refused
grep -q '"event":"run_not_passed"' serve.log || trouble 'the failure is not in the log'

# … and comes back on the same port.
python3 - "$port" <<'PY' &
import http.server, sys
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()
    def log_message(self, *_):
        pass
http.server.ThreadingHTTPServer.allow_reuse_address = True
http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
PY
started $!
well_again() { is /api/v1/matrix 'all(c["verdict"] == "pass" for c in x["cells"])' True; }
until_true well_again || trouble 'it did not see the service come back'

# A bad file: the old configuration runs on, and the answer, the status and the metric say so.
config 500ms '  helth: { scenari: health.yaml, every: 1s }'
code=$(ask -o answer -w '%{http_code}' -X POST "$api/-/reload")
[[ $code == 422 ]] || trouble "a bad reload was answered $code: $(<answer)"
grep -q 'scenari' answer || trouble "the answer does not name the mistake: $(<answer)"
is /api/v1/status 'x["config_ok"]' False || trouble 'the status does not know of the bad file'
metric '^serin_config_last_reload_successful{.*} 0' || trouble "no metric: $(grep serin_config metrics)"
before=$(runs_of pass)
more() { [[ $(runs_of pass) -gt $before ]]; }
until_true more || trouble 'the old configuration does not run on'

# A good one, by signal: another probe joins, the others keep their phase.
config 500ms '  again: { scenario: health.yaml, every: 1s, targets: [one] }'
kill -HUP "$daemon"
until_true is /api/v1/status 'x["config_ok"]' True
until_true is /api/v1/probes 'sorted(p["name"] for p in x["probes"])' "['again', 'health']"

# A token that the whole network needs cannot be reloaded away, nor the name that results carry.
sed 's/^vantage: here/vantage: there/' serin.yaml >other.yaml
cp serin.yaml kept.yaml
cp other.yaml serin.yaml
code=$(ask -o answer -w '%{http_code}' -X POST "$api/-/reload")
[[ $code == 422 ]] || trouble "another vantage was taken: $code"
cp kept.yaml serin.yaml
code=$(ask -o answer -w '%{http_code}' -X POST "$api/-/reload")
[[ $code == 200 ]] || trouble "the good file was refused: $(<answer)"
grep -q '"event":"api_request"' serve.log || trouble 'the log does not tell of a reload by the API'

# Requests and changes.
code=$(ask -o answer -w '%{http_code}' -X POST "$api/api/v1/probes/health/run?target=one")
[[ $code == 20[02] ]] || trouble "run now: $code $(<answer)"
run_serin change --kind deploy --component api --id d-1 --author ci --start -1m --server "$api"
expect_exit 0 'recording a change'
run_serin change --kind deploy --component api --id d-1 --author ci --start -1m --server "$api"
expect_exit 0 'recording it again'
until_true is /api/v1/changes '[c["change_id"] if "change_id" in c else c["id"] for c in x["changes"]]' "['d-1']"

# The end: everything that ran is in the store, for people too.
stop TERM
[[ $ended -eq 0 ]] || trouble "ended with $ended"
grep -q '"event":"stopped"' serve.log || trouble 'it does not say that it stopped'
run_serin runs --store store/serin.db --verdict fail --limit 5
expect_exit 0 'serin runs'
expect_text "$out" 'connection_refused' 'the failures are listed'
run_serin report --store store/serin.db --since 1h --format json
expect_exit 0 'serin report'
python3 -c 'import json, sys; json.load(sys.stdin)' <"$work/out" || fail 'the report is no JSON'
run_serin report --store store/serin.db --since 1h --format html -o report.html
expect_exit 0 'the HTML report'
grep -q 'd-1\|deploy' report.html || fail 'the change is not in the report'
grep -Eq '(src|href)="https?://' report.html && fail 'the report needs a network'

# A restart: the slots of the time in between are missed and told, never silently skipped.
sleep 2 # the absence that is measured; nothing waits for it
start
missed() { is /api/v1/matrix 'sum(c["counts"]["missed"] for c in x["cells"]) >= 2' True; }
until_true missed || trouble "the absence left no gap: $(ask "$api/api/v1/matrix")"

# kill -9: failures that were seen are there afterwards.
kill "${children[-2]}" 2>/dev/null || true
before=$(runs_of fail)
fresh_failure() { [[ $(runs_of fail) -gt $before ]]; }
until_true fresh_failure || trouble 'no failure to lose'
value '/api/v1/runs?verdict=fail&limit=1000' '"\n".join(r["run_id"] for r in x["runs"])' >seen
stop KILL
start
value '/api/v1/runs?verdict=fail&limit=1000' '"\n".join(r["run_id"] for r in x["runs"])' >kept
grep -vxFf kept seen && trouble 'runs that were told are gone after kill -9'

stop INT
[[ $ended -eq 0 ]] || trouble "ended with $ended"

# An address that others reach wants a token, also after a reload that takes both away.
hash=$(printf %s secret-token | sha256sum | cut -d' ' -f1)
sed "s/^listen: .*/listen: { address: 0.0.0.0, port: 0, tokens: [{ name: ci, sha256: \"$hash\", scopes: [read, operate] }] }/" \
    kept.yaml >serin.yaml
start
[[ $(ask -o answer -w '%{http_code}' "$api/api/v1/status") == 401 ]] || trouble 'no token was wanted'
cp kept.yaml serin.yaml
code=$(ask -o answer -w '%{http_code}' -X POST -H 'Authorization: Bearer secret-token' "$api/-/reload")
[[ $code == 422 ]] || trouble "a reload opened the API to everybody: $code"
[[ $(ask -o answer -w '%{http_code}' "$api/api/v1/status") == 401 ]] || trouble 'no token is wanted after the reload'
stop TERM
[[ $ended -eq 0 ]] || trouble "ended with $ended"
echo 'ok'
