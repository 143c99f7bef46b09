# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2154,SC2034 # sourced by test/agent/run, which says what such a file has
# pgrepl: streaming replication of agent pgsql, with two real PostgreSQL clusters in pga and pgb.
pgrepl_types=pgsql

pgrepl_make() {
    bindir=
    for dir in /usr/lib/postgresql/*/bin; do [ ! -x "$dir/initdb" ] || bindir=$dir; done
    [ -n "$bindir" ] || { echo "there is no PostgreSQL here" && return 1; }
    mkdir -p "$work/pgsock" && chown postgres "$work/pgsock"
    install -m 600 -o postgres /dev/null "$work/pgpass"
    echo '127.0.0.1:*:*:repl:s3cr3tw0rd' >"$work/pgpass"
    pg_origin || { echo "initdb failed" && return 1; }
}

as_pg() { (cd / && exec setpriv --reuid postgres --regid postgres --clear-groups "$@"); }

# sql NODE TEXT
sql() { as_pg timeout 5 "$bindir/psql" -X -q -A -t -h "$work/pgsock" -p "$(pg_port "$1")" -U postgres -c "$2" postgres; }

pg_port() { case $1 in one) echo 5551 ;; two) echo 5552 ;; esac; }

pg_at() { case $1 in one) echo "$work/pga" ;; two) echo "$work/pgb" ;; esac; }

# pg_end: whatever runs is ended, by its process numbers.
pg_end() {
    signal_all one KILL
    signal_all two KILL
    rm -rf "$work/pga" "$work/pgb" "$work"/pg[ab].yoke-saved /run/resource-agents/yoke-pgsql-*
}

# What both are copies of.
pg_origin() {
    install -d -o postgres -m 700 "$work/pgo"
    as_pg "$bindir/initdb" -D "$work/pgo" -A scram-sha-256 --auth-local=trust -N -k --wal-segsize=1 >/dev/null || return 1
    cat >>"$work/pgo/postgresql.conf" <<END
unix_socket_directories = '$work/pgsock'
listen_addresses = '127.0.0.1'
fsync = off
max_wal_size = 8MB
min_wal_size = 2MB
wal_keep_size = 8MB
shared_buffers = 8MB
max_connections = 20
autovacuum = off
END
    as_pg "$bindir/postgres" --single -D "$work/pgo" postgres <<END
create role repl replication login password 's3cr3tw0rd';
grant execute on function pg_ls_dir(text, boolean, boolean), pg_stat_file(text, boolean), pg_read_binary_file(text), pg_read_binary_file(text, bigint, bigint, boolean) to repl;
create table rows (n int);
END
}

# pg_pair: two clusters with the same data, both stopped.
pg_pair() {
    pg_end
    install -d -o postgres -m 700 "$work/pga" "$work/pgb"
    as_pg cp -a "$work/pgo/." "$work/pga"
    as_pg cp -a "$work/pgo/." "$work/pgb"
}

# one ACTION [NAME=VALUE...]: of the cluster in pga, on node one; two: of that in pgb.
one() { pg_agent one "$@"; }
two() { pg_agent two "$@"; }

pg_agent() {
    pg_node=$1 pg_action=$2
    shift 2
    pg_score=$work/score.$pg_node
    (
        export OCF_YOKE_PROMOTION="$pg_score"
        agent_as "$pg_node" pgsql "$pg_action" "pgdata=$(pg_at "$pg_node")" "bindir=$bindir" "pgport=$(pg_port "$pg_node")" \
            CRM_meta_promotable=true "CRM_meta_on_node=$pg_node" replication=sync replication_user=repl \
            "replication_nodes=one=127.0.0.1,5551 two=127.0.0.1,5552" "passfile=$work/pgpass" rewind_user=repl lapse=30 "$@"
    )
}

score_is() { [ "$(cat "$work/score.$1")" = "$2" ]; }

holder_is() { sql "$1" "show yoke.holder" | grep -qx "$2"; }

# rows_are NODE NUMBER...: that is what is in the table there.
rows_are() {
    node=$1
    shift
    # shellcheck disable=SC2046,SC2116 # words
    [ "$(echo $(sql "$node" "select n from rows order by n"))" = "$(echo "$@")" ]
}

# until_true COMMAND...: within four seconds.
until_true() {
    tries=0
    until "$@" >/dev/null 2>&1; do
        tries=$((tries + 1))
        [ $tries -lt 80 ] || { "$@"; return 1; }
        sleep 0.05
    done
}

has_standby() { [ "$(sql "$1" "select count(*) from pg_stat_replication where state = 'streaming' and application_name in ('one', 'two')")" = 1 ]; }

pg_gone() { [ -z "$(find /proc/[0-9]*/cwd -maxdepth 0 -lname "$(pg_at "$1")" 2>/dev/null)" ]; }

