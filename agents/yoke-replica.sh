# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2154,SC2034,SC2086,SC2015 # sourced by agent pgsql
# yoke-replica: streaming replication of PostgreSQL 12 and later, the part of agent pgsql about primary
# and standby. Happy path: every start is one as a standby of the other node; monitor tells the role and
# how much the copy wants to be promoted; promote makes it the primary; demote restarts it as a standby.
# Fails: with what cannot be decided here and what the operator can do about it.
#
# Who may be promoted. What matters is that no acknowledged commit (replication=sync), or no more than
# is allowed (async), is lost; by whom it may be answered is written down where it survives:
#  * yoke.holder, a setting of the server (ALTER SYSTEM: durable, and anybody who may replicate can
#    read it) says, on node N with the other node M:
#      "N alone"     N is the primary and goes on without M: only N has all
#      "N shared M"  M may take over too. With sync no commit is acknowledged without M
#      "N wait M"    as shared, but M gets no new evidence; the way from shared to alone
#    As a node's name is in it, a copy of the data directory claims nothing.
#  * A standby's evidence is that it asked the primary, read "shared" with its own name, and then had
#    received all that the primary had written when asked. It lapses so many seconds after the
#    question (lapse). It is not kept over a boot, a start or a stop.
#  * A primary that lost its standby says "wait", sees that whoever asks is told so, and only after more
#    than lapse seconds goes on alone: then no evidence that was ever given holds. No mark has to
#    reach the standby for that, so it holds over a cut network, too. The clocks need not agree, they
#    only must not run 5 % faster or slower than each other. A standby that is stopped gives its
#    evidence back (a replication slot named yoke_released on the primary), and nobody waits. Nor does
#    anybody when the cluster says that the other copy has stopped or its node is off (notify=true).
#  * In the other direction: "shared" is said only after the standby has caught up and a CHECKPOINT has
#    been made with synchronous_standby_names in force, as the checkpointer is who switches waiting on.
#  * So it may be promoted: who sees the other as a standby that is not ahead of it and does not claim
#    "alone"; whom the other's absence leaves with fresh evidence, or with "alone"; and by the
#    operator's word. Nobody else.

replication=${OCF_RESKEY_replication:-none}
replication_nodes=${OCF_RESKEY_replication_nodes:-}
replication_user=${OCF_RESKEY_replication_user:-replicator}
replication_options=${OCF_RESKEY_replication_options:-}
passfile=${OCF_RESKEY_passfile:-}
rewind_user=${OCF_RESKEY_rewind_user:-}
lapse=${OCF_RESKEY_lapse:-60}
notes=$HA_RSCTMP/yoke-pgsql-$OCF_RESOURCE_INSTANCE
word_file=$notes.promote-anyway
me=${OCF_RESKEY_CRM_meta_on_node:-}
me=${me:-$(uname -n)}
peer='' peer_role='' peer_host='' peer_port='' holder='' names=''

# shellcheck source=agents/yoke-standby.sh
. "${0%/*}/yoke-standby.sh"
# shellcheck source=agents/yoke-rewind.sh
. "${0%/*}/yoke-rewind.sh"

