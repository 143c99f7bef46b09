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
        forced agent Filesystem stop "$@" CRM_meta_timeout=3000
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
    mount -t tmpfs tmpfs "$work/mnt"
    case_run "Filesystem start on another mount" 1 agent Filesystem start "$@"
    case_run "Filesystem leaves another mount alone" 0 agent Filesystem stop "$@"
    case_run "Filesystem: it is still there" 0 grep -q "tmpfs $work/mnt " /proc/mounts
    umount "$work/mnt"
    case_run "Filesystem without a device" 5 agent Filesystem start device=/dev/nonesuch "directory=$work/mnt"
    case_run "Filesystem on /usr" 6 agent Filesystem start "device=$loop" directory=/usr
    case_run "Filesystem without directory" 6 agent Filesystem start "device=$loop"
}
