#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# `serin demo --keep` leaves a faulty service to try things on; what it prints to copy is what works.
# shellcheck source=support.bash
source "$(dirname "${BASH_SOURCE[0]}")/support.bash"
cd "$work"

"$SERIN" demo --keep >kept 2>kept.err </dev/null &
demo=$!
started "$demo"
ready() { grep -q 'Ctrl-C ends it' kept || ! kill -0 "$demo"; }
until_true_within 60 ready
sed -n '/^version: 1/,/^$/p' kept >targets.yaml
[[ -s targets.yaml ]] || { cat kept kept.err >&2; fail 'no targets file was printed'; }
eval "$(sed -n 's/^ *\(export SERIN_CHAT.*\)/\1/p' kept)"

scenario=$SERIN_SOURCE_DIR/scenarios/library/chat-delivery.yaml
run_serin run "$scenario" --targets targets.yaml --only receiver=eu-west-1
expect_exit 0 'to the healthy region'
run_serin run "$scenario" --targets targets.yaml --report json
expect_exit 1 'to every region'
[[ $(grep -o '"failure_class": *"stored_not_pushed"' <<<"$out" | wc -l) -ge 8 ]] || { show; fail 'eight cells receive in the faulty region'; }

kill -INT "$demo"
status=0
wait "$demo" || status=$?
[[ $status -eq 0 ]] || { cat kept.err >&2; fail "the kept demo ended with exit $status"; }
echo 'what the kept demo prints works'