replica_metadata() {
    yoke_meta_param replication 0 0 string none "Streaming replication" "流复制" \
        "none: one server. async or sync: this is a promotable clone with a copy on each node, which replicates; with sync no acknowledged commit is lost by a takeover. With notify=true a standby whose node is proved to be off is not waited for." \
        "none：单机。async 或 sync：每个节点一份数据的可提升克隆，之间流复制；sync 时接管不丢失已确认的提交。克隆设 notify=true 时，备库所在节点被证明已停机后不再等待它。"
    yoke_meta_param replication_nodes 0 0 string "" "Addresses for replication" "复制地址" \
        "Both nodes with the address, and the port if it is not pgport, under which the other reaches the server: db1=10.0.0.1 db2=10.0.0.2,5433." \
        "两个节点及对方访问其数据库所用的地址，端口与 pgport 不同时一并给出：db1=10.0.0.1 db2=10.0.0.2,5433。"
    yoke_meta_param replication_user 0 0 string replicator "User for replication" "复制用户" \
        "Database user with the attribute REPLICATION; pg_hba.conf of both nodes must let it in for replication from the other, and the owner from the node itself (local replication)." \
        "具有 REPLICATION 属性的数据库用户；两节点的 pg_hba.conf 须允许其从对方节点进行复制，并允许属主在本机进行复制（local replication）。"
    yoke_meta_param passfile 0 0 string "" "Password file" "口令文件" \
        "Password file (.pgpass) of the owner with the passwords of that user; by default .pgpass in the owner's home directory." \
        "属主的口令文件（.pgpass），其中有该用户的口令；默认为属主主目录下的 .pgpass。"
    yoke_meta_param replication_options 0 0 string "" "Connection options" "连接选项" \
        "More words of the connection to the other node, such as sslmode=verify-ca." "连接对方节点的附加选项，如 sslmode=verify-ca。"
    yoke_meta_param rewind_user 0 0 string "" "User for pg_rewind" "pg_rewind 用户" \
        "Database user for pg_rewind; when it is set, a former primary whose data has diverged is put right with pg_rewind, which throws away what only it has. Needs wal_log_hints or checksums." \
        "pg_rewind 使用的数据库用户；设置后，数据分叉的原主库由 pg_rewind 修正，仅存于该节点的数据将被丢弃。需要 wal_log_hints 或数据校验和。"
    yoke_meta_param lapse 0 0 integer 60 "Lapse of evidence, s" "证据有效期（秒）" \
        "A standby may take over for so many seconds after it last knew that it has all data. A synchronous primary that lost its standby holds commits back a little longer before it goes on alone. 0 (sync only): no lapse, it never goes on alone." \
        "备库最后一次确认数据齐全后，在此秒数内可以接管；同步主库失去备库后，提交等待略长于此时间，然后单独继续。0（仅 sync）：永不失效，主库也永不单独继续。"
}

# ---- parameters ------------------------------------------------------------------------------

# replica_word NAME VALUE: it goes into a connection string, on the server's command line.
replica_word() {
    case $2 in
    *[!A-Za-z0-9_.:/%@=+\ -]*) yoke_fail $OCF_ERR_CONFIGURED "$1=$2 has a character that is not allowed there" ;;
    esac
}

# Reads replication_nodes: sets peer, peer_host and peer_port.
nodes_read() {
    mine=no count=0
    for pair in $replication_nodes; do
        name=${pair%%=*} at=${pair#*=}
        case $pair in [A-Za-z0-9]*=?*) ;; *) yoke_fail $OCF_ERR_CONFIGURED "replication_nodes: $pair is not NODE=ADDRESS" ;; esac
        case $name in *[!A-Za-z0-9_.-]*) yoke_fail $OCF_ERR_CONFIGURED "replication_nodes: $name is no name of a node" ;; esac
        count=$((count + 1))
        if [ "$name" = "$me" ]; then
            mine=yes
            continue
        fi
        peer=$name peer_host=${at%,*} peer_port=${pgport:-$port_default}
        case $at in *,*) peer_port=${at##*,} ;; esac
        replica_word replication_nodes "$peer_host"
        yoke_number "port in replication_nodes" "$peer_port" 1 65535
    done
    [ $mine = yes ] && [ $count -eq 2 ] || yoke_fail $OCF_ERR_CONFIGURED \
        "replication_nodes=\"$replication_nodes\" must name both nodes with their addresses, as in \"db1=10.0.0.1 db2=10.0.0.2\"; this one is $me"
}

replica_validate() {
    case $replication in
    none) return 0 ;;
    sync | async) ;;
    *) yoke_fail $OCF_ERR_CONFIGURED "replication=$replication is not one of none, async, sync" ;;
    esac
    nodes_read
    replica_word replication_user "$replication_user"
    replica_word replication_options "$replication_options"
    case $replication_options in *password=*) yoke_fail $OCF_ERR_CONFIGURED "replication_options must have no password, which everybody could see: put it into passfile" ;; esac
    replica_word passfile "$passfile"
    replica_word rewind_user "$rewind_user"
    yoke_number lapse "$lapse" 0 86400
    [ "$replication" = sync ] || [ "$lapse" -gt 0 ] || yoke_fail $OCF_ERR_CONFIGURED \
        "lapse=0 goes with replication=sync only: an asynchronous standby without lapse would take over however old it is"
    version=12
    { read -r version; } 2>/dev/null <"$pgdata/$version_name" || :
    [ "${version%%.*}" -ge 12 ] 2>/dev/null || yoke_fail $OCF_ERR_CONFIGURED \
        "replication needs PostgreSQL 12 or later, and $pgdata is of version $version"
    [ "$yoke_action" = start ] || return 0
    yoke_true "${OCF_RESKEY_CRM_meta_promotable:-false}" || yoke_fail $OCF_ERR_CONFIGURED \
        "replication=$replication needs a promotable clone: clone NAME $OCF_RESOURCE_INSTANCE meta promotable=true"
    [ -z "$passfile" ] || as_owner test -r "$passfile" ||
        yoke_fail $OCF_ERR_INSTALLED "passfile=$passfile cannot be read by $pgdba on this node"
    [ -z "$passfile" ] || [ -z "$(find "$passfile" -perm /077)" ] || yoke_fail $OCF_ERR_INSTALLED \
        "passfile=$passfile can be read by others, so it would not be used: chmod 600 $passfile"
}

