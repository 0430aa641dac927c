#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A real Prometheus scrapes a running daemon whose chat service is faulty in one region: both formats are clean, every query of
# the dashboard and every rule has its data, the page about the fault fires, none about Serin itself does, and the run behind an
# exemplar has its evidence.
# shellcheck source=support.bash
source "$(dirname "${BASH_SOURCE[0]}")/support.bash"
command -v prometheus >/dev/null || skip 'prometheus is not installed'
command -v promtool >/dev/null || skip 'promtool is not installed'
root=$SERIN_SOURCE_DIR
cd "$work"

# The service: stores in every region, pushes in all but one.
"$SERIN" demo --keep >kept 2>kept.err </dev/null &
demo=$!
started "$demo"
ready() { grep -q 'Ctrl-C ends it' kept || ! kill -0 "$demo"; }
until_true_within 60 ready
sed -n '/^version: 1/,/^$/p' kept >targets.yaml
[[ -s targets.yaml ]] || { cat kept kept.err >&2; fail 'no targets file was printed'; }
eval "$(sed -n 's/^ *\(export SERIN_CHAT.*\)/\1/p' kept)"

# The daemon.
start_echo_server
cat >health.yaml <<'YAML'
version: 1
name: health
timeout: 5s
actors:
  visitor: { api: "${target.api}" }
steps:
  - get: /health
    as: visitor
    expect: status == 200
YAML
cat >serin.yaml <<YAML
version: 1
vantage: here
store: { path: serin.db }
listen: { port: 0 }
log: { format: json }
discovery: { files: [targets.yaml] }
targets:
  echo: { api: "$service" }
probes:
  health: { scenario: health.yaml, every: 1s, targets: [echo] }
  chat:
    scenario: $root/scenarios/library/chat-delivery.yaml
    every: 4s
    confirm: 1s
    matrix: { sender: [us-east-1], receiver: [us-east-1, eu-west-1, eu-west-2, us-west-2] }
YAML
# Only the regions that the demo has.
regions=$(sed -n 's/^  \([a-z0-9-]*\):.*/\1/p' targets.yaml | paste -sd, -)
sed -i "s/receiver: \[.*\]/receiver: [$regions]/; s/sender: \[us-east-1\]/sender: [${regions%%,*}]/" serin.yaml
"$SERIN" serve serin.yaml >serve.out 2>serve.err </dev/null &
serve=$!
started "$serve"
said_port() { cat serve.out serve.err | sed -n 's/.*listening on http:\/\/[^:]*:\([0-9]*\).*/\1/p' | head -1 | grep . >port; }
trouble() { tail -n 20 serve.out serve.err >&2; fail "$1"; }
until_true_within 30 said_port || trouble 'the daemon does not listen'
api=http://127.0.0.1:$(<port)

# Both formats.
curl -sS -D head.text -H 'Accept: text/plain' "$api/metrics" >text
grep -qi '^content-type: text/plain; version=0.0.4' head.text || fail 'the text format has another content type'
promtool check metrics <text || { cat text >&2; fail 'promtool finds fault with the text format'; }
curl -sS -D head.open -H 'Accept: application/openmetrics-text; version=1.0.0' "$api/metrics" >open
grep -qi '^content-type: application/openmetrics-text; version=1.0.0' head.open || fail 'OpenMetrics has another content type'
[[ $(tail -1 open) == '# EOF' ]] || fail 'OpenMetrics without its end'

curl -sS -X POST -H 'Content-Type: application/json' "$api/api/v1/changes" \
    -d '{"id":"c-1","kind":"deploy","component":"chat","title":"a test"}' >change
grep -q 'c-1' change || { cat change >&2; fail 'the change was not recorded'; }

# Prometheus, on a port of its own.
cp "$root/deploy/prometheus/serin.rules.yml" .
cat >prometheus.yml <<YAML
global: { scrape_interval: 1s, evaluation_interval: 1s }
rule_files: [serin.rules.yml]
scrape_configs:
  - { job_name: serin, honor_labels: true, static_configs: [{ targets: ["${api#http://}"] }] }
YAML
prometheus=
for _ in 1 2 3; do
    address=127.0.0.1:$(free_port)
    prometheus --config.file=prometheus.yml --storage.tsdb.path=tsdb --web.listen-address="$address" \
        --enable-feature=exemplar-storage >prometheus.log 2>&1 </dev/null &
    pid=$!
    started "$pid"
    up() { curl -sf --max-time 1 "http://$address/-/ready" >/dev/null || ! kill -0 "$pid"; }
    until_true_within 30 up
    if kill -0 "$pid" 2>/dev/null; then prometheus=http://$address; break; fi
done
[[ -n $prometheus ]] || { cat prometheus.log >&2; fail 'prometheus did not start'; }

# Every query has an answer, and data where there must be some.
asked() {
    local status=0
    python3 "$root/tests/e2e/dashboard.py" ask "$root" "$prometheus" >asked 2>&1 || status=$?
    [[ $status -ne 1 ]] || { cat asked >&2; fail 'Prometheus refuses a query'; }
    return "$status"
}
end=$((SECONDS + 75))
until asked; do
    if [[ $SECONDS -ge $end ]]; then
        tail -n 5 serve.out serve.err >&2
        curl -s "$prometheus/api/v1/targets" >&2
        cat asked >&2
        fail 'a query has no data'
    fi
    sleep 1
done

# firing: names of alerts, with whom they blame.
firing() {
    curl -sf "$prometheus/api/v1/alerts" | python3 -c '
import json, sys
for alert in json.load(sys.stdin)["data"]["alerts"]:
    if alert["state"] == "firing":
        labels = alert["labels"]
        print(labels["alertname"], labels["blames"], labels.get("probe", ""), labels.get("cell", ""))'
}
paged() { firing >alerts && grep -q '^SerinCellFailing target chat ' alerts; }
until_true_within 30 paged
# But for slots that a busy machine may have missed.
if grep ' prober ' alerts | grep -v '^SerinSlotsMissed '; then fail 'an alert blames Serin'; fi
if grep '^SerinCellFailing target health' alerts; then fail 'the healthy service pages'; fi

# From a graph to the evidence.
run_id=$(curl -sf "$prometheus/api/v1/query_exemplars?query=serin_failures_total&start=$(($(date +%s) - 300))&end=$(($(date +%s) + 5))" |
    sed -n 's/.*"run_id":"\([^"]*\)".*/\1/p')
[[ -n $run_id ]] || fail 'no exemplar was stored'
until_true curl -sf "$api/api/v1/runs/$run_id" -o run
grep -q 'stored_not_pushed\|not_in_time' run || { cat run >&2; fail 'the exemplar leads to another run'; }

kill -TERM "$serve"
status=0
wait "$serve" || status=$?
[[ $status -eq 0 ]] || trouble "the daemon ended with exit $status"
echo 'every query and rule has its data'
