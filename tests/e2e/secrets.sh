#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A secret never leaves in any output, even when the service sends it back, in any of the forms that it may take.
# shellcheck source=support.bash
source "$(dirname "${BASH_SOURCE[0]}")/support.bash"
cd "$work"
start_echo_server
cat >secret.yaml <<'YAML'
version: 1
name: secret
secrets:
  token: { env: THE_TOKEN }
actors:
  visitor: { api: "${target.api}", bearer: "${secret.token}" }
steps:
  - get: "/look?token=${secret.token}"
    as: visitor
    expect: |
      json.you_are == "somebody else"
      json_encode(json) == base64_encode(secret.token)
YAML
# Quotes and a plus sign, so that JSON, URL and base64 each change it.
export THE_TOKEN='s3cr3t+"value"/with=signs'

run_serin run secret.yaml --target "api=$service" -v --curl --report text --report json=o.json --report junit=o.xml \
    --report tap=o.tap --report github=o.github
expect_exit 1 'the expectations are false'
# The service did get it: else there would be nothing to find.
grep -q 's3cr3t' "$requests" || fail 'the secret was not sent at all'

# What stands for each form: the value, its URL-escaped start, and base64 at the three alignments.
for form in 's3cr3t' "$(printf '%s' "$THE_TOKEN" | base64 -w0 | cut -c1-16)" \
    "$(printf 'x%s' "$THE_TOKEN" | base64 -w0 | cut -c5-18)" "$(printf 'xx%s' "$THE_TOKEN" | base64 -w0 | cut -c5-18)"; do
    for file in out err o.json o.xml o.tap o.github; do
        if grep -qF -- "$form" "$file"; then
            grep -nF -- "$form" "$file" | cut -c1-300 >&2
            fail "$file shows the secret as $form"
        fi
    done
done
grep -q 'secret token' out || fail 'nothing says where the secret was'

export THE_TOKEN=ab
run_serin run secret.yaml --target "api=$service"
expect_text "$err" 'warning: secret.yaml: secret `token` is shorter than 4 bytes' 'a short secret'

unset THE_TOKEN
run_serin run secret.yaml --target "api=$service"
expect_exit 2 'a secret that is not there'
expect_text "$err" 'THE_TOKEN' 'a secret that is not there'
echo 'no output shows the secret'
