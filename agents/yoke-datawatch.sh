# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2154,SC2034,SC2317,SC2086,SC2015 # sourced by agent dameng
# yoke-datawatch: Data Watch of Dameng DM8, the part of agent dameng about primary and standby.
# Happy path: start runs dmserver, then dmwatcher, which opens the instance as what it is; monitor tells
# the role; promote makes this instance the primary with dmmonitor: by a switchover while the primary
# lives, by a takeover when it does not; demote hands over to a standby by a switchover, or mounts the
# primary when there is none. Fails: with the last words of dmmonitor, which refuses what would lose data.
# Whether it has worked is asked of the instance itself, not read from what dmmonitor prints.

watcher=${OCF_RESKEY_watcher:-}
watcher_service=${OCF_RESKEY_watcher_service:-}
monitor_ini=${OCF_RESKEY_monitor_ini:-}
notes=$HA_RSCTMP/yoke-dameng-$OCF_RESOURCE_INSTANCE
word_file=$notes.lose-data
watch_launched='' primary='' standbys='' data=''

watch_metadata() {
    yoke_meta_param watcher 0 0 string "" "dmwatcher.ini" "dmwatcher.ini 路径" \
        "Path of the instance's dmwatcher.ini: dmwatcher is started and stopped with it. Needed for a promotable resource." \
        "实例 dmwatcher.ini 的路径：dmwatcher 随实例启停。可提升资源必须设置。"
    yoke_meta_param watcher_service 0 0 string "" "Service script of dmwatcher" "守护进程服务脚本" \
        "Name or path of its service script, such as DmWatcherServiceDM01; by default dmwatcher itself is run." \
        "守护进程服务脚本的名称或路径（如 DmWatcherServiceDM01）；默认直接运行 dmwatcher。"
    yoke_meta_param monitor_ini 0 0 string "" "dmmonitor.ini" "dmmonitor.ini 路径" \
        "Path of the dmmonitor.ini of an ordinary monitor (MON_DW_CONFIRM=0), by which roles are changed. Needed for a promotable resource." \
        "普通监视器（MON_DW_CONFIRM=0）的 dmmonitor.ini 路径，用于切换角色。可提升资源必须设置。"
}

is_promotable() { yoke_true "${OCF_RESKEY_CRM_meta_promotable:-false}"; }

watch_set() {
    case $watcher_service in '' | /*) ;; *) watcher_service=$bin/$watcher_service ;; esac
    group=$(sed -n 's/^\[\([^]]*\)\].*/\1/p' "$monitor_ini" 2>/dev/null | head -n 1)
    instance_name=$(ini_value "$ini" INSTANCE_NAME)
    # Another case of the same name is the same name.
    instance_name=$(printf '%s' "$instance_name" | tr '[:lower:]' '[:upper:]')
}

watch_validate() {
    [ -z "$watcher_service" ] || [ -n "$watcher" ] ||
        yoke_fail $OCF_ERR_CONFIGURED "watcher_service needs watcher, the path of its dmwatcher.ini"
    [ -z "$watcher" ] || [ -x "${watcher_service:-$bin/dmwatcher}" ] ||
        yoke_fail $OCF_ERR_INSTALLED "there is no ${watcher_service:-$bin/dmwatcher} on this node"
    [ -z "$watcher" ] || [ "$yoke_action" != start ] || [ -r "$watcher" ] ||
        yoke_fail $OCF_ERR_INSTALLED "there is no watcher=$watcher on this node"
    is_promotable || return 0
    [ -n "$watcher" ] && [ -n "$monitor_ini" ] && [ -n "$login" ] || yoke_fail $OCF_ERR_CONFIGURED \
        "a promotable dameng needs watcher, monitor_ini, login and password_file: roles are changed with dmmonitor, which wants a login"
    [ -x "$bin/dmmonitor" ] || yoke_fail $OCF_ERR_INSTALLED "there is no $bin/dmmonitor on this node"
    [ "$yoke_action" != start ] || [ -n "$group" ] ||
        yoke_fail $OCF_ERR_INSTALLED "monitor_ini=$monitor_ini cannot be read, or has no group"
}

# ---- the watcher -----------------------------------------------------------------------------