# ---- questions -------------------------------------------------------------------------------

# local_ask SECONDS SQL...: of our own server. Sets said. Own commits never wait for a standby.
local_ask() {
    limit=$1 own_db=${own_db:-$pgdb}
    shift
    for sql in "$@"; do
        set -- "$@" -c "$sql"
        shift
    done
    host=${pghost:-${socketdir:-$socket}}
    said=$(as_owner env PGCONNECT_TIMEOUT="$limit" PGOPTIONS='-c synchronous_commit=local -c client_min_messages=error' \
        timeout -k 1 "$limit" "$psql" -X -q -A -t -w -v ON_ERROR_STOP=1 -U "$pguser" ${host:+-h "$host"} \
        -p "${pgport:-${port:-$port_default}}" -d "$own_db" "$@" 2>&1 </dev/null)
    ask_code=$?
    own_db=
    return $ask_code
}

# Sets conninfo, of that user to the other node.
conninfo_set() {
    file=$passfile
    if [ -z "$file" ]; then
        file=$(getent passwd "$pgdba" 2>/dev/null) || file=$(grep "^$pgdba:" /etc/passwd)
        file=${file%:*}
        file=${file##*:}/.pgpass
        [ -r "$file" ] || file=
    fi
    conninfo="host=$peer_host port=$peer_port user=$1 connect_timeout=3 keepalives_idle=5 keepalives_interval=2 keepalives_count=3${file:+ passfile=$file}${replication_options:+ $replication_options}"
}

# peer_ask SECONDS COMMAND...: of the other server, in the replication protocol. Sets said.
peer_ask() {
    limit=$1
    shift
    for sql in "$@"; do
        set -- "$@" -c "$sql"
        shift
    done
    conninfo_set "$replication_user"
    said=$(as_owner timeout -k 1 "$limit" "$psql" -X -q -A -t -w \
        -d "$conninfo application_name=yoke replication=true options='-c default_transaction_read_only=off -c client_min_messages=error'" \
        "$@" 2>&1 </dev/null)
}

# Sets peer_role (primary, standby, gone), peer_id, peer_line, peer_lsn and peer_holder. SECONDS
peer_look() {
    peer_role=gone peer_id='' peer_line='' peer_lsn='' peer_holder='' only=''
    peer_ask "$1" "SHOW transaction_read_only" "IDENTIFY_SYSTEM" "SHOW yoke.holder" || :
    peer_why=${said##*
}
    while IFS='|' read -r first second third _; do
        case $first in
        on | off) only=$first ;;
        "$peer "*) peer_holder=$first ;;
        *[!0-9]* | '') ;;
        *) peer_id=$first peer_line=$second peer_lsn=$third ;;
        esac
    done <<SAID
$said
SAID
    case $only/$peer_lsn in
    on/?*) peer_role=standby ;;
    off/?*) peer_role=primary ;;
    esac
}

# Sets recovery (t, f), lsn (what it has received), replayed, holder, names, receiver (its state),
# there (is the standby streaming?) and released.
own_look() {
    local_ask "$sql_wait" "select pg_is_in_recovery(), coalesce(greatest(pg_last_wal_receive_lsn(), pg_last_wal_replay_lsn()), '0/0'),
        coalesce(pg_last_wal_replay_lsn(), '0/0'), current_setting('yoke.holder', true), current_setting('synchronous_standby_names'),
        (select status from pg_stat_wal_receiver), (select count(*) from pg_stat_replication where application_name = '$peer' and state = 'streaming'),
        (select count(*) from pg_replication_slots where slot_name = 'yoke_released')" || return 1
    IFS='|' read -r recovery lsn replayed holder names receiver there released _ <<SAID
$said
SAID
    [ "$recovery" = t ] || [ "$recovery" = f ]
}

