#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A signal ends the steps, not the cleanup: what was created is deleted, and the exit code names the signal.
# shellcheck source=support.bash
source "$(dirname "${BASH_SOURCE[0]}")/support.bash"
cd "$work"
start_echo_server
cat >slow.yaml <<'YAML'
version: 1
name: slow
timeout: 60s
actors:
  visitor: { api: "${target.api}" }
steps:
  - post: /messages
    as: visitor
    expect: status == 201
    save: { message: json.id }
    defer:
      delete: "/messages/${message}"
      as: visitor
      expect: status == 204
  - pause: 50s
YAML

saw() { grep -qx "$1" "$requests"; }

# interrupted SIGNAL CODE
interrupted() {
    local status=0 pid
    : >"$requests"
    "$SERIN" run slow.yaml --target "api=$service" >out 2>err </dev/null &
    pid=$!
    started "$pid"
    until_true saw 'POST /messages'
    kill -s "$1" "$pid"
    wait "$pid" || status=$?
    [[ $status -eq $2 ]] || { cat out err >&2; fail "SIG$1: expected exit $2, got $status"; }
    saw 'DELETE /messages/m-1' || { cat out err >&2; fail "SIG$1: cleanup did not run"; }
}

interrupted TERM 143
# A background process of a script ignores SIGINT unless it installs a handler of its own, as serin does.
interrupted INT 130
echo 'both signals end the run after cleanup'
