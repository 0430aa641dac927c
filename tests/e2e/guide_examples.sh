#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Every whole example of docs/language.md, and every scenario that is shipped, is accepted by `serin lint`; the example of
# docs/alerts.md without a warning; and every command of docs/alerts.md does what it says to a daemon that runs.
# shellcheck source=support.bash
source "$(dirname "${BASH_SOURCE[0]}")/support.bash"
export no_proxy=127.0.0.1

# whole_examples PAGE NAME PATTERN: each fenced yaml block of the page that is a whole file and not a targets file when PATTERN is
# empty, into a file of its own.
whole_examples() {
    awk -v folder="$work" -v name="$2" -v config="$3" '
        /^```yaml$/ { inside = 1; text = ""; next }
        /^```$/ && inside {
            inside = 0
            if (text ~ /^version: 1/ && (config || text !~ /\ntargets:/)) {
                file = folder "/" name "-" (++count) ".yaml"; printf "%s", text > file; close(file)
            }
            next
        }
        inside { text = text $0 "\n" }' "$SERIN_SOURCE_DIR/$1"
}

whole_examples docs/language.md example ''
checked=0
for file in "$work"/example-*.yaml "$SERIN_SOURCE_DIR"/scenarios/library/*.yaml; do
    [[ -e $file ]] || continue
    ALICE_TOKEN=unused run_serin lint "$file"
    expect_exit 0 "$(sed -n 's/^name: //p' "$file") ($file)"
    checked=$((checked + 1))
done
[[ $checked -ge 6 ]] || fail "only $checked examples were found"

# The guide to alerting.
whole_examples docs/alerts.md serin config
for name in chat-delivery login outside; do
    cat >"$work/$name.yaml" <<YAML
version: 1
name: $name
timeout: 2s
steps:
  - get: "\${target.api}/$name"
    expect: status == 200
YAML
done
[[ -e $work/serin-1.yaml ]] || fail 'docs/alerts.md has no whole example'
run_serin lint --strict "$work/serin-1.yaml"
expect_exit 0 'the example of docs/alerts.md'

# Its commands, on a daemon whose pager is a command that succeeds, and with what they name replaced by what is there.
cd "$work"
cat >daemon.yaml <<YAML
version: 1
vantage: here
store: { path: serin.db }
listen: { port: 0 }
log: { format: json }
targets: { one: { api: "http://127.0.0.1:9" } }
probes: { login: { scenario: login.yaml, every: 1h } }
alerts:
  channels: { pager: { exec: { command: [$(type -P true)] } } }
  levels: [{ channels: [pager] }]
YAML
"$SERIN" serve daemon.yaml 2>serve.log </dev/null &
daemon=$!
started "$daemon"
listening() { sed -n 's/.*"event":"listening".*"port":"\([0-9]*\)".*/\1/p' serve.log | grep . >address; }
until_true_within 20 listening
run_serin incidents declare --service chat --message 'messages come twice' --by dana --store serin.db
expect_exit 0 'an incident to talk about'
incident=$("$SERIN" incidents list --store serin.db --json | python3 -c 'import json, sys; print(json.load(sys.stdin)["incidents"][0]["id"])')

mkdir bin
ln -s "$SERIN" bin/serin
commands=0
while read -r command; do
    command=${command//inc-4k2m9x7pqa/$incident}
    command=${command//https:\/\/serin:9464/http://127.0.0.1:$(<address)}
    status=0
    PATH=$work/bin:$PATH SERIN_TOKEN=unused bash -c "$command" >out 2>err </dev/null || status=$?
    out=$(<out) err=$(<err)
    expect_exit 0 "$command"
    commands=$((commands + 1))
done < <(sed -n 's/^\$ \(serin .*\)/\1/p' "$SERIN_SOURCE_DIR/docs/alerts.md")
[[ $commands -ge 8 ]] || fail "only $commands commands were found"
grep -q 'serin incidents close' post-mortem.md || fail 'the post-mortem does not ask what the page was worth'
kill -TERM "$daemon"
wait "$daemon" || fail "the daemon ended with exit $?"
echo "$checked examples and $commands commands are good"
