#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Serin against a service that is not ours: nginx with the nchan module, publish over HTTP, subscribe by websocket. Healthy, the
# run passes. With the subscriber on a server that does not share the publisher's channels, everything answers well and the
# message never comes: the run must fail as `not_in_time`.
# shellcheck source=support.bash
source "$(dirname "${BASH_SOURCE[0]}")/support.bash"

nginx=$(PATH="$PATH:/usr/sbin" command -v nginx) || skip 'nginx is not installed'
module=
for folder in /usr/lib/nginx/modules /usr/lib64/nginx/modules; do
    if [[ -e $folder/ngx_nchan_module.so ]]; then module=$folder/ngx_nchan_module.so; fi
done
[[ -n $module ]] || skip "nginx's nchan module is not installed"

# answers PORT NAME: it is our server of that name, not another that took the port.
answers() { [[ $(curl -s --max-time 1 "http://127.0.0.1:$1/who") == "$work/$2" ]]; }

# start_server NAME: starts one on a free port; the port in $port. Somebody else may take the port first, hence the tries.
start_server() {
    local name=$1 home=$work/$1 try waited pid
    mkdir "$home"
    for try in 1 2 3 4 5; do
        port=$(free_port)
        {
            echo "load_module $module;"
            # Workers of a root-started nginx change to another user, who may not enter our folder.
            if [[ $(id -u) -eq 0 ]]; then echo 'user root;'; fi
            cat <<CONF
daemon off;
worker_processes 1;
pid $home/pid;
error_log $home/error.log;
events { worker_connections 64; }
http {
    access_log $home/access.log;
    client_body_temp_path $home/body;
    proxy_temp_path $home/proxy;
    fastcgi_temp_path $home/fastcgi;
    uwsgi_temp_path $home/uwsgi;
    scgi_temp_path $home/scgi;
    nchan_shared_memory_size 8M;
    server {
        listen 127.0.0.1:$port;
        location = /who { return 200 "$home"; }
        location ~ ^/pub/([-.\w]+)\$ { nchan_publisher; nchan_channel_id \$1; }
        location ~ ^/sub/([-.\w]+)\$ { nchan_subscriber websocket; nchan_channel_id \$1; }
    }
}
CONF
        } >"$home/nginx.conf"
        "$nginx" -p "$home" -c "$home/nginx.conf" -e "$home/error.log" >"$home/said" 2>&1 &
        pid=$!
        started "$pid"
        for ((waited = 0; waited < 100; ++waited)); do
            if answers "$port" "$name"; then return; fi
            kill -0 "$pid" 2>/dev/null || break
            sleep 0.05
        done
    done
    cat "$home/said" "$home/error.log" >&2 || true
    fail "nginx did not start (try $try)"
}

start_server first
first=$port
start_server second
second=$port
scenario=$SERIN_SOURCE_DIR/tests/e2e/nchan.yaml

run_serin run "$scenario" --set "publisher=http://127.0.0.1:$first" --set "subscriber=ws://127.0.0.1:$first"
expect_exit 0 'publisher and subscriber on one server'

run_serin run "$scenario" --set "publisher=http://127.0.0.1:$first" --set "subscriber=ws://127.0.0.1:$second"
expect_exit 1 'subscriber on another server'
expect_text "$out" 'class=not_in_time' 'subscriber on another server'

run_serin run "$scenario" --report json --set "publisher=http://127.0.0.1:$first" --set "subscriber=ws://127.0.0.1:$second"
expect_exit 1 'the same, as JSON'
expect_text "$out" '"not_in_time"' 'the same, as JSON'

# Each run deleted its channel, the failed ones too.
deleted=$(grep -c '"DELETE /pub/.*" 200 ' "$work/first/access.log" || true)
[[ $deleted -eq 3 ]] || fail "3 runs deleted $deleted channels"

echo 'healthy: passed; split: failed as not_in_time'