# process_of NODE NAME: its process of that kind.
process_of() { pgrep -f -P "$(head -n 1 "$(pg_at "$1")/postmaster.pid")" "^postgres: $2"; }

# As with its machine's power.
pg_kill() {
    signal_all "$1" KILL
    until_true pg_gone "$1"
}

# signal_all NODE SIGNAL
signal_all() {
    # shellcheck disable=SC2044 # no blanks
    for at in $(find /proc/[0-9]*/cwd -maxdepth 0 -lname "$(pg_at "$1")" 2>/dev/null); do
        at=${at%/cwd}
        kill "-$2" "${at#/proc/}" 2>/dev/null
    done
}

# Both run, one is the primary, and two has evidence. repl_up [NAME=VALUE...]
repl_up() {
    one start "$@" && two start "$@" && one monitor "$@" && one promote "$@" && until_true has_standby one || return 1
    one monitor "$@"
    [ $? -eq 8 ] && two monitor "$@"
}

pgrepl_cases() {
    export PGOPTIONS=
    repl_roles
    repl_behind
    repl_waits
    repl_alone
    repl_async
    repl_parameters
    pg_end
}

repl_roles() {
    pg_pair
    case_run "pgrepl: monitor when stopped" 7 one monitor
    case_run "pgrepl: stop when never started" 0 one stop
    case_run "pgrepl: promote when stopped" 7 one promote
    case_run "pgrepl: start" 0 one start
    case_run "pgrepl: start again" 0 one start
    case_run "pgrepl: who sees nobody is not to be promoted" 0 score_is one -INFINITY
    case_run "pgrepl: nor by order" 1 one promote
    case_run "pgrepl: monitor says what to do" 190 one monitor
    case_run "pgrepl: in a sentence" 0 said "touch /run/"
    case_run "pgrepl: start of the other" 0 two start
    case_run "pgrepl: both are standbys" 0 one monitor
    case_run "pgrepl: who sees the other with no more may be promoted" 0 score_is one 790
    case_run "pgrepl: promote" 0 one promote
    case_run "pgrepl: promote again" 0 one promote
    case_run "pgrepl: it can be written" 0 sql one "set synchronous_commit = local; insert into rows values (1)"
    case_run "pgrepl: a standby has no word before it is counted on" 0 two monitor
    case_run "pgrepl: its score then" 0 score_is two -INFINITY
    case_run "pgrepl: the other replicates" 0 until_true has_standby one
    case_run "pgrepl: the primary is promoted" 8 one monitor
    case_run "pgrepl: and counts on the other" 0 holder_is one "one shared two"
    case_run "pgrepl: its score" 0 score_is one 1000
    case_run "pgrepl: the standby is not promoted" 0 two monitor
    case_run "pgrepl: its score with evidence" 0 score_is two 900
    case_run "pgrepl: there are never two" 1 two promote
    case_run "pgrepl: it says so" 0 said "never two"
    case_run "pgrepl: demote of a standby changes nothing" 0 two demote
    case_run "pgrepl: write" 0 sql one "insert into rows values (2)"
    case_run "pgrepl: demote" 0 one demote
    case_run "pgrepl: demote again" 0 one demote
    case_run "pgrepl: it is a standby" 0 one monitor
    case_run "pgrepl: the other is promoted" 0 two promote
    case_run "pgrepl: it has all" 0 rows_are two 1 2
    case_run "pgrepl: the former primary follows" 0 until_true has_standby two
    case_run "pgrepl: the new primary counts on it" 8 two monitor
    case_run "pgrepl: as a standby" 0 one monitor
    case_run "pgrepl: write to the new one" 0 sql two "insert into rows values (3)"
    kill -STOP "$(head -n 1 "$work/pgb/postmaster.pid")"
    case_run "pgrepl: a frozen primary has failed" 9 two monitor sql_wait=1
    one monitor sql_wait=1 2>/dev/null &
    watched=$!
    until pgrep -f "psql.*replication=true" >/dev/null; do sleep 0.02; done
    case_run "pgrepl: the process list shows no password" 1 \
        sh -c 'cat /proc/[0-9]*/cmdline /proc/[0-9]*/environ 2>/dev/null | grep -aq "[s]3cr3tw0rd"'
    wait $watched
    kill -CONT "$(head -n 1 "$work/pgb/postmaster.pid")"
    pg_kill two
    case_run "pgrepl: the primary was killed" 7 two monitor
    case_run "pgrepl: takeover" 0 one promote
    case_run "pgrepl: nothing is lost" 0 rows_are one 1 2 3
    case_run "pgrepl: commits do not wait for the dead" 0 sql one "insert into rows values (4)"
    case_run "pgrepl: it is alone" 0 holder_is one "one alone"
    (export OCF_RESKEY_CRM_meta_promotable=true && two start 2>/dev/null) &
    begun=$!
    until pgrep -f "postgres -D $work/pgb" >/dev/null; do sleep 0.02; done
    kill -9 $begun 2>/dev/null
    wait $begun 2>/dev/null
    case_run "pgrepl: killed in mid-start starts" 0 two start
    case_run "pgrepl: as a standby of the new one" 0 until_true has_standby one
    case_run "pgrepl: which counts on it" 8 one monitor
    case_run "pgrepl: and tells it" 0 two monitor
    case_run "pgrepl: so it may take over" 0 score_is two 900
    case_run "pgrepl: stop of the primary" 0 one stop
    case_run "pgrepl: says nothing any more" 0 score_is one unset
    case_run "pgrepl: stop again" 0 one stop
    case_run "pgrepl: stop of the standby" 0 two stop
}

