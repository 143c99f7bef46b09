# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2154,SC2034 # sourced by test/agent/run, which says what such a file has
# multipath: cases of maps whose paths are loop devices, made by dmsetup; where the kernel has no device
# mapper for them, the texts of dmsetup are those that a real one printed.
multipath_types=multipath

multipath_make() {
    command -v dmsetup >/dev/null || { echo "dmsetup is not installed" && return 1; }
    multipath_path=$PATH multipath_real=no
    mkdir -p "$work/mp" "$work/mpbin"
    export STANDIN_DIR="$work/mp"
    truncate -s 8M "$work/mp/path1" "$work/mp/path2"
    path1=$(losetup -f --show "$work/mp/path1") path2=$(losetup -f --show "$work/mp/path2")
    if dmsetup targets 2>/dev/null | grep -q '^multipath'; then
        multipath_real=yes
    else
        cp "$cases/standin/dmsetup" "$work/mpbin/dmsetup"
        PATH=$work/mpbin:$PATH
    fi
    cp "$(command -v sleep)" "$work/mpbin/multipathd"
    "$work/mpbin/multipathd" 900 &
    multipathd=$!
    dmsetup create yokemp --uuid mpath-36001 --table "0 16384 multipath 1 queue_if_no_path 0 2 1 round-robin 0 1 1 $path1 1 round-robin 0 1 1 $path2 1" &&
        dmsetup create yokemq --uuid mpath-36002 --table "0 16384 multipath 0 0 1 1 round-robin 0 2 1 $path1 1 $path2 1"
}

multipath_end() {
    dmsetup remove yokemp
    dmsetup remove yokemq
    losetup -d "$path1"
    losetup -d "$path2"
    kill "$multipathd"
    PATH=$multipath_path
    unset STANDIN_DIR
}

multipath_tester() { tester multipath maps=yokemp; }

multipath_cases() {
    set -- maps=/dev/mapper/yokemp
    case_run "multipath monitor when stopped" 7 agent multipath monitor "$@"
    case_run "multipath stop when never started" 0 agent multipath stop "$@"
    case_run "multipath start" 0 agent multipath start "$@"
    case_run "multipath start again" 0 agent multipath start "$@"
    case_run "multipath monitor" 0 agent multipath monitor "$@"
    case_run "multipath all maps start" 0 agent_as other multipath start
    dmsetup message yokemp 0 "fail_path $path1"
    case_run "multipath one path less is an alarm" 190 agent multipath monitor "$@"
    case_run "multipath says which" 0 said "yokemp has 1 of 2 paths (lost: ${path1#/dev/})"
    case_run "multipath the other map is well" 0 agent_as third multipath start maps=36002
    case_run "multipath the other map monitor" 0 agent_as third multipath monitor maps=36002
    case_run "multipath the other map stop" 0 agent_as third multipath stop maps=36002
    case_run "multipath with all maps sees it" 190 agent_as other multipath monitor
    dmsetup message yokemp 0 "fail_path $path2"
    case_run "multipath no path left" 1 agent multipath monitor "$@"
    case_run "multipath says it" 0 said "yokemp has no path left"
    case_run "multipath no path left start" 1 agent_as third multipath start "$@"
    dmsetup message yokemp 0 "reinstate_path $path1"
    case_run "multipath one path again" 190 agent multipath monitor "$@"
    dmsetup message yokemp 0 "reinstate_path $path2"
    case_run "multipath well again" 0 agent multipath monitor "$@"
    # The kernel's device of a path has been given up before device mapper noticed.
    number=$(mountpoint -x "$path1")
    mkdir -p "$work/devblock/$number/device" "$work/devblock/$(mountpoint -x "$path2")"
    echo transport-offline >"$work/devblock/$number/device/state"
    mount --bind "$work/devblock" /sys/dev/block
    case_run "multipath a path's device is offline" 190 agent multipath monitor "$@"
    echo running >"$work/devblock/$number/device/state"
    case_run "multipath a path's device is back" 0 agent multipath monitor "$@"
    rm -r "$work/devblock/$number"
    case_run "multipath a path's device is gone" 190 agent multipath monitor "$@"
    umount /sys/dev/block
    case_run "multipath more paths should be there" 190 agent multipath monitor "$@" paths=4
    kill -STOP "$multipathd"
    kill "$multipathd"
    kill -9 "$multipathd"
    wait "$multipathd" 2>/dev/null
    case_run "multipath without multipathd is an alarm" 190 agent multipath monitor "$@"
    "$work/mpbin/multipathd" 900 &
    multipathd=$!
    until grep -qx multipathd /proc/$multipathd/comm; do sleep 0.01; done
    printf '#!/bin/sh\nexec sleep 600\n' >"$work/slow-dmsetup"
    chmod +x "$work/slow-dmsetup"
    mkdir -p "$work/mpslow"
    cp "$work/slow-dmsetup" "$work/mpslow/dmsetup"
    case_run "multipath dmsetup hangs" 190 env "PATH=$work/mpslow:$PATH" "OCF_RESOURCE_INSTANCE=case-multipath" \
        OCF_RESKEY_check_wait=1 "$shell" "$agents/multipath" monitor
    case_run "multipath stop" 0 agent multipath stop "$@"
    case_run "multipath stop again" 0 agent multipath stop "$@"
    case_run "multipath monitor after stop" 7 agent multipath monitor "$@"
    case_run "multipath the other instance goes on" 0 agent_as other multipath monitor
    case_run "multipath the other instance stop" 0 agent_as other multipath stop
    case_run "multipath no such map" 1 agent multipath start maps=nonesuch
    case_run "multipath of a bad number" 6 agent multipath start "$@" paths=many
}
