# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2154,SC2034,SC2086,SC2015 # sourced by yoke-replica.sh
# yoke-rewind: data of a former primary that has diverged from the present one's, the part of agent
# pgsql that notices it and puts it right. Happy path: history_check finds that this data can follow the
# primary. Fails: when it cannot, and pg_rewind may not or cannot mend it, with what to do by hand.
# A standby that has gone past the point where its primary left the common timeline never gets anything
# from it: PostgreSQL only says so in its log, again and again.

# ---- histories -------------------------------------------------------------------------------

# Sets history: the branches of the other's timeline. False when it cannot be had.
history_ask() {
    peer_ask "$sql_wait" "TIMELINE_HISTORY $peer_line" || return 1
    history=${said#*|}
}

history_same() {
    [ "$line" -gt 1 ] || return 0
    history_ask || return 0
    [ "$history" = "$(cat "$pgdata/pg_wal/$(printf %08X "$line").history" 2>/dev/null)" ] ||
        diverged="timeline $line of $peer is another than timeline $line here: both were promoted on their own"
    [ -z "$diverged" ]
}

# Sets diverged: why this data cannot follow the primary; empty when it can.
history_check() {
    diverged=
    [ "$own_id" = "$peer_id" ] || yoke_fail $OCF_ERR_CONFIGURED \
        "the primary $peer is another database cluster; make this copy of it anew: $(basebackup_say)"
    if [ "$line" -gt "$peer_line" ]; then
        diverged="it has timeline $line, of which the primary $peer (timeline $peer_line) knows nothing"
    elif [ "$line" -eq "$peer_line" ]; then
        history_same || return 0
        ! lsn_over "$replayed" "$peer_lsn" || diverged="it has data up to $replayed, the primary $peer only to $peer_lsn"
    elif history_ask; then
        fork_check
    fi
}

# Is replayed, of timeline line, beyond where the primary left that?
fork_check() {
    fork=
    while read -r branch at _; do
        [ "$branch" != "$line" ] || fork=$at
    done <<HISTORY
$history
HISTORY
    case $fork in */*) ;; *) fork=0/0 ;; esac
    ! lsn_over "$replayed" "$fork" ||
        diverged="it has data up to $replayed of timeline $line, which the primary $peer left at $fork"
}

# Before it is started: PostgreSQL takes a timeline of the same number for the same, and does not even
# start with one that it knows to be another. Sets diverged.
data_check() {
    diverged=
    own_last=
    for at in "$pgdata"/pg_wal/????????.history; do [ ! -e "$at" ] || own_last=$at; done
    history=
    [ "$peer_line" -eq 1 ] || history_ask || return 0
    if [ -n "$own_last" ]; then
        at=${own_last##*/}
        own_history=$(cat "$own_last")
        [ $((0x${at%.history})) -gt "$peer_line" ] || case $history in
        "$own_history"*) ;;
        *) data_is_lost "timeline ${at%.history} of $peer is another than that here: both were promoted on their own" ;;
        esac
    fi
    positions=$(as_owner "${pgctl%"$ctl_name"}pg_controldata" -D "$pgdata" 2>/dev/null |
        sed -n "s/^Latest checkpoint's TimeLineID: *//p; s/^Latest checkpoint location: *//p; s/^Minimum recovery ending location: *//p" | tr '\n' ' ')
    # shellcheck disable=SC2086 # words: location, timeline, location
    set -- $positions
    [ $# -eq 3 ] && [ "$2" -lt "$peer_line" ] || return 0
    line=$2 replayed=$1
    ! lsn_over "$3" "$1" || replayed=$3
    fork_check
}

basebackup_say() {
    printf '%s' "empty $pgdata, then as $pgdba: pg_basebackup -h $peer_host -p $peer_port -U $replication_user -D $pgdata"
}

# ---- putting it right ------------------------------------------------------------------------

# In vain again and again it would be: what must be done by hand is a configuration error.
data_is_lost() {
    server_end
    yoke_fail $OCF_ERR_CONFIGURED "this data has diverged from that of the primary: $1; make it anew: $(basebackup_say)"
}