# Sets own_id and line, our timeline. Only the replication protocol tells what a standby follows.
own_line() {
    own_db="replication=true"
    if ! local_ask "$sql_wait" IDENTIFY_SYSTEM; then
        yoke_fail $OCF_ERR_GENERIC "the server refuses $pguser for replication from this node: ${said##*
}; add to pg_hba.conf: local replication $pguser peer"
    fi
    IFS='|' read -r own_id line _ <<SAID
$said
SAID
}

# lsn_over A B: is position A behind (greater than) B?
lsn_over() { [ $(((0x${1%/*} << 32) + 0x${1#*/})) -gt $(((0x${2%/*} << 32) + 0x${2#*/})) ]; }

# ---- what is settled -------------------------------------------------------------------------

# holder_set HOLDER [NAMES]: durable, and true for whoever asks from now on.
holder_set() {
    want_holder=$1
    set -- "set yoke.holder = '$1'" "alter system set yoke.holder = '$1'" \
        ${2+"alter system set synchronous_standby_names = '$2'"} "select pg_reload_conf()"
    local_ask "$sql_wait" "$@" || {
        yoke_log "settings cannot be changed: $said"
        return 1
    }
    yoke_until 1000 holder_is
}

# A server that was begun after the change has it; so it is asked anew each time.
holder_is() { own_look && [ "$holder" = "$want_holder" ] && { [ -z "${want_names+x}" ] || [ "$names" = "$want_names" ]; }; }

# names_set NAMES: of whom commits wait for; done only when the checkpointer has taken it up. SECONDS
names_set() {
    want_names=$1
    if [ "$names" != "$1" ]; then holder_set "$holder" "$1" || return 1; fi
    unset want_names
    local_ask "$2" checkpoint || {
        yoke_log "no checkpoint within $2 s; it goes on, and is asked for again"
        return 1
    }
}

# Seconds for something long, which leaves time to end decently.
replica_patience() {
    yoke_left
    patience_s=$((left_cs / 200 + 1))
}

grant_write() {
    read -r boot </proc/sys/kernel/random/boot_id
    printf '%s %s\n' "$1" "$boot" >"$notes.grant.new"
    mv "$notes.grant.new" "$notes.grant"
}

# Does the evidence hold still?
grant_holds() {
    granted_cs='' granted_boot='' boot=''
    { read -r granted_cs granted_boot; } 2>/dev/null <"$notes.grant" || return 1
    read -r boot </proc/sys/kernel/random/boot_id
    yoke_now
    [ "$boot" = "$granted_boot" ] || return 1
    [ "$lapse" -eq 0 ] || [ $((now_cs - granted_cs)) -lt $((lapse * 100)) ]
}

role_note() {
    noted=
    { read -r noted; } 2>/dev/null <"$notes.role" || :
    [ "$noted" = "$1" ] || echo "$1" >"$notes.role"
}

role_noted() {
    noted=
    { read -r noted; } 2>/dev/null <"$notes.role" || :
    [ "$noted" = primary ]
}

# ---- the primary -----------------------------------------------------------------------------

# With sync the standby; with async what the user wants, less what we once said.
primary_names() {
    [ "$replication" = sync ] || [ "$names" != "\"$peer\"" ] || names_set '' 10 || :
}

primary_monitor() {
    role_note primary
    yoke_promotion 1000
    primary_names
    case $holder in
    "$me alone" | "$me shared $peer" | "$me wait $peer") ;;
    *) holder_set "$me wait $peer" || return $OCF_RUNNING_PROMOTED ;; # promoted by somebody else
    esac
    replica_patience
    if [ "$there" != 0 ]; then
        # Somebody may have changed whom commits wait for.
        case $holder in *" shared "*) [ "$replication" != sync ] || [ "$names" = "\"$peer\"" ] || holder_set "$me wait $peer" || : ;; esac
        case $holder in *" shared "*) ;; *) standby_join ;; esac
        rm -f "$notes.wait" "$notes.lost"
    else
        standby_miss
    fi
    if [ -e "$notes.lost" ]; then
        yoke_warn "the standby on $peer is lost: what is committed now is on this node only; look at $peer"
        return $OCF_DEGRADED_PROMOTED
    fi
    yoke_well
    return $OCF_RUNNING_PROMOTED
}

