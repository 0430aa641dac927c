#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The dashboard and the rules ask for metrics that exist, the rules fire when they must and only then, and what deploy/ ships
# for service managers is taken by them.
# shellcheck source=support.bash
source "$(dirname "${BASH_SOURCE[0]}")/support.bash"
root=$SERIN_SOURCE_DIR
deploy=$root/deploy

# broken SED-EXPRESSION WORDS: the check finds what is wrong in a dashboard changed like that.
broken() {
    rm -rf "$work/root"
    mkdir -p "$work/root/deploy/grafana" "$work/root/docs"
    cp "$root/docs/metrics.md" "$work/root/docs/"
    cp -r "$deploy/prometheus" "$work/root/deploy/"
    sed "$1" "$deploy/grafana/serin.json" >"$work/root/deploy/grafana/serin.json"
    if python3 "$root/tests/e2e/dashboard.py" check "$work/root" >"$work/said"; then fail "not noticed: $1"; fi
    grep -qF "$2" "$work/said" || { cat "$work/said" >&2; fail "noticed in other words: $1"; }
}

python3 "$root/tests/e2e/dashboard.py" check "$root" || fail 'the dashboard does not hold together'
broken 's/serin_runs_total/serin_run_total/' '`serin_run_total` is not in docs/metrics.md'
broken 's/$probe/$prober/' 'unknown variable $prober'
broken '0,/"id": 2,/s//"id": 3,/' 'is used twice'

command -v promtool >/dev/null || skip 'promtool is not installed'
promtool check rules "$deploy/prometheus/serin.rules.yml" || fail 'promtool refuses the rules'
promtool check config --syntax-only "$deploy/container/prometheus.yml" || fail 'promtool refuses the configuration of the container'
promtool check config "$deploy/prometheus/prometheus.yml" || fail 'promtool refuses the example'
promtool test rules "$deploy/prometheus/serin.rules.test.yml" || fail 'a rule does not fire when it must, or fires when it must not'
while read -r alert; do
    tests=$(grep -F "name: '$alert: " -c "$deploy/prometheus/serin.rules.test.yml" || true)
    [[ $tests -ge 2 ]] || fail "$alert has no test of both kinds"
done < <(sed -n 's/^ *- alert: //p' "$deploy/prometheus/serin.rules.yml")

# The hash of a token is a secret file of the container; here another stands in for it.
cp -r "$deploy/container/config" "$work/config"
printf token | sha256sum | cut -d ' ' -f 1 >"$work/config/prometheus.sha256"
sed -i 's|/run/secrets/serin/prometheus.sha256|prometheus.sha256|' "$work/config/serin.yaml"
run_serin lint "$work/config/serin.yaml"
expect_exit 0 'the configuration of the container'

if command -v systemd-analyze >/dev/null; then
    # The program is not installed where the unit looks for it.
    sed "s|/usr/local/bin/serin|$(realpath "$SERIN")|" "$deploy/systemd/serin.service" >"$work/serin.service"
    systemd-analyze verify "$work/serin.service" || fail 'systemd refuses the unit'
    systemd-analyze security --offline=true --threshold=20 "$work/serin.service" >"$work/said" ||
        { tail -1 "$work/said" >&2; fail 'the unit is exposed more than 2.0'; }
fi
if command -v kubectl >/dev/null; then
    kubectl kustomize "$deploy/container" >"$work/manifest.yaml" || fail 'kustomize refuses the manifest'
    grep -q 'kind: StatefulSet' "$work/manifest.yaml" || fail 'the manifest has no stateful set'
fi
echo 'dashboard, rules and units hold together'