# Sets watch_pids, and watch_ini: the dmwatcher that looks after our dm.ini. False when there is none.
watch_runs() {
    watch_pids=
    for at in $(pgrep -x dmwatcher); do
        for word in $(tr '\0' '\n' 2>/dev/null <"/proc/$at/cmdline"); do
            case ${word#path=} in /*.ini) ;; *) continue ;; esac
            sed -n 's/^[[:blank:]]*INST_INI[[:blank:]]*=[[:blank:]]*\([^[:blank:]#]*\).*/\1/p' "${word#path=}" 2>/dev/null |
                grep -qxF -e "$ini" -e "$real" || continue
            is_over "$at" || watch_pids="$watch_pids $at"
            watch_ini=${word#path=}
        done
    done
    [ -n "$watch_pids" ]
}

# One that starts the instance by itself: then nobody else does.
watch_restarts() { watch_runs && [ "$(ini_value "$watch_ini" INST_AUTO_RESTART)" = 1 ]; }

watch_launch() {
    watch_launched=yes
    rm -f "$notes.demoted"
    ! watch_runs || return 0
    if [ -n "$watcher_service" ]; then
        server_ask 20 "$(server_quote "$watcher_service") start" || :
    else
        (
            exec </dev/null >>"$server_log" 2>&1
            server_exec "LD_LIBRARY_PATH=$(server_quote "$bin"); export LD_LIBRARY_PATH; exec $(server_quote "$bin/dmwatcher" "path=$watcher")"
        ) &
    fi
    yoke_until 500 watch_runs || yoke_log "dmwatcher did not start$(server_said "$server_log")"
}

watch_is_gone() { ! watch_runs; }

# Ends it, so that it opens and starts nothing behind our back. It holds no data: no long patience.
watch_end() {
    watch_runs || return 0
    [ -n "$watcher" ] || yoke_log "ending dmwatcher ($watch_ini), which would start the instance again"
    if ! yoke_true "${OCF_YOKE_FORCE:-no}"; then
        [ -z "$watcher_service" ] || server_ask 5 "$(server_quote "$watcher_service") stop" || :
        kill -TERM $watch_pids 2>/dev/null
        ! yoke_until 300 watch_is_gone || return 0
    fi
    kill -KILL $watch_pids 2>/dev/null
    yoke_until 300 watch_is_gone || yoke_fail $OCF_ERR_GENERIC "dmwatcher cannot be ended:$watch_pids"
}

# Will a watcher open what is mounted? By the way it is started, where it is ours to start.
watch_opens() {
    [ -z "$watcher" ] || [ -n "$watch_launched" ] || watch_launch
    [ -n "$watcher" ] || watch_runs
}

watch_start() {
    rm -f "$notes.demoted"
    [ -z "$pids" ] && watch_restarts || return 0
    yoke_log "dmwatcher ($watch_ini) starts the instance itself (INST_AUTO_RESTART=1); waiting for it"
    yoke_left
    yoke_until $((left_cs / 2)) server_find || yoke_fail $OCF_ERR_GENERIC \
        "dmwatcher was to start the instance (INST_AUTO_RESTART=1 in $watch_ini) and did not; look into its log"
}

watch_begun() {
    [ -z "$watcher" ] || watch_launch
    [ "$state" != OPEN ] || watch_tell
}

watch_stop() {
    watch_end
    # It may have begun to start the instance.
    pids=
}

watch_mends() {
    pids=
    server_find
}

watch_stopped() {
    rm -f "$notes.role" "$notes.demoted" "$notes.data" "$notes.looked"
    ! is_promotable || yoke_promotion unset
    return $OCF_SUCCESS
}

# ---- roles -----------------------------------------------------------------------------------

# How much it wants to be the primary: a standby only when it has, as far as is known, all data.
watch_tell() {
    is_promotable || return 0
    case $mode in
    PRIMARY | STANDBY) echo "$mode" >"$notes.role" ;;
    # When it does not tell, it is what it was.
    *) { read -r mode; } 2>/dev/null <"$notes.role" || : ;;
    esac
    case $state/$mode in
    OPEN/PRIMARY) yoke_promotion 100 ;;
    MOUNT/PRIMARY) yoke_promotion 80 ;;
    OPEN/STANDBY)
        data_look
        if [ "$data" = VALID ] || [ -e "$word_file" ]; then yoke_promotion 50; else yoke_promotion -1000; fi
        ;;
    OPEN/NORMAL) yoke_fail $OCF_ERR_CONFIGURED "the instance is in mode NORMAL: it belongs to no Data Watch" ;;
    esac
}

