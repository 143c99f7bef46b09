# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2154,SC2034 # sourced by test/agent/run, which says what such a file has
# app: cases of any program, with a stand-in for it.
app_types=app

app_make() {
    command -v python3 >/dev/null || { echo "there is no python3 here" && return 1; }
    command -v curl >/dev/null || command -v wget >/dev/null || { echo "there is neither curl nor wget" && return 1; }
    service=$work/service
    cp "$cases/standin/service" "$service"
    for one in one two; do
        install -d -o nobody "$work/$one"
        echo 'SECRET=opensesame' >"$work/$one/env"
    done
}

app_tester() { tester app "start=$service $work/one 7001" "http=http://127.0.0.1:7001/" profile=no; }

# service_pids DIR: those of the stand-in that is there.
service_pids() { pgrep -f "^[^ ]*python3 $service $1( |\$)"; }

none_left() { ! service_pids "$1"; }

mood() { echo "$*" >"$work/one/mood"; }

app_process_cases() {
    set -- "start=$service $work/one" user=nobody
    case_run "app monitor when stopped" 7 agent app monitor "$@"
    case_run "app stop when never started" 0 agent app stop "$@"
    case_run "app: another instance of a longer name starts" 0 agent_as case-app2 app start "start=$service $work/two" user=nobody
    case_run "app sees nothing of it" 7 agent app monitor "$@"
    case_run "app stops nothing of it" 0 agent app stop "$@"
    case_run "app: it still runs" 0 agent_as case-app2 app monitor "start=$service $work/two" user=nobody
    case_run "app: it stops" 0 agent_as case-app2 app stop "start=$service $work/two" user=nobody
    case_run "app start in the foreground" 0 agent app start "$@"
    case_run "app start again" 0 agent app start "$@"
    case_run "app runs once" 0 sh -c "[ \$(pgrep -fc '^[^ ]*python3 $service $work/one') = 2 ]"
    case_run "app runs as its user" 0 sh -c "[ \"\$(stat -c %U /proc/$(service_pids "$work/one" | head -n 1))\" = nobody ]"
    case_run "app monitor" 0 agent app monitor "$@"
    case_run "app: another instance sees nothing of it" 7 agent_as other app monitor "start=$service $work/two" user=nobody
    case_run "app: another instance starts beside it" 0 agent_as other app start "start=$service $work/two" user=nobody
    case_run "app: another instance stops alone" 0 agent_as other app stop "start=$service $work/two" user=nobody
    case_run "app still runs" 0 agent app monitor "$@"
    case_run "app stop" 0 agent app stop "$@"
    case_run "app: nothing is left" 0 none_left "$work/one"
    case_run "app stop again" 0 agent app stop "$@"
    case_run "app start" 0 agent app start "$@"
    # shellcheck disable=SC2046 # numbers
    kill -9 $(service_pids "$work/one")
    case_run "app killed outside" 7 agent app monitor "$@"
    mood deaf
    case_run "app start" 0 agent app start "$@"
    case_run "app that is deaf is killed" 0 agent app stop "$@" stop_wait=1
    case_run "app says so" 0 said "sending KILL"
    case_run "app: nothing is left" 0 none_left "$work/one"
    case_run "app start" 0 agent app start "$@"
    begun_at=$(date +%s)
    case_run "app stop by force" 0 forced_app agent app stop "$@" stop_wait=15
    case_run "app stop by force asks nobody" 0 test $(($(date +%s) - begun_at)) -lt 3
    mood orphan
    case_run "app start" 0 agent app start "$@"
    case_run "app with a child that stays" 0 agent app stop "$@" stop_wait=1
    case_run "app: nothing is left" 0 none_left "$work/one"
    mood falls
    case_run "app that falls" 1 agent app start "$@"
    case_run "app says why" 0 said "cannot read its licence"
    mood
}

forced_app() { (export OCF_YOKE_FORCE=yes && "$@"); }