rewind_begin() {
    [ -n "$rewind_user" ] || data_is_lost "$diverged; pg_rewind is not allowed (no rewind_user)"
    rewind=${pgctl%"$ctl_name"}pg_rewind saved=$real.yoke-saved
    command -v "$rewind" >/dev/null 2>&1 || data_is_lost "$diverged; there is no $rewind on this node"
    yoke_log "this data has diverged: $diverged"
    yoke_left
    yoke_until $((left_cs / 2)) source_is_ready || yoke_fail $OCF_ERR_GENERIC \
        "the primary $peer is not ready for pg_rewind by $rewind_user: $said"
    server_end
    data_settle
    rewind_run --dry-run || data_is_lost "$diverged; pg_rewind: $said"
    rewind_go
    as_owner touch "$pgdata/standby.signal"
}

# pg_rewind wants data that was closed decently.
data_settle() {
    case $(as_owner "${pgctl%"$ctl_name"}pg_controldata" -D "$pgdata" | sed -n 's/^Database cluster state: *//p') in
    "shut down"*) return ;;
    esac
    replica_patience
    rm -f "$pgdata/standby.signal"
    as_owner timeout -k 1 "$patience_s" "${pgctl%"$ctl_name"}postgres" --single -F -D "$pgdata" ${config:+-c "config_file=$config"} \
        template1 >/dev/null 2>&1 </dev/null || yoke_fail $OCF_ERR_GENERIC \
        "the data has diverged, and its crash recovery, which pg_rewind needs, failed; look at it with: postgres --single -D $pgdata template1"
}

# Does its data say by now which timeline it is of?
source_is_ready() {
    conninfo_set "$rewind_user"
    said=$(as_owner timeout -k 1 10 "$psql" -X -q -A -t -w -d "$conninfo dbname=postgres" \
        -c "select timeline_id from pg_control_checkpoint()" 2>&1 </dev/null)
    [ "$said" = "$peer_line" ]
}

rewind_run() {
    replica_patience
    conninfo_set "$rewind_user"
    said=$(as_owner timeout -k 1 "$patience_s" "$rewind" "$@" -D "$pgdata" --source-server="$conninfo dbname=postgres" 2>&1 </dev/null) && return 0
    said=$(printf '%s' "$said" | tail -n 2 | tr '\n' ' ')
    return 1
}

# pg_rewind copies the other's configuration, too; ours stands beside it until all is done.
rewind_go() {
    if [ ! -d "$saved" ]; then
        rm -rf "$saved.new"
        mkdir -m 700 "$saved.new" || yoke_fail $OCF_ERR_CONFIGURED "pg_rewind needs a place for the configuration: $saved cannot be made"
        for at in "$pgdata"/*; do
            case ${at##*/} in
            base | global | pg_[a-gj-z]* | PG_VERSION | backup_* | tablespace_map | postmaster.* | *.signal | current_logfiles | log) continue ;;
            esac
            cp -a "$at" "$saved.new/" || yoke_fail $OCF_ERR_GENERIC "cannot save $at to $saved.new"
        done
        # What comes back claims nothing.
        sed -i '/^yoke\.holder/d' "$saved.new/postgresql.auto.conf"
        sync "$saved.new" 2>/dev/null || sync
        mv "$saved.new" "$saved"
    fi
    rewind_run || yoke_fail $OCF_ERR_GENERIC "pg_rewind failed: $said; the next start will try again"
    saved_restore
    rm -rf "$saved"
    yoke_log "pg_rewind has put this data right"
}

saved_restore() {
    for at in "$saved"/*; do
        [ ! -e "$at" ] || cp -a "$at" "$pgdata/" || yoke_fail $OCF_ERR_GENERIC "cannot restore the configuration from $saved"
    done
}

# One that was interrupted has left what cannot be used otherwise.
rewind_again() {
    rewind=${pgctl%"$ctl_name"}pg_rewind
    [ "$peer_role" = primary ] && [ -n "$rewind_user" ] || yoke_fail $OCF_ERR_GENERIC \
        "pg_rewind was interrupted here and needs the primary $peer to go on; start that, or make this data anew: $(basebackup_say)"
    saved_restore
    rewind_go
}
