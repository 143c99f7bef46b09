# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2154,SC2034 # sourced by test/agent/run, which says what such a file has
# filesystem: cases of a mount, on a loop device.
filesystem_types=Filesystem

filesystem_tester() { tester Filesystem "device=$loop" "directory=$work/mnt"; }

# Runs a command in the background that keeps the file system busy; sets holder.
hold() {
    (cd "$work/mnt" && exec "$@") &
    holder=$!
    until [ "$(readlink "/proc/$holder/cwd")" = "$work/mnt" ] && ! grep -q '^run$' "/proc/$holder/comm"; do
        sleep 0.01
    done
}

# The stop that is asked for when the plain one has failed.
filesystem_forced_cases() {
    exclusive=${YOKE_LIBEXEC_DIR:-$(sed -n 's/.*YOKE_LIBEXEC_DIR:=\(.*\)}"/\1/p' "$agents/yoke-common.sh")}/yoke-exclusive
    case_run "nobody has the device" 0 "$exclusive" "$loop"
    case_run "Filesystem start" 0 agent Filesystem start "$@"
    case_run "who mounts it has the device" 1 "$exclusive" "$loop"
    hold sh -c "trap '' TERM; while :; do sleep 1; done"
    case_run "Filesystem stop by force asks nobody" 0 forced agent Filesystem stop "$@" term_wait=3600
    case_run "Filesystem stop by force kills" 0 said "sending KILL"
    # Another mount namespace keeps it: unmounted here, and not stopped.
    case_run "Filesystem start" 0 agent Filesystem start "$@"
    unshare -m sleep 300 &
    holder=$!
    until [ "$(readlink /proc/$holder/ns/mnt)" != "$(readlink /proc/self/ns/mnt)" ] && grep -qx sleep /proc/$holder/comm; do sleep 0.01; done
    case_run "Filesystem mounted in another namespace cannot be stopped" 1 \
        forced agent Filesystem stop "$@" CRM_meta_timeout=2000
    case_run "Filesystem says why" 0 said "still in use"
    case_run "another namespace has the device" 1 "$exclusive" "$loop"
    kill $holder
    case_run "Filesystem stop" 0 agent Filesystem stop "$@"
    # Who must not be killed keeps it: at last it is unmounted lazily, which is no stop.
    case_run "Filesystem start" 0 agent Filesystem start "$@"
    cp "$(command -v sleep)" "$work/multipathd"
    hold "$work/multipathd" 300
    case_run "Filesystem unmounted lazily by force is not stopped" 1 \
        forced agent Filesystem stop "$@" CRM_meta_timeout=4000
    case_run "Filesystem says that it was" 0 said "unmounted lazily"
    case_run "Filesystem: nothing is mounted" 1 grep -q " $work/mnt " /proc/mounts
    kill $holder
    case_run "Filesystem stop" 0 agent Filesystem stop "$@"
}

# In the place of a program stands one that hangs: as umount does when the array is gone.
hanging() {
    mkdir -p "$work/hanging"
    rm -f "$work/hanging/"*
    printf '#!/bin/sh\nexec sleep 777\n' >"$work/hanging/$1"
    chmod +x "$work/hanging/$1"
    shift
    (PATH=$work/hanging:$PATH && "$@")
}

