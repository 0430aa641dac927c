#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Two real Alertmanagers, a cluster as in production, and what on-call people see behind them: one page for one incident, also
# when an Alertmanager is restarted or killed on the way, also when Serin is killed; then one resolve; then nothing.
# shellcheck source=support.bash
source "$(dirname "${BASH_SOURCE[0]}")/support.bash"
command -v prometheus-alertmanager >/dev/null || skip 'prometheus-alertmanager is not installed'
cd "$work"
export no_proxy=127.0.0.1

mkdir site
python3 "$SERIN_SOURCE_DIR/tests/e2e/switch_server.py" "$work/site" &
started $!
until_true test -s site/port
site=http://127.0.0.1:$(<site/port)

cat >am.yaml <<YAML
route: { receiver: people, group_by: [incident], group_wait: 1s, group_interval: 2s, repeat_interval: 1h }
receivers:
  - { name: people, webhook_configs: [{ url: "$site/page", send_resolved: true }] }
YAML

# start_am NUMBER: on its ports, again and again with what it had stored.
declare -A am_pid
am_port=([1]=$(free_port) [2]=$(free_port))
am_gossip=([1]=$(free_port) [2]=$(free_port))
start_am() {
    local n=$1 other=$((3 - $1))
    prometheus-alertmanager --config.file=am.yaml --storage.path="am$n" --web.listen-address="127.0.0.1:${am_port[$n]}" \
        --cluster.listen-address="127.0.0.1:${am_gossip[$n]}" --cluster.advertise-address="127.0.0.1:${am_gossip[$n]}" \
        --cluster.peer="127.0.0.1:${am_gossip[$other]}" --cluster.peer-timeout=3s --cluster.gossip-interval=100ms \
        --cluster.pushpull-interval=1s --cluster.settle-timeout=2s >>"am$n.log" 2>&1 </dev/null &
    am_pid[$n]=$!
    started $!
}
am_up() { curl -sf --max-time 1 "http://127.0.0.1:${am_port[$1]}/-/ready" >/dev/null; }
members() { curl -sf --max-time 1 "http://127.0.0.1:${am_port[$1]}/api/v2/status" | python3 -c 'import json, sys; sys.exit(len(json.load(sys.stdin)["cluster"]["peers"]) != 2)'; }
start_am 1
start_am 2
until_true_within 30 am_up 1 || { cat am1.log >&2; fail 'the first Alertmanager does not start'; }
until_true_within 30 am_up 2 || { cat am2.log >&2; fail 'the second Alertmanager does not start'; }
until_true_within 30 members 1
until_true_within 30 members 2

cat >site.yaml <<'YAML'
version: 1
name: site
timeout: 2s
actors:
  visitor: { api: "${target.api}" }
steps:
  - get: /
    as: visitor
    expect: status == 200
YAML
cat >serin.yaml <<YAML
version: 1
vantage: here
store: { path: serin.db }
listen: { port: 0 }
log: { format: json }
targets:
  eu-1: { api: "$site" }
probes:
  site: { scenario: site.yaml, every: 500ms, targets: [eu-1], runbook: "https://wiki.example/site", owner: team-web }
alerts:
  channels:
    am: { alertmanager: { urls: ["http://127.0.0.1:${am_port[1]}", "http://127.0.0.1:${am_port[2]}"] } }
  levels: [{ channels: [am] }]
YAML
start_serin() {
    "$SERIN" serve serin.yaml 2>>serve.log </dev/null &
    serin=$!
    started "$serin"
}
start_serin
trouble() { tail -n 15 serve.log am1.log am2.log >&2; cat site/pages >&2; fail "$*"; }
# pages STATUS: how many notifications of that status the people got, for incidents of ours.
pages() {
    python3 - "$1" <<'PY'
import json, sys
count = 0
for line in open("site/pages"):
    told = json.loads(line)
    if told["status"] == sys.argv[1] and told["alerts"][0]["labels"].get("service") == "site":
        count += 1
print(count)
PY
}
one() { [[ $(pages "$1") -ge 1 ]]; }
state() { "$SERIN" incidents list --store serin.db --json 2>/dev/null | python3 -c 'import json, sys; rows = json.load(sys.stdin)["incidents"]; print(len(rows), rows[0]["state"] if rows else "-")'; }
is() { [[ $(state) == "$1" ]]; }
judged() { [[ $("$SERIN" runs --store serin.db --json 2>/dev/null | python3 -c 'import json, sys; print(len(json.load(sys.stdin)["runs"]))') -ge 3 ]]; }
until_true_within 20 judged || trouble 'nothing is probed'

touch site/broken
until_true_within 30 one firing || trouble 'nobody was paged'
is '1 open' || trouble "the incident is not there: $(state)"

# Each of the peers goes and comes back; so does Serin.
kill -TERM "${am_pid[1]}"; wait "${am_pid[1]}" || true
start_am 1; until_true_within 30 am_up 1; until_true_within 30 members 1
kill -KILL "${am_pid[2]}"; wait "${am_pid[2]}" || true
start_am 2; until_true_within 30 am_up 2; until_true_within 30 members 2
kill -KILL "$serin"; wait "$serin" || true
start_serin
# Both know of the alert again: what is resent every minute is resent at once after a start.
knows() { curl -sf "http://127.0.0.1:${am_port[$1]}/api/v2/alerts" | grep -q '"service":"site"'; }
until_true_within 90 knows 1 || trouble 'the restarted Alertmanager was not told again'
until_true_within 90 knows 2 || trouble 'the killed Alertmanager was not told again'
is '1 open' || trouble "another incident after the kill: $(state)"

rm site/broken
until_true_within 60 one resolved || trouble 'no resolve arrived'
until_true_within 20 is '1 watching' || trouble "it is not watched: $(state)"
[[ $(pages firing) -eq 1 ]] || trouble "$(pages firing) pages for one incident"
[[ $(pages resolved) -eq 1 ]] || trouble "$(pages resolved) resolves for one incident"
python3 - <<'PY' || trouble 'the page does not say what people need'
import json
page = json.loads(open("site/pages").readline())
labels, words = page["commonLabels"], page["commonAnnotations"]
assert labels["alertname"] and labels["incident"].startswith("inc-"), labels
assert "eu-1" in words["summary"], words
assert words["runbook_url"] == "https://wiki.example/site", words
PY
# Then nothing: what is resent as resolved for a while pages nobody, and goes away.
silent() {
    curl -sf --max-time 2 "http://127.0.0.1:${am_port[$1]}/api/v2/alerts?active=true&filter=service%3Dsite" |
        python3 -c 'import json, sys; sys.exit(bool(json.load(sys.stdin)))'
}
until_true_within 90 silent 1 || trouble 'the first Alertmanager still has an active alert'
until_true_within 90 silent 2 || trouble 'the second Alertmanager still has an active alert'
sleep 6 # three group intervals: time enough for a page too many
[[ $(pages firing) -eq 1 ]] || trouble "$(pages firing) pages for one incident when it was over"
[[ $(pages resolved) -eq 1 ]] || trouble "$(pages resolved) resolves for one incident when it was over"
kill -TERM "$serin"
status=0
wait "$serin" || status=$?
[[ $status -eq 0 ]] || trouble "the daemon ended with exit $status"
echo 'one page, one resolve, then nothing'