# A standby that was stopped while the primary went on, the operator's word, and data that diverged.
repl_behind() {
    pg_pair
    case_run "pgrepl: a pair" 0 repl_up
    echo "log_line_prefix = 'ONE '" >>"$work/pga/postgresql.conf"
    case_run "pgrepl: the standby is stopped" 0 two stop
    case_run "pgrepl: the primary goes on at once, and is alarmed" 191 one monitor
    case_run "pgrepl: alone" 0 holder_is one "one alone"
    case_run "pgrepl: commits go on" 0 sql one "insert into rows values (1)"
    pg_kill one
    case_run "pgrepl: the standby that lacks data starts" 0 two start
    case_run "pgrepl: it is alarmed" 190 two monitor
    case_run "pgrepl: and is not to be promoted" 0 score_is two -INFINITY
    case_run "pgrepl: nor by order" 1 two promote
    case_run "pgrepl: it says what to do" 0 said "touch /run/"
    # It would get the rest from the other at once.
    kill -STOP "$(process_of two startup)"
    case_run "pgrepl: the primary comes back and may be" 0 one start
    case_run "pgrepl: as it has more" 0 score_is one 800
    case_run "pgrepl: the other sees that, too" 0 two monitor
    case_run "pgrepl: and is not" 0 score_is two -INFINITY
    pg_kill one
    kill -CONT "$(process_of two startup)"
    : >/run/resource-agents/yoke-pgsql-two.promote-anyway
    case_run "pgrepl: with the operator's word it may be promoted" 0 two monitor
    case_run "pgrepl: it says so" 0 score_is two 100
    case_run "pgrepl: and is" 0 two promote
    case_run "pgrepl: the word is used up" 1 [ -e /run/resource-agents/yoke-pgsql-two.promote-anyway ]
    case_run "pgrepl: write there" 0 sql two "insert into rows values (2)"
    case_run "pgrepl: diverged data is not mended unasked" 6 one start rewind_user=
    case_run "pgrepl: it says what to do" 0 said "pg_basebackup -h 127.0.0.1 -p 5552"
    case_run "pgrepl: nothing runs" 7 one monitor
    case_run "pgrepl: nor by pg_rewind that may not" 1 one start rewind_user=nonesuch CRM_meta_timeout=3000
    case_run "pgrepl: nothing runs then" 0 one stop
    before=$(cat "$work/pga/postgresql.conf" "$work/pga/pg_hba.conf")
    case_run "pgrepl: diverged data is mended" 0 one start
    case_run "pgrepl: and follows" 0 until_true has_standby two
    case_run "pgrepl: with the other's data" 0 until_true rows_are one 2
    case_run "pgrepl: the configuration is what it was" 0 [ "$(cat "$work/pga/postgresql.conf" "$work/pga/pg_hba.conf")" = "$before" ]
    case_run "pgrepl: nothing is left of that" 1 [ -e "$work/pga.yoke-saved" ]
    case_run "pgrepl: the primary counts on it" 8 two monitor
    case_run "pgrepl: it has evidence" 0 one monitor
    case_run "pgrepl: stop of it" 0 one stop
    as_pg mkdir -m 755 "$work/pgsock/saved"
    as_pg cp -a "$work/pga/postgresql.conf" "$work/pga/postgresql.auto.conf" "$work/pgsock/saved"
    mv "$work/pgsock/saved" "$work/pga.yoke-saved"
    echo "nonsense" >"$work/pga/postgresql.conf"
    case_run "pgrepl: a rewind that was interrupted is done again" 0 one start
    case_run "pgrepl: and its configuration is there again" 1 grep -q nonsense "$work/pga/postgresql.conf"
    case_run "pgrepl: it follows" 0 until_true has_standby two
}