filesystem_hang_cases() {
    case_run "Filesystem mount hangs" 1 hanging mount agent Filesystem start "$@" CRM_meta_timeout=2000
    case_run "Filesystem says that it was not in time" 0 said "not mounted on .* in time"
    case_run "Filesystem start" 0 agent Filesystem start "$@"
    case_run "Filesystem umount hangs" 1 hanging umount agent Filesystem stop "$@" CRM_meta_timeout=2000 term_wait=0
    case_run "Filesystem says that it does not end" 0 said "umount does not end"
    case_run "Filesystem read hangs" 1 hanging dd env OCF_CHECK_LEVEL=10 OCF_RESKEY_check_wait=1 sh -c \
        "OCF_RESKEY_device=$loop OCF_RESKEY_directory=$work/mnt $shell $agents/Filesystem monitor"
    # Our own daemons are named, and not killed.
    cp "$(command -v sleep)" "$work/yoked"
    hold "$work/yoked" 300
    case_run "Filesystem stop spares yoked" 1 agent Filesystem stop "$@" CRM_meta_timeout=2000 term_wait=0
    case_run "Filesystem names whom it spares" 0 said "spared: $holder(yoked)"
    kill $holder
    # What keeps it besides processes.
    truncate -s 1M "$work/mnt/image"
    image=$(losetup -f --show "$work/mnt/image")
    case_run "Filesystem with a loop device on it" 1 agent Filesystem stop "$@" CRM_meta_timeout=2000 term_wait=0
    case_run "Filesystem says which" 0 said "; ${image#/dev/} of $work/mnt/image"
    losetup -d "$image"
    rm "$work/mnt/image"
    mount --bind "$work/mnt" "$work/other"
    case_run "Filesystem stop with a bind mount" 0 agent Filesystem stop "$@"
    case_run "Filesystem says where it was" 0 said "$work/other is unmounted"
    uuid=$(blkid -p -o value -s UUID "$loop")
    shift
    case_run "Filesystem by UUID start" 0 agent Filesystem start "device=UUID=$uuid" "$@"
    case_run "Filesystem by UUID monitor" 0 agent Filesystem monitor "device=UUID=$uuid" "$@"
    case_run "Filesystem by UUID stop" 0 agent Filesystem stop "device=UUID=$uuid" "$@"
    (hanging mount agent Filesystem start "device=$loop" "$@" 2>/dev/null) &
    starting=$!
    until pgrep -f "^sleep 777" >/dev/null; do sleep 0.05; done
    pkill -9 -P $starting
    kill -9 $starting 2>/dev/null
    wait $starting 2>/dev/null
    pkill -9 -f "^sleep 777"
    case_run "Filesystem killed in mid-start is stopped" 0 agent Filesystem stop "device=$loop" "$@"
}

