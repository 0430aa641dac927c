# SPDX-License-Identifier: Apache-2.0
# What the end-to-end tests share; sourced, not run. Gives $work, a folder of the test's own that goes when it ends, and ends
# every process that was started with `started`.
set -euo pipefail
: "${SERIN:?the program under test; ctest sets it}" "${SERIN_SOURCE_DIR:?the repository; ctest sets it}"

work=$(mktemp -d)
children=()

finish() {
    local child
    for child in "${children[@]}"; do kill -TERM "$child" 2>/dev/null || true; done
    for child in "${children[@]}"; do wait "$child" 2>/dev/null || true; done
    rm -rf "$work"
}
trap finish EXIT
trap 'exit 130' INT TERM

# started PID: a background process that has to end with the test.
started() { children+=("$1"); }

fail() {
    echo "FAILED: $*" >&2
    exit 1
}

# The test cannot be judged on this machine. CI installs what it needs, so there a skip would hide a gap.
skip() {
    [[ -z ${CI:-} ]] || fail "$* (must not be skipped in CI)"
    echo "skipped: $*"
    exit 77
}

# run_serin ARGUMENTS…: $status, and the text in $out (standard output) and $err.
run_serin() {
    status=0
    "$SERIN" "$@" >"$work/out" 2>"$work/err" </dev/null || status=$?
    out=$(<"$work/out")
    err=$(<"$work/err")
}

# show: what the last run said, for a person who reads why a test failed.
show() { printf -- '--- exit %s\n--- stdout\n%s\n--- stderr\n%s\n' "$status" "$out" "$err" >&2; }

# expect_exit CODE WHAT
expect_exit() {
    [[ $status -eq $1 ]] && return
    show
    fail "$2: expected exit $1, got $status"
}

# expect_text TEXT WORDS WHAT: TEXT holds WORDS.
expect_text() {
    [[ $1 == *"$2"* ]] && return
    show
    fail "$3: \`$2\` is not there"
}

# free_port: a TCP port that nobody listened on a moment ago.
free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }

# until_true_within SECONDS COMMAND…: waits for something that another process does.
until_true_within() {
    local end=$((SECONDS + $1))
    shift
    while [[ $SECONDS -lt $end ]]; do
        if "$@" 2>/dev/null; then return; fi
        sleep 0.05
    done
    fail "never came true: $*"
}
until_true() { until_true_within 10 "$@"; }

# start_echo_server: its URL in $service, its requests in $requests, a file with a line "METHOD path" for each.
# shellcheck disable=SC2034  # for the tests that source this
start_echo_server() {
    requests=$work/requests
    : >"$requests"
    python3 "$SERIN_SOURCE_DIR/tests/e2e/echo_server.py" "$work/port" "$requests" &
    started $!
    until_true test -s "$work/port"
    service=http://127.0.0.1:$(<"$work/port")
}