# Has this standby all data? dmmonitor is slow, so it is asked twice a minute at most.
data_look() {
    yoke_now
    looked=0
    [ ! -e "$notes.looked" ] || read -r looked <"$notes.looked"
    if [ -e "$notes.data" ] && [ $((now_cs - looked)) -lt 3000 ] && [ "$yoke_action" = monitor ]; then
        read -r data <"$notes.data"
        return
    fi
    group_look
    yoke_now
    echo "$now_cs" >"$notes.looked"
    # Only a primary knows; what is shown without one is no news.
    if [ -n "$primary" ] && [ -n "$data" ]; then echo "$data" >"$notes.data"; else data_recall; fi
}

# What a standby has when nobody says: what it had. What is said to be INVALID is.
data_recall() {
    case $data in
    VALID | INVALID) ;;
    *) { read -r data; } 2>/dev/null <"$notes.data" || : ;;
    esac
}

# What a monitor gives, by the role. watch_code CODE
watch_code() {
    code=$1
    if [ "$code" = 0 ] && [ -n "$watcher" ] && ! watch_runs && ! watch_demoted; then
        yoke_warn "the database is open, but dmwatcher does not run: the standby will not follow a failure; start it: $bin/dmwatcher path=$watcher"
        code=$OCF_DEGRADED
    fi
    is_promotable && [ "$mode" = PRIMARY ] || return "$code"
    [ "$code" = 0 ] && return $OCF_RUNNING_PROMOTED
    return $OCF_DEGRADED_PROMOTED
}

watch_failed() {
    is_promotable && [ "$mode" = PRIMARY ] || return 0
    # Mounted by our demote: a primary that serves nobody, and no failure.
    ! watch_demoted || exit $OCF_SUCCESS
    yoke_fail $OCF_FAILED_PROMOTED "$server_name: $why"
}

watch_demoted() { [ -e "$notes.demoted" ] && [ "$state" = MOUNT ]; }

# ---- dmmonitor -------------------------------------------------------------------------------

# monitor_say SECONDS COMMAND: logs in and says that; a question is answered with yes. The password
# goes by standard input. It knows the group only after a moment.
monitor_say() {
    yoke_run_dir
    script="LD_LIBRARY_PATH=$(server_quote "$bin"); export LD_LIBRARY_PATH; { n=0;"
    script="$script until grep -aqiw $(server_quote -e "$instance_name" "$run_dir/yoke-${0##*/}.answer.$$") || [ \$n -ge 50 ]; do sleep 0.1; n=\$((n + 1)); done;"
    script="$script printf 'login\n%s\n' $(server_quote "$login"); head -n 1 $(server_quote "$password_file");"
    script="$script printf '%s\ny\nexit\n' $(server_quote "$2"); } | $(server_quote "$bin/dmmonitor" "path=$monitor_ini")"
    server_ask "$1" "$script"
}

# Sets primary (another one that lives), standbys (others that have all data) and data: the state of
# the archive to us (VALID: we have all). Rows end with ISTATUS IMODE DSC_STATUS RTYPE RSTAT.
group_look() {
    primary='' standbys='' data=''
    yoke_left
    look_s=$((left_cs / 100))
    [ $look_s -lt 15 ] || look_s=15
    monitor_say $look_s show || yoke_log "dmmonitor gave $?"
    rows=$(awk '{
            for (i = 6; i <= NF - 3; i++)
                if ($i ~ /^(PRIMARY|STANDBY)$/) row[$(i - 5)] = $(i - 5) "," $(i - 4) "," $(i - 1) "," $i "," $(i + 3)
        } END { for (name in row) print row[name] }' "$answer")
    for row in $rows; do
        name=${row%%,*}
        case $row in
        "$instance_name",*) data=${row##*,} ;;
        *,OK,*,PRIMARY,*) primary=$name ;;
        *,OK,OPEN,STANDBY,VALID) standbys="$standbys $name" ;;
        esac
    done
}

# group_change COMMAND: the command, then half of what is left of the time for its effect.
group_change() {
    yoke_log "dmmonitor: $1"
    yoke_left
    monitor_say $((left_cs / 200 + 1)) "$1" || :
    grep -a . "$answer" | iconv -c -f UTF-8 -t UTF-8 >"$notes.words" 2>/dev/null
}