# Errors that the kernel has met: ext4 remembers them.
filesystem_error_cases() {
    at=/sys/fs/ext4/${loop#/dev/}/trigger_fs_error
    case_run "Filesystem start" 0 agent Filesystem start "$@" options=errors=continue
    if [ ! -e "$at" ]; then
        echo "skipped $shell Filesystem errors: the kernel cannot make them"
    else
        echo case >"$at"
        case_run "Filesystem errors on record are an alarm" 190 agent Filesystem monitor "$@"
        case_run "Filesystem says so" 0 said "1 errors on record"
        case_run "Filesystem stop" 0 agent Filesystem stop "$@"
        case_run "Filesystem start checks it" 0 agent Filesystem start "$@" options=errors=remount-ro
        case_run "Filesystem says that it did" 0 said "is checked"
        case_run "Filesystem well again" 0 agent Filesystem monitor "$@"
        echo case >"$at"
        case_run "Filesystem gone read-only is a failure" 1 agent Filesystem monitor "$@"
        case_run "Filesystem says that it has" 0 said "gone read-only"
        case_run "Filesystem stop" 0 agent Filesystem stop "$@"
        case_run "Filesystem start again checks it" 0 agent Filesystem start "$@"
        case_run "Filesystem monitor" 0 agent Filesystem monitor "$@"
    fi
    case_run "Filesystem stop" 0 agent Filesystem stop "$@"
    case_run "Filesystem start read-only" 0 agent Filesystem start "$@" options=ro
    case_run "Filesystem read-only on purpose" 0 agent Filesystem monitor "$@" options=ro
    case_run "Filesystem stop" 0 agent Filesystem stop "$@" options=ro
    case_run "Filesystem start with a full check" 0 agent Filesystem start "$@" run_fsck=force
    case_run "Filesystem stop" 0 agent Filesystem stop "$@" run_fsck=force
    case_run "Filesystem check hangs" 1 hanging fsck agent Filesystem start "$@" run_fsck=force CRM_meta_timeout=2000
    dd if="$loop" of="$work/saved" bs=1M count=1 status=none
    dd if=/dev/zero of="$loop" bs=1M count=1 status=none conv=fsync
    case_run "Filesystem damaged" 5 agent Filesystem start "$@" run_fsck=force
    case_run "Filesystem says that it is" 0 said "is damaged"
    dd if="$work/saved" of="$loop" bs=1M status=none conv=fsync
    case_run "Filesystem not the type" 1 agent Filesystem start "$1" "$2" fstype=xfs
}

filesystem_xfs_cases() {
    truncate -s 320M "$work/xfsdisk"
    xfs=$(losetup -f --show "$work/xfsdisk")
    if mkfs.xfs -q -f "$xfs" && mount "$xfs" "$work/other" && umount "$work/other"; then
        set -- "device=$xfs" "directory=$work/other" fstype=xfs
        case_run "Filesystem xfs start" 0 agent_as xfs Filesystem start "$@"
        case_run "Filesystem xfs monitor" 0 agent_as xfs Filesystem monitor "$@"
        xfs_io -x -c shutdown "$work/other"
        case_run "Filesystem xfs shut down is a failure" 1 agent_as xfs Filesystem monitor "$@"
        case_run "Filesystem xfs says so" 0 said "has shut down"
        case_run "Filesystem xfs stop" 0 agent_as xfs Filesystem stop "$@"
        case_run "Filesystem xfs start with a full check" 0 agent_as xfs Filesystem start "$@" run_fsck=force
        case_run "Filesystem xfs monitor" 0 agent_as xfs Filesystem monitor "$@"
        case_run "Filesystem xfs stop" 0 agent_as xfs Filesystem stop "$@"
    else
        echo "skipped $shell Filesystem xfs: no mkfs.xfs, or not in this kernel"
    fi
    losetup -d "$xfs"
    rm "$work/xfsdisk"
}

forced() {
    (export OCF_YOKE_FORCE=yes && "$@")
}

filesystem_cases() {
    set -- "device=$loop" "directory=$work/mnt" fstype=ext4
    case_run "Filesystem monitor when stopped" 7 agent Filesystem monitor "$@"
    case_run "Filesystem start" 0 agent Filesystem start "$@"
    case_run "Filesystem start again" 0 agent Filesystem start "$@"
    case_run "Filesystem monitor" 0 agent Filesystem monitor "$@"
    case_run "Filesystem monitor reads and writes" 0 env OCF_CHECK_LEVEL=20 sh -c \
        "OCF_RESKEY_device=$loop OCF_RESKEY_directory=$work/mnt $shell $agents/Filesystem monitor"
    hold sleep 300
    case_run "Filesystem stop ends its users" 0 agent Filesystem stop "$@"
    case_run "Filesystem stop names them" 0 said "sending TERM .*sleep"
    (cd "$work/other" && mount "$loop" "$work/other")
    case_run "Filesystem mounted elsewhere" 1 agent Filesystem start "$@"
    umount "$work/other"
    case_run "Filesystem start" 0 agent Filesystem start "$@"
    hold sh -c "trap '' TERM; while :; do sleep 1; done"
    sleep 0.2 # until it is deaf
    case_run "Filesystem stop kills" 0 agent Filesystem stop "$@" term_wait=1
    case_run "Filesystem stop names what it kills" 0 said "sending KILL"
    case_run "Filesystem start" 0 agent Filesystem start "$@"
    hold sleep 300
    umount -l "$work/mnt"
    case_run "Filesystem lazily unmounted is not stopped" 1 agent Filesystem monitor "$@"
    case_run "Filesystem lazily unmounted cannot be stopped" 1 \
        agent Filesystem stop "$@" CRM_meta_timeout=2000
    kill $holder
    case_run "Filesystem stop" 0 agent Filesystem stop "$@"
    case_run "Filesystem stop again" 0 agent Filesystem stop "$@"
    filesystem_forced_cases "$@"
    filesystem_hang_cases "$@"
    filesystem_error_cases "$@"
    filesystem_xfs_cases
    mount -t tmpfs tmpfs "$work/mnt"
    case_run "Filesystem start on another mount" 1 agent Filesystem start "$@"
    case_run "Filesystem leaves another mount alone" 0 agent Filesystem stop "$@"
    case_run "Filesystem: it is still there" 0 grep -q "tmpfs $work/mnt " /proc/mounts
    umount "$work/mnt"
    case_run "Filesystem without a device" 5 agent Filesystem start device=/dev/nonesuch "directory=$work/mnt"
    case_run "Filesystem on /usr" 6 agent Filesystem start "device=$loop" directory=/usr
    case_run "Filesystem without directory" 6 agent Filesystem start "device=$loop"
}
