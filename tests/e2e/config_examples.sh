#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Every whole example of docs/config.md is accepted by `serin lint --strict` beside scenarios of the names that it uses, and
# `serin lint` knows each kind of file by itself.
# shellcheck source=support.bash
source "$(dirname "${BASH_SOURCE[0]}")/support.bash"

awk -v folder="$work" '
    /^```yaml$/ { inside = 1; text = ""; next }
    /^```$/ && inside { inside = 0; if (text ~ /^version: 1/) { file = folder "/serin-" (++count) ".yaml"; printf "%s", text > file; close(file) }; next }
    inside { text = text $0 "\n" }' "$SERIN_SOURCE_DIR/docs/config.md"

cat >"$work/health.yaml" <<'YAML'
version: 1
name: health
timeout: 5s
steps:
  - get: "${target.api}/health"
    expect: status == 200
YAML
cat >"$work/inbox.yaml" <<'YAML'
version: 1
name: inbox
vars: { user: canary, folder: inbox }
secrets: { token: { env: INBOX_TOKEN } }
actors:
  reader: { api: "${target.api}", bearer: "${secret.token}" }
steps:
  - get: "/${vars.user}/${vars.folder}"
    as: reader
    expect: status == 200
YAML
cat >"$work/every-pair.yaml" <<'YAML'
version: 1
name: every-pair
matrix: { sender: "${keys(targets)}", receiver: "${keys(targets)}" }
actors:
  alice: { target: "${matrix.sender}" }
  bob: { target: "${matrix.receiver}" }
steps:
  - post: /messages
    as: alice
    expect: status == 201
  - get: /messages
    as: bob
    expect: status == 200
YAML
mkdir "$work/targets.d"
cat >"$work/targets.d/more.yaml" <<'YAML'
version: 1
targets:
  ap-south: { api: https://ap-south.api.example, region: ap }
YAML
cat >"$work/login.yaml" <<'YAML'
version: 1
fragment: login
inputs: { user: }
outputs: { token: session.json.token }
steps:
  - post: /login
    as: alice
    id: session
    json: { user: "${user}", tenant: "${vars.tenant}" }
    expect: status == 200
YAML

checked=0
for file in "$work"/serin-*.yaml; do
    run_serin lint --strict "$file"
    expect_exit 0 "$(basename "$file") of docs/config.md"
    checked=$((checked + 1))
done
[[ $checked -ge 2 ]] || fail "only $checked examples were found"

run_serin lint --strict "$work/login.yaml" "$work/targets.d/more.yaml" "$work/health.yaml"
expect_exit 0 'a fragment, a targets file and a scenario given as files'
expect_text "$out" '3 files are fine' 'three files'

sed -i 's/status == 200/statsu == 200/' "$work/login.yaml" "$work/health.yaml"
sed -i 's/api: https/api: htps/' "$work/targets.d/more.yaml"
run_serin lint "$work/login.yaml" "$work/targets.d/more.yaml"
expect_exit 2 'a bad fragment and a bad targets file'
expect_text "$out" 'unknown name `statsu`' 'the mistake of the fragment'
expect_text "$out" 'must be an absolute URL' 'the mistake of the targets file'
run_serin lint "$work/serin-1.yaml"
expect_exit 2 'a configuration whose scenario is bad'
expect_text "$out" 'called from' 'who names the scenario'
echo "$checked examples are good"