# What happens without the standby's goodbye: commits wait, evidence lapses, in that order.
repl_waits() {
    pg_pair
    case_run "pgrepl: a pair that is to be parted" 0 repl_up lapse=1
    pg_kill two
    case_run "pgrepl: no commit without the standby" 124 timeout 0.5 "$bindir/psql" -X -q -h "$work/pgsock" -p 5551 -U postgres -c "insert into rows values (1)" postgres
    case_run "pgrepl: the primary notices" 8 one monitor lapse=1
    case_run "pgrepl: it waits" 0 holder_is one "one wait two"
    case_run "pgrepl: the standby's evidence is not renewed then" 0 two start lapse=1
    until_true has_standby one
    two monitor lapse=1
    case_run "pgrepl: its score" 0 score_is two -INFINITY
    case_run "pgrepl: it is counted on again" 8 one monitor lapse=1
    case_run "pgrepl: commits go on" 0 sql one "insert into rows values (2)"
    two monitor lapse=1
    case_run "pgrepl: it has evidence" 0 score_is two 900
    signal_all two STOP
    pg_kill one
    signal_all two CONT
    sleep 1
    case_run "pgrepl: the evidence has lapsed" 190 two monitor lapse=1
    case_run "pgrepl: it is not promoted" 1 two promote lapse=1
    case_run "pgrepl: the primary comes back" 0 one start lapse=1
    case_run "pgrepl: to be promoted" 0 one promote lapse=1
    until_true has_standby one
    case_run "pgrepl: it counts on the other" 8 one monitor lapse=1
    pg_kill two
    case_run "pgrepl: the other is lost again" 8 one monitor lapse=1
    sleep 1.3
    case_run "pgrepl: on alone when all evidence has lapsed" 191 one monitor lapse=1
    case_run "pgrepl: commits go on alone" 0 sql one "insert into rows values (3)"
    case_run "pgrepl: it says so" 0 holder_is one "one alone"
    pg_kill one
    case_run "pgrepl: who was alone starts" 0 one start lapse=1
    case_run "pgrepl: and needs nobody" 0 score_is one 700
    case_run "pgrepl: it is promoted" 0 one promote lapse=1
    case_run "pgrepl: it is alone" 0 holder_is one "one alone"
    case_run "pgrepl: it is demoted" 0 one demote lapse=1
    case_run "pgrepl: the other comes back" 0 two start lapse=1
    case_run "pgrepl: while one claims to be alone" 0 score_is two -INFINITY
    until_true rows_are two 1 2 3
    case_run "pgrepl: it gives that up when the other has all" 0 one monitor lapse=1
    case_run "pgrepl: so it says" 0 holder_is one "one wait two"
    case_run "pgrepl: then the other" 0 two monitor lapse=1
    case_run "pgrepl: may be promoted, too" 0 score_is two 790
    case_run "pgrepl: it is promoted again" 0 one promote lapse=1
    until_true has_standby one
    case_run "pgrepl: and is counted on" 8 one monitor lapse=1
    signal_all two STOP
    set -- CRM_meta_notify_type=post CRM_meta_notify_operation=stop
    case_run "pgrepl: it is told that itself has stopped" 0 one notify "$@" CRM_meta_notify_stop_uname=one
    case_run "pgrepl: which means nothing" 0 holder_is one "one shared two"
    case_run "pgrepl: it is told that the other is proved to be off" 0 one notify "$@" CRM_meta_notify_stop_uname=two
    case_run "pgrepl: and goes on alone at once" 0 sql one "insert into rows values (5)"
    case_run "pgrepl: which it says" 191 one monitor lapse=1
    signal_all two CONT
    until_true has_standby one
    case_run "pgrepl: well again with the other" 8 one monitor lapse=1
}