app_check_cases() {
    set -- "start=$service $work/one 7001 daemon" "stop=kill \$(cat $work/one/pid)" user=nobody \
        "envfile=$work/one/env" http=http://127.0.0.1:7001/ text=正常 wait=1 tcp=7001 \
        "log=$work/one/log"
    mood slow
    touch "$work/one/log" && chown nobody "$work/one/log"
    case_run "app start in the background" 0 agent app start "$@"
    case_run "app answers at once after start" 0 sh -c "curl -s http://127.0.0.1:7001/ | grep -q well"
    case_run "app has its environment and none of ours" 0 grep -q "secret is opensesame mine is None" "$work/one/log"
    mood
    case_run "app monitor" 0 agent app monitor "$@" check=true
    case_run "app in GBK" 0 sh -c "echo gbk >$work/one/mood"
    case_run "app monitor" 0 agent app monitor "$@"
    case_run "app without the text" 1 agent app monitor "$@" text=nonesuch
    case_run "app says that" 0 said "without the expected text"
    case_run "app refused by its check" 1 agent app monitor "$@" "check=echo no disk; exit 4"
    case_run "app says what the check said" 0 said "gave 4: no disk"
    case_run "app with a check that hangs" 1 agent app monitor "$@" "check=sleep 1000"
    case_run "app says that it hangs" 0 said "not return within 1 s"
    case_run "app leaves no check behind" 1 pgrep -f "^sleep 1000"
    mood hang
    agent app monitor "$@" http=http://me:opensesame@127.0.0.1:7001/ >/dev/null 2>&1 &
    asking=$!
    until pgrep -x 'curl|wget' >/dev/null; do sleep 0.02; done
    case_run "app: the process list shows no password" 1 grep -lz 'open[s]esame' /proc/[0-9]*/cmdline
    wait $asking
    case_run "app that hangs" 1 agent app monitor "$@"
    case_run "app says so" 0 said "did not answer within 1 s"
    mood sick
    case_run "app that is sick" 1 agent app monitor "$@" text=
    case_run "app says its status" 0 said "status 500"
    case_run "app on a port of nobody" 1 agent app monitor "$@" tcp=127.0.0.1:7999
    mood
    case_run "app stop" 0 agent app stop "$@"
    case_run "app: nothing is left" 0 none_left "$work/one"
    case_run "app stopped" 7 agent app monitor "$@"
    mood deaf
    case_run "app start" 0 agent app start "$@"
    case_run "app with a stop command that loops" 0 agent app stop "$@" "stop=while :; do sleep 0.1; done" stop_wait=1
    case_run "app: nothing is left" 0 none_left "$work/one"
    mood
    case_run "app start" 0 agent app start "$@"
    case_run "app with a stop command that fails" 0 agent app stop "$@" "stop=echo refused; exit 3"
    case_run "app says that the stop command failed" 0 said "gave 3.*refused"
}

app_find_cases() {
    set -- "start=$service $work/one 7001 daemon" "pidfile=$work/one/pid"
    "$service" "$work/one" 7001 daemon
    until [ -s "$work/one/pid" ] && service_pids "$work/one" >/dev/null; do sleep 0.02; done
    case_run "app started by hand is found by its pid file" 0 agent app monitor "$@"
    case_run "app started by hand is found by its command line" 0 agent app monitor "start=x" "process=$service $work/one"
    case_run "app started by hand is stopped" 0 agent app stop "$@"
    case_run "app: nothing is left" 0 none_left "$work/one"
    touch -d yesterday "$work/one/pid"
    sleep 300 &
    stranger=$!
    echo $stranger >"$work/one/pid"
    touch -d yesterday "$work/one/pid"
    case_run "app: a dead pid file names a stranger" 7 agent app monitor "$@"
    case_run "app says whom" 0 said "not believed"
    case_run "app stop with a dead pid file" 0 agent app stop "$@"
    case_run "app left the stranger alone" 0 kill -0 $stranger
    kill $stranger
    rm -f "$work/one/pid"
    # The action is killed while the program is coming up.
    mood slow
    (OCF_RESOURCE_INSTANCE=case-app OCF_RESKEY_start="$service $work/one 7001" OCF_RESKEY_tcp=7001 \
        exec "$shell" "$agents/app" start 2>/dev/null) &
    begun=$!
    until service_pids "$work/one" >/dev/null; do sleep 0.02; done
    kill -9 $begun
    wait $begun 2>/dev/null
    set -- "start=$service $work/one 7001" tcp=7001
    case_run "app killed in mid-start is not well" 1 agent app monitor "$@"
    case_run "app killed in mid-start starts" 0 agent app start "$@"
    case_run "app killed in mid-start stops" 0 agent app stop "$@"
    case_run "app: nothing is left" 0 none_left "$work/one"
    mood
    set -- processes=no profile=no "start=touch $work/one/on" "stop=rm $work/one/on" "check=test -e $work/one/on"
    case_run "app without processes is stopped" 7 agent app monitor "$@"
    case_run "app without processes starts" 0 agent app start "$@"
    case_run "app without processes runs" 0 agent app monitor "$@"
    case_run "app without processes is broken" 1 agent app monitor "$@" "check=exit 9"
    case_run "app without processes stops" 0 agent app stop "$@"
    case_run "app without processes is stopped" 7 agent app monitor "$@"
    case_run "app without processes cannot be stopped" 1 agent app stop "$@" check=true CRM_meta_timeout=1500
}

app_cases() {
    mood
    app_process_cases
    app_check_cases
    app_find_cases
    case_run "app without a start command" 6 agent app validate-all
    case_run "app with a text and no page" 6 agent app validate-all start=true text=x
    case_run "app with a page that is none" 6 agent app validate-all start=true http=localhost
    case_run "app with a bad expression" 6 agent app validate-all start=true "process=("
    case_run "app with a bad port" 6 agent app validate-all start=true tcp=localhost:http
    case_run "app with an unknown user" 5 agent app validate-all start=true user=nonesuch
    case_run "app without processes and check" 6 agent app validate-all start=true processes=no
    case_run "app that is not there" 5 agent app start start=/nonesuch/bin/app
    case_run "app says what to do" 0 said "is its file system mounted"
    case_run "app in no directory" 5 agent app start start=true directory=/nonesuch
    case_run "app that leaves nothing" 1 agent app start start=true
}
