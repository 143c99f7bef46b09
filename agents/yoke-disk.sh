# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2154,SC2034,SC2086 # sourced after yoke-common, before the agent's own part
# yoke-disk: what agents of disks, arrays and paths share. Happy path: an agent of a block device asks
# disk_users before it says that it cannot let go; an agent that only watches (a controller, paths,
# sessions) defines health_look and lets health_start, health_stop and health_monitor do the rest.
# Fails: with a reason. Asked are /sys and /proc, which do not hang when an array does.

# ---- who uses a block device -----------------------------------------------------------------

# disk_users KERNEL-NAME|/dev/NAME...: sets users, the processes that have such a device open, and names them in
# named; spared, those that no agent ends; holders, mounts and devices made of it. False: nobody.
disk_users() {
    users='' named='' spared='' holders='' disk_set=
    for disk in "$@"; do
        disk_names="/dev/$disk"
        case $disk in /dev/*) disk_names="$disk $(readlink -f "$disk")" ;; esac
        if read -r disk_name 2>/dev/null <"/sys/class/block/$disk/dm/name"; then
            disk_names="$disk_names /dev/mapper/$disk_name $(readlink -f "/dev/mapper/$disk_name")"
        fi
        for disk_name in $disk_names; do disk_set="$disk_set -o -lname $disk_name"; done
        for disk_name in "/sys/class/block/$disk/holders/"*; do
            [ ! -e "$disk_name" ] || holders="$holders ${disk_name##*/}"
        done
        while read -r from at _; do
            case " $disk_names " in *" $from "*) holders="$holders $at" ;; esac
        done </proc/mounts
    done
    [ -n "$disk_set" ] || return 1
    yoke_ancestors
    for pid in $(find /proc/[0-9]*/fd -maxdepth 1 \( ${disk_set# -o} \) -print 2>/dev/null |
        sed 's|^/proc/||; s|/.*||' | sort -un); do
        if yoke_is_spared "$pid"; then
            [ -z "$comm" ] || spared="$spared $pid($comm)"
        else
            users="$users $pid" named="$named $pid($comm)"
        fi
    done
    [ -n "$users$spared$holders" ]
}

# disk_users_kill WHAT KERNEL-NAME...: ends the processes that have it open, and names them first.
disk_users_kill() {
    disk_what=$1
    shift
    disk_users "$@"
    [ -n "$users" ] || return 0
    yoke_log "sending KILL to the processes that use $disk_what:$named"
    kill -9 $users 2>/dev/null
}

# For a reason: who uses it.
disk_used_by() {
    used_by=${holders:+; in use by$holders}${named:+; open in$named}${spared:+; spared:$spared}
}

# disk_reads DEVICE SECONDS: fails when it does not answer.
disk_reads() {
    yoke_bounded "$2" dd if="$1" of=/dev/null bs=4k count=1 iflag=direct && return
    [ $? -ne 124 ] || yoke_fail $OCF_ERR_GENERIC \
        "$1 does not answer a read within $2 s (array or paths gone? see multipath -ll, dmesg)"
    yoke_fail $OCF_ERR_GENERIC "$1 cannot be read (see dmesg)"
}

# ---- agents that only watch ------------------------------------------------------------------
# Started is what has a record in a directory that is empty after a boot. health_look sets ill (it
# does not work: a failure) or alarm (it works, and somebody must look at it), or leaves both empty.

health_record() {
    yoke_run_dir
    record=$run_dir/yoke-${0##*/}-$OCF_RESOURCE_INSTANCE
    ill='' alarm=''
}

health_start() {
    health_record
    health_look
    [ -z "$ill" ] || yoke_fail $OCF_ERR_GENERIC "$ill"
    [ -e "$record" ] || printf '' >"$record"
    [ -z "$alarm" ] || yoke_warn "$alarm" || :
    return $OCF_SUCCESS
}

health_stop() {
    health_record
    rm -f "$record"
    yoke_well
}

health_monitor() {
    health_record
    [ -e "$record" ] || return $OCF_NOT_RUNNING
    health_look
    [ -z "$ill" ] || yoke_fail $OCF_ERR_GENERIC "$ill"
    if [ -n "$alarm" ]; then
        yoke_warn "$alarm"
        return
    fi
    yoke_well
}

# health_most NAME NUMBER: sets most, the greatest number of NAME since the start, which is what is
# expected of it when nobody has said how many there should be.
health_most() {
    most=$2
    [ -e "$record" ] || return 0
    health_rest=
    while read -r health_name health_number; do
        if [ "$health_name" = "$1" ]; then
            [ "$health_number" -le "$most" ] || most=$health_number
        else
            health_rest="$health_rest$health_name $health_number
"
        fi
    done <"$record"
    printf '%s%s %s\n' "$health_rest" "$1" "$most" >"$record"
}