standby_join() {
    [ "$replication" = async ] || names_set "\"$peer\"" "$patience_s" || return 0
    holder_set "$me shared $peer" || return 0
    yoke_log "$peer replicates: it may take over from now on"
}

# It does not stream: on alone, as soon as it cannot take over any more.
standby_miss() {
    case $holder in
    "$me alone")
        # It came and went before it was counted on.
        [ "$replication" = async ] || [ -z "$names" ] || holder_set "$holder" '' || :
        return
        ;;
    *" shared "*)
        holder_set "$me wait $peer" || return
        yoke_log "$peer does not replicate"
        rm -f "$notes.wait"
        ;;
    esac
    [ -e "$notes.wait" ] || { yoke_now && echo "$now_cs" >"$notes.wait"; }
    # Only now: what is given back after "wait" was seen is not taken again.
    own_look || return
    if [ "$there" = 0 ] && { [ "$released" != 0 ] || wait_is_over; }; then
        primary_alone
    fi
}

primary_alone() {
    if [ "$replication" = sync ]; then holder_set "$me alone" '' || return; else holder_set "$me alone" || return; fi
    rm -f "$notes.wait"
    [ "$released" = 0 ] || local_ask "$sql_wait" "select pg_drop_replication_slot('yoke_released')" || :
    : >"$notes.lost"
    yoke_log "going on without $peer"
}

wait_is_over() {
    since_cs=
    { read -r since_cs; } 2>/dev/null <"$notes.wait" || return 1
    yoke_now
    [ "$lapse" -gt 0 ] && [ $((now_cs - since_cs)) -gt $((lapse * 105 + 20)) ]
}

# ---- actions ---------------------------------------------------------------------------------

replica_monitor() {
    nodes_read
    own_look || yoke_fail "$failed" "the server does not tell its role: ${said##*
}"
    if [ "$recovery" = f ]; then primary_monitor; else standby_monitor; fi
}

# Before the server is started: it will be a standby, whatever it was.
replica_prepare() {
    rm -f "$notes.role" "$notes.grant" "$notes.wait" "$notes.lost" "$notes.dry"
    nodes_read
    saved=$real.yoke-saved
    peer_look 3
    if [ -d "$saved" ]; then
        rewind_again
    elif [ "$peer_role" = primary ]; then
        data_check
        [ -z "$diverged" ] || rewind_begin
    fi
    as_owner touch "$pgdata/standby.signal" || yoke_fail $OCF_ERR_PERM "$pgdba cannot write into $pgdata"
}

# Sets replica_words for the server's command line, which stands above all files of the user's. A
# primary ends the connection of a silent standby as soon as this one wishes.
replica_options() {
    conninfo_set "$replication_user"
    replica_words="-c hot_standby=on -c wal_retrieve_retry_interval=1s -c \"primary_conninfo=$conninfo application_name='$me' options='-c wal_sender_timeout=10s'\""
}

replica_started() {
    nodes_read
    pidfile_read
    own_look || yoke_fail $OCF_ERR_GENERIC "the server does not tell its role: ${said##*
}"
    if [ "$recovery" = f ]; then
        role_note primary
        yoke_promotion 1000
        return $OCF_SUCCESS
    fi
    role_note standby
    # Who was not there a moment ago is not waited for again.
    if [ "${peer_role:-}" = gone ]; then standby_judge 0.5; else standby_judge 3; fi
    if [ -n "$diverged" ] && [ "$peer_role" = primary ]; then
        rewind_begin
        server_launch
        server_await
        own_look && standby_judge 3
        [ -z "$diverged" ] || [ "$peer_role" != primary ] || data_is_lost "pg_rewind did not mend it: $diverged"
    fi
    standby_tell
    return $OCF_SUCCESS
}

# A standby gives its evidence back, so that the primary need not wait for the lapse.
replica_stopping() {
    [ -e "$notes.grant" ] || return 0
    rm -f "$notes.grant"
    programs_find
    # A wrong parameter must not keep it from being stopped.
    (nodes_read) 2>/dev/null && nodes_read || return 0
    yoke_true "${OCF_YOKE_FORCE:-no}" || role_noted || peer_ask 2 "CREATE_REPLICATION_SLOT yoke_released PHYSICAL" || :
}

