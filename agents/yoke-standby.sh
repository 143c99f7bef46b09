# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2154,SC2034,SC2086,SC2015 # sourced by yoke-replica.sh
# yoke-standby: what a standby knows of having all data, the part of agent pgsql that judges whether it may
# be promoted. Happy path: it asks the other, receives all that that has, and says so. Fails: says why not.
# The rule is at the head of yoke-replica.sh.

has_received() {
    local_ask "$sql_wait" "select pg_last_wal_receive_lsn() >= '$peer_lsn'" && [ "$said" = t ]
}

# Sets score, with which this standby may be promoted; empty when it may not, and then why. SECONDS
standby_judge() {
    score='' why='' diverged=''
    yoke_now
    asked_cs=$now_cs
    peer_look "$1"
    if [ "$peer_role" = primary ] && [ ! -e "$notes.grant" ]; then
        # What was given back is asked for anew.
        peer_ask "$1" "DROP_REPLICATION_SLOT yoke_released" || :
        yoke_now
        asked_cs=$now_cs
        peer_look "$1"
    fi
    case $peer_role in
    primary)
        # Whatever we had before, somebody else has more by now.
        case $holder in "$me "*) holder_set '' || : ;; esac
        primary_follow
        ;;
    standby)
        own_line
        data_compare
        ;;
    gone)
        if [ "$holder" = "$me alone" ]; then
            score=700
        elif grant_holds; then
            score=900
        else
            why="$peer cannot be asked ($peer_why), and this copy may lack commits of it"
        fi
        ;;
    esac
    [ -z "$score" ] && [ "$peer_role" != primary ] && [ -e "$word_file" ] && score=100
    return 0
}

# The primary is in sight: is there evidence that this standby has all?
primary_follow() {
    if [ "$peer_holder" != "$peer shared $me" ]; then
        rm -f "$notes.grant"
        why="the primary $peer does not count on this standby yet"
    elif [ "$receiver" = streaming ] && yoke_until 100 has_received; then
        grant_write "$asked_cs"
        score=900
    else
        why="it has not received all that the primary $peer has"
        # With sync it lapses by itself: until then nothing is acknowledged without it.
        [ "$replication" = sync ] || rm -f "$notes.grant"
    fi
    if [ "$receiver" = streaming ]; then
        rm -f "$notes.dry"
    else
        own_line
        history_check
    fi
}

# Both are standbys: who has more has all that there is.
data_compare() {
    [ "$own_id" = "$peer_id" ] || yoke_fail $OCF_ERR_CONFIGURED \
        "the data of $peer is that of another database cluster; make one of the two anew with pg_basebackup"
    why="$peer has more data than this copy (timeline $peer_line, $peer_lsn; here $line, $lsn)"
    if [ "$peer_holder" = "$peer alone" ]; then
        # What it claims it must give up itself, or it would still claim it when we have gone on.
        why="$peer says that it alone has all data; it can be promoted, or gives that up as soon as this copy has the same"
    elif [ "$line" -lt "$peer_line" ]; then
        :
    elif [ "$line" -gt "$peer_line" ]; then
        score=800
    elif ! history_same; then
        why="$diverged"
    elif lsn_over "$peer_lsn" "$lsn"; then
        :
    elif lsn_over "$lsn" "$peer_lsn"; then
        score=800
    else
        # The same: who was the primary stays it.
        case $holder in "$me "*) score=810 ;; *) score=790 ;; esac
        [ "$holder" != "$me alone" ] || holder_set "$me wait $peer" || :
    fi
}

standby_monitor() {
    role_note standby
    # A promotion waits until the monitor is back: with evidence an answer can be missed once.
    if grant_holds; then standby_judge 1; else standby_judge 3; fi
    standby_tell
    if [ -n "$diverged" ] && [ "$peer_role" = primary ]; then
        yoke_fail $OCF_ERR_GENERIC "this data has diverged: $diverged; a start will put it right or say what to do"
    fi
    case $peer_role in
    primary)
        [ "$receiver" != streaming ] && standby_dry || { yoke_well && return $OCF_SUCCESS; }
        yoke_warn "the standby has received nothing from the primary $peer for a while; look into the logs of both (if WAL was removed: $(basebackup_say))"
        return $OCF_DEGRADED
        ;;
    gone)
        [ -z "$score" ] || { yoke_well && return $OCF_SUCCESS; }
        yoke_warn "not to be promoted: $why; repair $peer, or go on without what may be missing: touch $word_file on $me"
        return $OCF_DEGRADED
        ;;
    esac
    yoke_well
    return $OCF_SUCCESS
}

# Has it been without a stream for half a minute?
standby_dry() {
    dry_cs=
    { read -r dry_cs; } 2>/dev/null <"$notes.dry" || :
    yoke_now
    [ -n "$dry_cs" ] || echo "$now_cs" >"$notes.dry"
    [ $((now_cs - ${dry_cs:-$now_cs})) -ge 3000 ]
}

standby_tell() { yoke_promotion "${score:--INFINITY}"; }
