# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2154,SC2034 # sourced by test/agent/run, which says what such a file has
# nginx: cases with a real nginx.
nginx_types=nginx

nginx_make() {
    command -v nginx >/dev/null || { echo "there is no nginx here" && return 1; }
    for port in 7011 7012; do
        at=$work/nginx$port
        mkdir -p "$at/www" "$at/tmp"
        echo "page of $port" >"$at/www/index.html"
        dd if=/dev/zero of="$at/www/big" bs=1M count=4 status=none
        cat >"$at/nginx.conf" <<CONF
user root;
worker_processes 2;
pid $at/pid;
error_log $at/error.log;
events { worker_connections 64; }
http {
    access_log off;
    client_body_temp_path $at/tmp;
    proxy_temp_path $at/tmp; fastcgi_temp_path $at/tmp; uwsgi_temp_path $at/tmp; scgi_temp_path $at/tmp;
    server { listen 127.0.0.1:$port; root $at/www; location /slow { limit_rate 1; alias $at/www/; } }
}
CONF
    done
}

nginx_tester() { tester nginx "config=$work/nginx7011/nginx.conf"; }

# nginx_master PORT
nginx_master() { pgrep -f "^nginx: master process .*$work/nginx$1/nginx.conf"; }

nginx_none() { ! pgrep -x nginx; }

nginx_cases() {
    set -- "config=$work/nginx7011/nginx.conf" http=http://127.0.0.1:7011/ "text=page of 7011" port=7011 wait=1
    case_run "nginx monitor when stopped" 7 agent nginx monitor "$@"
    case_run "nginx stop when never started" 0 agent nginx stop "$@"
    case_run "nginx start" 0 agent nginx start "$@"
    case_run "nginx start again" 0 agent nginx start "$@"
    case_run "nginx runs once" 0 sh -c "[ \$(pgrep -xc nginx) = 3 ]"
    case_run "nginx monitor" 0 agent nginx monitor "$@"
    case_run "nginx without the text" 1 agent nginx monitor "$@" "text=page of 7012"
    set -- "$@" drain=1
    case_run "nginx: another instance sees nothing of it" 7 agent_as other nginx monitor "config=$work/nginx7012/nginx.conf"
    case_run "nginx: another instance starts beside it" 0 agent_as other nginx start "config=$work/nginx7012/nginx.conf"
    case_run "nginx stop" 0 agent nginx stop "$@"
    case_run "nginx stop again" 0 agent nginx stop "$@"
    case_run "nginx stopped" 7 agent nginx monitor "$@"
    case_run "nginx: another instance still runs" 0 agent_as other nginx monitor "config=$work/nginx7012/nginx.conf" port=7012
    case_run "nginx: another instance stops" 0 agent_as other nginx stop "config=$work/nginx7012/nginx.conf"
    case_run "nginx start" 0 agent nginx start "$@"
    kill -9 "$(nginx_master 7011)"
    case_run "nginx with a killed master is not well" 1 agent nginx monitor "$@"
    case_run "nginx says so" 0 said "its master is gone"
    case_run "nginx starts over its old workers" 0 agent nginx start "$@"
    case_run "nginx runs once" 0 sh -c "[ \$(pgrep -xc nginx) = 3 ]"
    kill -9 "$(nginx_master 7011)"
    case_run "nginx workers without a master are stopped" 0 agent nginx stop "$@"
    case_run "nginx: nothing is left" 0 nginx_none
    case_run "nginx start" 0 agent nginx start "$@"
    # shellcheck disable=SC2046 # numbers
    kill -STOP $(pgrep -x nginx)
    case_run "nginx frozen" 1 agent nginx monitor "$@"
    case_run "nginx says so" 0 said "did not answer within 1 s"
    case_run "nginx frozen is killed" 0 agent nginx stop "$@" CRM_meta_timeout=4000
    case_run "nginx: nothing is left" 0 nginx_none
    case_run "nginx start" 0 agent nginx start "$@"
    curl -s -o /dev/null http://127.0.0.1:7011/slow/big &
    sleep 0.2
    case_run "nginx with a request that does not end is stopped" 0 agent nginx stop "$@"
    case_run "nginx says that" 0 said "requests have not ended"
    case_run "nginx: nothing is left" 0 nginx_none
    wait $! 2>/dev/null
    sed 's/worker_processes/worker_nonsense/' "$work/nginx7011/nginx.conf" >"$work/bad.conf"
    case_run "nginx with a broken configuration" 1 agent nginx start "config=$work/bad.conf"
    case_run "nginx says why" 0 said worker_nonsense
    case_run "nginx without a configuration" 5 agent nginx start config=/nonesuch
    case_run "nginx without a program" 5 agent nginx start "$@" binary=/nonesuch
    case_run "nginx with a wrong port" 6 agent nginx validate-all "$@" port=http
    case_run "nginx with a text and no page" 6 agent nginx validate-all text=x
}