replica_stopped() {
    rm -f "$notes.role" "$notes.wait" "$notes.lost" "$notes.dry"
    yoke_promotion unset
}

role_begin() {
    [ "$replication" != none ] || exit $OCF_ERR_UNIMPLEMENTED
    agent_validate
    nodes_read
    real_set
    yoke_run_dir
    is_running || exit $OCF_NOT_RUNNING
    own_look || yoke_fail $OCF_ERR_GENERIC "the server does not tell its role: ${said##*
}"
}

is_primary() { local_ask "$sql_wait" "select pg_is_in_recovery()" && [ "$said" = f ]; }

agent_promote() {
    role_begin
    if [ "$recovery" = f ]; then
        role_note primary
        yoke_promotion 1000
        return $OCF_SUCCESS
    fi
    # Who has evidence does not need the other's answer, only its objection.
    if grant_holds; then standby_judge 0.5; else standby_judge 3; fi
    [ "$peer_role" != primary ] || yoke_fail $OCF_ERR_GENERIC "$peer is the primary and lives; there are never two"
    [ -n "$score" ] || yoke_fail $OCF_ERR_GENERIC \
        "not promoted: $why; repair $peer, or go on without what may be missing: touch $word_file on $me"
    # A standby in sight may have evidence of an earlier life of ours, so commits wait for it; to who
    # is gone while we have evidence, it gave that as the primary, and has none.
    if [ "$peer_role" = standby ] && [ "$replication" = sync ]; then
        replica_patience
        holder_set "$me wait $peer" "\"$peer\"" && names_set "\"$peer\"" "$patience_s" ||
            yoke_fail $OCF_ERR_GENERIC "commits cannot be made to wait for $peer"
    elif [ "$replication" = sync ]; then
        holder_set "$me wait $peer" '' || yoke_fail $OCF_ERR_GENERIC "its settings cannot be changed: $said"
    else
        holder_set "$me wait $peer" || yoke_fail $OCF_ERR_GENERIC "its settings cannot be changed: $said"
    fi
    [ ! -e "$word_file" ] || yoke_log "promoted by the operator's word; used up: $word_file"
    rm -f "$notes.grant" "$notes.wait" "$notes.lost" "$word_file"
    as_owner "$pgctl" -D "$pgdata" -W promote >/dev/null 2>&1 </dev/null || yoke_fail $OCF_ERR_GENERIC "$ctl_name promote failed"
    yoke_left
    yoke_until "$left_cs" is_primary || yoke_fail $OCF_ERR_GENERIC "it did not become the primary: $(server_said)"
    role_note primary
    yoke_promotion 1000
    [ "$peer_role" = standby ] || holder_set "$me alone" || :
    # Only with its first checkpoint does the data say that it is of a new timeline; pg_rewind needs that.
    (local_ask 3600 checkpoint) >/dev/null 2>&1 &
    return $OCF_SUCCESS
}

agent_demote() {
    role_begin
    [ "$recovery" = f ] || return $OCF_SUCCESS
    server_end
    agent_start
}

# The cluster says that the other copy has stopped, or that its node is proved to be off: no evidence
# is left there, and commits need not wait for its lapse.
agent_notify() {
    case ${OCF_RESKEY_CRM_meta_notify_type:-}/${OCF_RESKEY_CRM_meta_notify_operation:-} in post/stop) ;; *) return $OCF_SUCCESS ;; esac
    [ "$replication" != none ] || return $OCF_SUCCESS
    nodes_read
    case " ${OCF_RESKEY_CRM_meta_notify_stop_uname:-} " in *" $peer "*) ;; *) return $OCF_SUCCESS ;; esac
    programs_find
    real_set
    yoke_run_dir
    is_running && own_look && [ "$recovery" = f ] || return $OCF_SUCCESS
    case $holder in *" alone") ;; *) holder_set "$me wait $peer" && standby_is_off && primary_alone || : ;; esac
    return $OCF_SUCCESS
}

# What a dead machine has left of its connection would be there for a while.
standby_is_off() {
    local_ask "$sql_wait" "select pg_terminate_backend(pid) from pg_stat_replication where application_name = '$peer'" &&
        yoke_until 200 standby_is_away
}

standby_is_away() { own_look && [ "$there" = 0 ]; }