# Both were lost. Who was the primary does not know whether the other took over.
repl_alone() {
    pg_kill one
    pg_kill two
    case_run "pgrepl: who was the primary starts after all were lost" 0 one start
    case_run "pgrepl: it does not know whether the other took over" 0 score_is one -INFINITY
    case_run "pgrepl: the other starts" 0 two start
    case_run "pgrepl: now it does" 0 one monitor
    case_run "pgrepl: and is preferred" 0 [ "$(cat "$work/score.one")" -ge 800 ]
    case_run "pgrepl: it is promoted" 0 one promote
    case_run "pgrepl: nothing is lost of what was" 0 rows_are one 1 2 3 5
    # Each promoted without the other.
    pg_kill two
    sql one "set synchronous_commit = local; insert into rows values (4)"
    case_run "pgrepl: it is demoted" 0 one demote
    : >/run/resource-agents/yoke-pgsql-one.promote-anyway
    case_run "pgrepl: one by the operator's word" 0 one promote
    one stop
    case_run "pgrepl: the other starts" 0 two start
    : >/run/resource-agents/yoke-pgsql-two.promote-anyway
    case_run "pgrepl: is promoted by the operator's word, too" 0 two promote
    case_run "pgrepl: that their histories differ is noticed" 6 one start rewind_user=
    case_run "pgrepl: it says how" 0 said "promoted on their own"
}

repl_async() {
    pg_pair
    case_run "pgrepl: an asynchronous pair" 0 repl_up replication=async
    case_run "pgrepl: nobody waits" 0 [ -z "$(sql one "show synchronous_standby_names")" ]
    case_run "pgrepl: the standby has evidence" 0 score_is two 900
    kill -STOP "$(process_of two walreceiver)"
    case_run "pgrepl: commits go on without it" 0 sql one "insert into rows select generate_series(1, 1000)"
    case_run "pgrepl: it is behind" 0 two monitor replication=async
    case_run "pgrepl: and not to be promoted" 0 score_is two -INFINITY
    pg_kill one
    case_run "pgrepl: nor now" 1 two promote replication=async
    kill -CONT "$(process_of two walreceiver)"
    case_run "pgrepl: the primary comes back" 0 one start replication=async
    case_run "pgrepl: and is promoted" 0 one promote replication=async
    until_true has_standby one
    case_run "pgrepl: counts on the other" 8 one monitor replication=async
    case_run "pgrepl: which has all" 0 two monitor replication=async
    case_run "pgrepl: to be promoted" 0 score_is two 900
    case_run "pgrepl: stop by force" 0 one stop replication=async
    case_run "pgrepl: takeover" 0 two promote replication=async
    case_run "pgrepl: with all" 0 [ "$(sql two "select count(*) from rows")" = 1000 ]
}

repl_parameters() {
    pg_end
    install -d -o postgres -m 700 "$work/pga"
    case_run "pgrepl: a mode that there is not" 6 one validate-all replication=streaming
    case_run "pgrepl: no addresses" 6 one validate-all replication_nodes=
    case_run "pgrepl: addresses of others" 6 one validate-all "replication_nodes=three=127.0.0.1 four=127.0.0.1"
    case_run "pgrepl: an address that would be a command" 6 one validate-all "replication_nodes=one=127.0.0.1 two=\`x\`"
    case_run "pgrepl: a password for all to see" 6 one validate-all replication_options=password=s3cr3tw0rd
    case_run "pgrepl: no lapse without sync" 6 one validate-all replication=async lapse=0
    case_run "pgrepl: a wrong lapse" 6 one validate-all lapse=soon
    echo 11 >"$work/pga/PG_VERSION"
    case_run "pgrepl: an old server" 6 one start
    echo 15 >"$work/pga/PG_VERSION"
    case_run "pgrepl: not as a promotable clone" 6 one start CRM_meta_promotable=false
    chmod 644 "$work/pgpass"
    case_run "pgrepl: a password file for all to read" 5 one start
    chmod 600 "$work/pgpass"
    case_run "pgrepl: no password file" 5 one start passfile=/nonesuch
    case_run "pgrepl: no programs" 5 one start bindir=/nonesuch
    case_run "pgrepl: all is right" 0 one validate-all
    case_run "pgsql alone cannot be promoted" 3 one promote replication=none
}

pgrepl_tester() {
    pg_pair
    # The tester is alone; the other sees to it that there is a right to be promoted.
    set -- "bindir=$bindir" CRM_meta_promotable=true replication=sync replication_user=repl "passfile=$work/pgpass" \
        "replication_nodes=one=127.0.0.1,5551 two=127.0.0.1,5552"
    shell=dash two start
    tester pgsql "pgdata=$work/pga" pgport=5551 CRM_meta_on_node=one "$@"
    shell=dash two stop
}

pgrepl_end() { pg_end; }
