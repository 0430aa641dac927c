#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What a shell or a pipeline sees of `serin`: exit codes, where text goes, and what it says of mistakes.
# shellcheck source=support.bash
source "$(dirname "${BASH_SOURCE[0]}")/support.bash"
cd "$work"

# scenario NAME STEPS: writes NAME.yaml.
scenario() {
    printf 'version: 1\nname: %s\nactors:\n  visitor: { api: "${target.api}" }\n%s\n' "$1" "$2" >"$1.yaml"
}
start_echo_server

run_serin
expect_exit 2 'no command'
expect_text "$err" 'usage: serin' 'no command'
run_serin help
expect_exit 0 'help'
run_serin --version
expect_exit 0 '--version'
expect_text "$out" 'Clang' '--version names the compiler'
run_serin rnu
expect_exit 2 'a typing mistake in the command'
expect_text "$err" '`run`' 'the nearest command'
run_serin run --tragets a.yaml
expect_exit 2 'a typing mistake in an option'
run_serin run missing.yaml
expect_exit 2 'a file that is not there'
expect_text "$err" 'missing.yaml' 'a file that is not there'

scenario good 'steps:
  - get: /hello
    as: visitor
    expect: status == 200'
run_serin lint good.yaml
expect_exit 0 'lint of a good file'
[[ ! -s $requests ]] || fail 'lint touched the network'
run_serin run good.yaml --target "api=$service"
expect_exit 0 'a scenario that passes'
[[ $(<"$requests") == 'GET /hello' ]] || fail "the service saw: $(<"$requests")"

scenario mistaken 'steps:
  - get: /hello
    as: visitor
    expct: status == 200'
run_serin lint mistaken.yaml
expect_exit 2 'lint of a mistaken file'
expect_text "$out" 'mistaken.yaml:8:5' 'the place'
expect_text "$out" '`expect`' 'the remedy'
run_serin run mistaken.yaml --target "api=$service"
expect_exit 2 'run of a mistaken file'

scenario failing 'steps:
  - get: /hello
    as: visitor
    expect: status == 404'
run_serin run failing.yaml --target "api=$service" --report text --report json=out.json --report junit=out.xml
expect_exit 1 'a scenario that fails'
expect_text "$out" 'failing.yaml:8:13' 'the place of the expectation'
python3 - <<'PYTHON' || fail 'the report files'
import json, xml.etree.ElementTree as tree
report = json.load(open("out.json"))
assert "expectation_failed" in json.dumps(report), report
suite = tree.parse("out.xml").getroot()
assert suite.get("failures") == "1" and suite.find(".//failure") is not None, tree.tostring(suite)
PYTHON

run_serin run good.yaml --target "api=http://127.0.0.1:$(free_port)"
expect_exit 1 'nobody listens'
expect_text "$out" 'refused' 'nobody listens'

scenario unreadable 'steps:
  - post: /upload
    as: visitor
    file: not-there.bin
    expect: status == 201'
run_serin run unreadable.yaml --target "api=$service"
expect_exit 3 'a file that the prober cannot read is its own fault'

scenario cells 'matrix: { shard: [a, b] }
steps:
  - get: "/${matrix.shard}"
    as: visitor
    expect: status == 200'
run_serin run cells.yaml --target "api=$service" --only shard=nowhere
expect_exit 4 'no cell selected: nothing ran'
expect_text "$err" '`shard` is never `nowhere`' 'no cell selected'
run_serin run cells.yaml --target "api=$service" --only shrd=a
expect_text "$err" 'did you mean `shard`?' 'a misspelt axis'
scenario skipped 'steps:
  - get: /hello
    as: visitor
    if: 1 == 2
    expect: status == 200'
run_serin run skipped.yaml --target "api=$service"
expect_exit 4 'every step skipped: nothing was judged'

echo 'exit codes 0 to 4 as documented'
