# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2154,SC2034 # sourced by test/agent/run, which says what such a file has
# kingbase: cases with stand-ins for the server, sys_ctl, ksql and sys_isready.
kingbase_types=kingbase

kingbase_make() {
    [ -x /usr/bin/python3 ] || { echo "there is no python3 here" && return 1; }
    mkdir -p "$work/kb/bin" "$work/kba" "$work/kbb"
    for name in kingbase sys_ctl ksql sys_isready; do cp "$cases/standin/kingbase" "$work/kb/bin/$name"; done
    printf '54321 %s\n54322 %s\n' "$work/kba" "$work/kbb" >"$work/kb/ports"
    : >"$work/kba/kingbase.conf"
    : >"$work/kbb/kingbase.conf"
    chown -R nobody "$work/kb" "$work/kba" "$work/kbb"
}

kingbase_tester() { tester kingbase "data=$work/kba" "bindir=$work/kb/bin" user=nobody; }

# kb_gone DATA: waits until its server and child are.
kb_gone() { while pgrep -f -- "kingbase -D $1" >/dev/null; do sleep 0.02; done; }

kingbase_cases() {
    set -- "data=$work/kba" "bindir=$work/kb/bin" user=nobody
    case_run "kingbase monitor when stopped" 7 agent kingbase monitor "$@"
    case_run "kingbase stop when never started" 0 agent kingbase stop "$@"
    case_run "kingbase start" 0 agent kingbase start "$@"
    case_run "kingbase start again" 0 agent kingbase start "$@"
    case_run "kingbase monitor" 0 agent kingbase monitor "$@"
    case_run "kingbase: another instance sees nothing of it" 7 agent_as other kingbase monitor "$@" "data=$work/kbb"
    case_run "kingbase: another instance starts beside it" 0 agent_as other kingbase start "$@" "data=$work/kbb" port=54322
    case_run "kingbase: another instance stops alone" 0 agent_as other kingbase stop "$@" "data=$work/kbb"
    case_run "kingbase still runs" 0 agent kingbase monitor "$@"
    case_run "kingbase monitor asks" 1 agent kingbase monitor "$@" "monitor_sql=select nonsense"
    echo refuses >"$work/kba/mood"
    case_run "kingbase that refuses the login is alarmed" 190 agent kingbase monitor "$@"
    case_run "kingbase says what to mend" 0 said "refuses the monitor"
    echo full >"$work/kba/mood"
    case_run "kingbase without a connection left runs" 0 agent kingbase monitor "$@"
    echo hang >"$work/kba/mood"
    case_run "kingbase that hangs" 1 agent kingbase monitor "$@" sql_wait=1
    case_run "kingbase says so" 0 said "did not answer"
    echo deaf >"$work/kba/mood"
    case_run "kingbase that is deaf can be stopped" 0 agent kingbase stop "$@" stop_escalate=1 CRM_meta_timeout=5000
    case_run "kingbase stopped" 7 agent kingbase monitor "$@"
    echo orphan >"$work/kba/mood"
    case_run "kingbase start with a child that stays" 0 agent kingbase start "$@"
    kill -9 "$(head -n 1 "$work/kba/kingbase.pid")"
    case_run "kingbase killed outside" 1 agent kingbase monitor "$@"
    case_run "kingbase stop ends what is left" 0 agent kingbase stop "$@"
    rm -f "$work/kba/mood"
    case_run "kingbase start over the dead pid file" 0 agent kingbase start "$@"
    kill -9 "$(head -n 1 "$work/kba/kingbase.pid")"
    kb_gone "$work/kba"
    case_run "kingbase killed with all" 7 agent kingbase monitor "$@"
    echo slow >"$work/kba/mood"
    (for pair in "$@"; do export "OCF_RESKEY_${pair%%=*}=${pair#*=}"; done
    OCF_RESOURCE_INSTANCE=case-kingbase exec "$shell" "$agents/kingbase" start 2>/dev/null) &
    begun=$!
    until pgrep -f -- "kingbase -D $work/kba" >/dev/null; do sleep 0.02; done
    kill -9 $begun
    wait $begun 2>/dev/null
    case_run "kingbase killed in mid-start starts" 0 agent kingbase start "$@"
    rm -f "$work/kba/mood"
    case_run "kingbase stop" 0 agent kingbase stop "$@"
    case_run "kingbase stop again" 0 agent kingbase stop "$@"
    echo falls >"$work/kba/mood"
    case_run "kingbase without a licence" 1 agent kingbase start "$@"
    case_run "kingbase says why" 0 said license
    rm -f "$work/kba/mood"
    case_run "kingbase without data" 5 agent kingbase start "$@" "data=$work/other"
    case_run "kingbase without programs" 5 agent kingbase start "$@" bindir=/nonesuch
    case_run "kingbase with a wrong number" 6 agent kingbase validate-all "$@" sql_wait=soon
}
