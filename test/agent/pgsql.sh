# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2154,SC2034 # sourced by test/agent/run, which says what such a file has
# pgsql: cases with a real PostgreSQL.
pgsql_types=pgsql

pgsql_make() {
    bindir=
    for dir in /usr/lib/postgresql/*/bin; do [ ! -x "$dir/initdb" ] || bindir=$dir; done
    [ -n "$bindir" ] || { echo "there is no PostgreSQL here" && return 1; }
    mkdir -p "$work/sock" && chown postgres "$work/sock"
    install -d -o postgres -m 700 "$work/pg"
    setpriv --reuid postgres --regid postgres --clear-groups \
        "$bindir/initdb" -D "$work/pg" -A trust -N >"$work/out" 2>&1
    echo "unix_socket_directories = '$work/sock'" >>"$work/pg/postgresql.conf"
    echo "listen_addresses = ''" >>"$work/pg/postgresql.conf"
}

pgsql_tester() { tester pgsql "pgdata=$work/pg" "bindir=$bindir"; }

pgsql_cases() {
    set -- "pgdata=$work/pg" "bindir=$bindir"
    case_run "pgsql monitor when stopped" 7 agent pgsql monitor "$@"
    case_run "pgsql start" 0 agent pgsql start "$@"
    case_run "pgsql start again" 0 agent pgsql start "$@"
    case_run "pgsql monitor" 0 agent pgsql monitor "$@"
    case_run "pgsql monitor asks" 1 agent pgsql monitor "$@" "monitor_sql=select nonsense"
    kill -9 "$(head -n 1 "$work/pg/postmaster.pid")"
    sleep 0.5
    case_run "pgsql killed" 7 agent pgsql monitor "$@"
    case_run "pgsql start after a crash" 0 agent pgsql start "$@"
    kill -STOP "$(head -n 1 "$work/pg/postmaster.pid")"
    case_run "pgsql frozen" 1 agent pgsql monitor "$@" sql_wait=1
    case_run "pgsql frozen can be stopped" 0 agent pgsql stop "$@" stop_escalate=1 CRM_meta_timeout=5000
    case_run "pgsql stopped" 7 agent pgsql monitor "$@"
    setpriv --reuid postgres --regid postgres --clear-groups sleep 300 &
    stranger=$!
    printf '%s\n%s\n1\n5432\n%s\n*\n 1 1\nready\n' $stranger "$work/pg" "$work/sock" >"$work/pg/postmaster.pid"
    chown postgres "$work/pg/postmaster.pid"
    case_run "pgsql stale postmaster.pid of another process" 7 agent pgsql monitor "$@"
    case_run "pgsql starts over it" 0 agent pgsql start "$@"
    case_run "pgsql left that process alone" 0 kill -0 $stranger
    kill $stranger
    case_run "pgsql stop" 0 agent pgsql stop "$@"
    case_run "pgsql stop again" 0 agent pgsql stop "$@"
    echo "nonsense = 1" >>"$work/pg/postgresql.conf"
    case_run "pgsql with a broken configuration" 1 agent pgsql start "$@"
    case_run "pgsql says why" 0 said nonsense
    sed -i '$d' "$work/pg/postgresql.conf"
    case_run "pgsql without data" 5 agent pgsql start "pgdata=$work/other" "bindir=$bindir"
    case_run "pgsql without programs" 5 agent pgsql start "$@" bindir=/nonesuch
}