is_primary() {
    state_ask
    [ "$state/$mode" = OPEN/PRIMARY ]
}

is_standby() {
    state_ask
    [ "$state/$mode" = OPEN/STANDBY ]
}

# Does the cluster know another that is promoted, and is not being demoted?
promoted_elsewhere() {
    for other in ${OCF_RESKEY_CRM_meta_notify_promoted_uname:-${OCF_RESKEY_CRM_meta_notify_master_uname:-}}; do
        [ "$other" != "${OCF_RESKEY_CRM_meta_on_node:-$(uname -n)}" ] || continue
        case " ${OCF_RESKEY_CRM_meta_notify_demote_uname:-} ${OCF_RESKEY_CRM_meta_notify_stop_uname:-} " in
        *" $other "*) ;;
        *) return 0 ;;
        esac
    done
    return 1
}

role_begin() {
    is_promotable || exit $OCF_ERR_UNIMPLEMENTED
    agent_validate
    pids=
    server_find || exit $OCF_NOT_RUNNING
    state_ask
}

agent_promote() {
    role_begin
    case $state/$mode in
    OPEN/PRIMARY) ;;
    MOUNT/PRIMARY)
        group_look
        [ -z "$primary" ] || yoke_fail $OCF_ERR_GENERIC "$primary is the primary and lives; there are never two"
        watch_launch
        yoke_left
        yoke_until "$left_cs" is_primary || yoke_fail $OCF_ERR_GENERIC "dmwatcher did not open the primary"
        ;;
    OPEN/STANDBY) standby_promote ;;
    *)
        state_why
        yoke_fail $OCF_ERR_GENERIC "cannot be promoted: $why${said:+ ($said)}"
        ;;
    esac
    watch_tell
    return $OCF_SUCCESS
}

standby_promote() {
    group_look
    if [ -n "$primary" ]; then
        [ "$data" = VALID ] || yoke_fail $OCF_ERR_GENERIC \
            "this standby does not have all data of the primary $primary (archive ${data:-unknown}); wait until it has caught up"
        group_change "switchover $group.$instance_name"
    elif promoted_elsewhere; then
        yoke_fail $OCF_ERR_GENERIC "$other is promoted, and its primary cannot be seen from here; there are never two"
    elif [ "$(ini_value "$watcher" DW_MODE)" = AUTO ]; then
        yoke_log "DW_MODE=AUTO: the confirm monitor takes over; waiting for it"
        : >"$notes.words"
    elif data_recall && [ "$data" = VALID ]; then
        group_change "takeover $group.$instance_name"
    elif [ -e "$word_file" ]; then
        rm -f "$word_file"
        group_change "takeover force $group.$instance_name"
    else
        yoke_fail $OCF_ERR_GENERIC "this standby may lack data of the primary that is gone (archive ${data:-unknown}); repair the primary, or give the word to go on without that data: touch $word_file"
    fi
    yoke_left
    yoke_until "$left_cs" is_primary ||
        yoke_fail $OCF_ERR_GENERIC "it did not become the primary$(server_said "$notes.words")"
}

agent_demote() {
    role_begin
    case $mode in
    STANDBY) return $OCF_SUCCESS ;;
    PRIMARY) [ "$state" != MOUNT ] || [ ! -e "$notes.demoted" ] || return $OCF_SUCCESS ;;
    *)
        state_why
        yoke_fail $OCF_ERR_GENERIC "cannot be demoted: $why${said:+ ($said)}"
        ;;
    esac
    group_look
    for name in $standbys; do
        group_change "switchover $group.$name"
        yoke_left
        if yoke_until $((left_cs / 2)) is_standby; then
            watch_tell
            return $OCF_SUCCESS
        fi
        yoke_log "the switchover to $name failed$(server_said "$notes.words")"
        break
    done
    # Nobody can take it over: closed for all, until it is promoted again. Its watcher would open it.
    watch_end
    : >"$notes.demoted"
    sql_ask "SP_SET_PARA_VALUE(1,'ALTER_MODE_STATUS',1);
alter database mount;
SP_SET_PARA_VALUE(1,'ALTER_MODE_STATUS',0);" || :
    state_ask
    [ "$state" = MOUNT ] || yoke_fail $OCF_ERR_GENERIC "the primary could not be mounted: its state is $state"
    watch_tell
    return $OCF_SUCCESS
}

agent_notify() { return $OCF_SUCCESS; }
