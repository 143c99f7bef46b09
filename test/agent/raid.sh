# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2154,SC2034 # sourced by test/agent/run, which says what such a file has
# raid: cases of a mirror of two loop devices with the real mdadm, or a stand-in where the kernel has no
# md; and of a RAID controller, by stand-ins of its programs.
raid_types=raid

raid_make() {
    for program in mdadm losetup fuser; do
        command -v $program >/dev/null || { echo "$program is not installed" && return 1; }
    done
    raid_path=$PATH raid_real=yes
    mkdir -p "$work/raid" "$work/raidbin"
    export STANDIN_DIR="$work/raid"
    truncate -s 16M "$work/member1" "$work/member2"
    member1=$(losetup -f --show "$work/member1") member2=$(losetup -f --show "$work/member2")
    for program in storcli64 MegaCli64; do cp "$cases/standin/storcli64" "$work/raidbin/$program"; done
    if [ -e /proc/mdstat ]; then
        yes | mdadm --create /dev/md/yokemd --level=1 --raid-devices=2 --metadata=1.2 --name=yokemd --homehost=any \
            --assume-clean "$member1" "$member2" && mdadm --stop /dev/md/yokemd
    else
        raid_real=no
        cp "$cases/standin/mdadm" "$work/raidbin/mdadm"
        # shellcheck disable=SC1091 # beside this one
        . "$cases/lvm.sh"
        lvm_sysfs_stand_in
    fi
    PATH=$work/raidbin:$PATH
}

raid_end() {
    mdadm --stop /dev/md/yokemd
    losetup -j "$work/raid/md" | sed 's/:.*//' | xargs -r losetup -d
    losetup -d "$member1"
    losetup -d "$member2"
    if mountpoint -q /sys/block; then umount /sys/block /sys/class/block; fi
    rm -f /dev/md/yokemd /dev/md127
    rmdir /dev/md
    PATH=$raid_path
    unset STANDIN_DIR
}

raid_tester() { tester raid raiddev=/dev/md/yokemd "devices=$member1 $member2"; }

mood() { echo "$1" >"$work/raid/mood"; }

# A member fails; it is taken out, so that nothing but its absence is left.
member_fail() {
    if [ "$raid_real" = yes ]; then
        mdadm /dev/md/yokemd --fail "$member2" && mdadm /dev/md/yokemd --remove "$member2"
    else
        mood lacks
        echo 1 >/sys/block/md127/md/degraded
    fi
}

member_mend() {
    if [ "$raid_real" = yes ]; then
        mdadm /dev/md/yokemd --add "$member2"
        mdadm --wait /dev/md/yokemd
    else
        mood well
        echo 0 >/sys/block/md127/md/degraded
    fi
    return 0
}

controller_cases() {
    mood well
    case_run "raid $1 monitor when stopped" 7 agent raid monitor "controller=$1"
    case_run "raid $1 start" 0 agent raid start "controller=$1"
    case_run "raid $1 start again" 0 agent raid start "controller=$1"
    case_run "raid $1 monitor" 0 agent raid monitor "controller=$1"
    mood degraded
    case_run "raid $1 degraded is an alarm" 190 agent raid monitor "controller=$1"
    case_run "raid $1 says which" 0 said "volume 0/1 (d[a-z]*gr[a-z]*d).*disk 0/[0-9]*:1 ([a-z]*)"
    mood rebuild
    case_run "raid $1 rebuild is an alarm" 190 agent raid monitor "controller=$1"
    mood offline
    case_run "raid $1 offline is a failure" 1 agent raid monitor "controller=$1"
    case_run "raid $1 offline is no volume of ours" 190 agent raid monitor "controller=$1" volumes=0
    mood none
    case_run "raid $1 no controller is an alarm" 190 agent raid monitor "controller=$1"
    mood hang
    case_run "raid $1 hanging is an alarm" 190 agent raid monitor "controller=$1" check_wait=1
    case_run "raid $1 says that it hangs" 0 said "does not answer within 1 s"
    mood well
    case_run "raid $1 well again" 0 agent raid monitor "controller=$1"
    case_run "raid $1 stop" 0 agent raid stop "controller=$1"
    case_run "raid $1 stop again" 0 agent raid stop "controller=$1"
}

raid_cases() {
    mood well
    set -- raiddev=/dev/md/yokemd "devices=$member1 $member2"
    case_run "raid monitor when stopped" 7 agent raid monitor "$@"
    case_run "raid stop when never started" 0 agent raid stop "$@"
    case_run "raid start" 0 agent raid start "$@"
    case_run "raid start again" 0 agent raid start "$@"
    case_run "raid monitor" 0 agent raid monitor "$@"
    case_run "raid found by a member" 0 agent raid monitor raiddev=/dev/md/another "devices=$member2"
    member_fail
    case_run "raid degraded is an alarm" 190 agent raid monitor "$@"
    case_run "raid says what lacks" 0 said "lacks 1 of 2 members"
    case_run "raid alarm again" 190 agent raid monitor "$@"
    member_mend
    case_run "raid well again" 0 agent raid monitor "$@"
    # shellcheck disable=SC2217 # to have it open
    sleep 300 </dev/md/yokemd &
    holder=$!
    until grep -qx sleep /proc/$holder/comm; do sleep 0.01; done
    case_run "raid in use cannot be stopped" 1 agent raid stop "$@" CRM_meta_timeout=2000
    case_run "raid says by whom" 0 said "open in $holder(sleep)"
    case_run "raid stop by force" 0 env OCF_YOKE_FORCE=yes "$shell" -c \
        "OCF_RESKEY_raiddev=/dev/md/yokemd OCF_RESKEY_devices='$member1 $member2' $shell $agents/raid stop"
    case_run "raid stop again" 0 agent raid stop "$@"
    case_run "raid without a member that it does not know to be missing" 1 agent raid start "$1" "devices=$member1"
    case_run "raid says that it may be old" 0 said "may be old"
    case_run "raid nothing stays behind" 7 agent raid monitor "$@"
    case_run "raid without that member all the same" 0 agent raid start "$1" "devices=$member1" start_degraded=yes
    [ "$raid_real" = yes ] || mood lacks
    case_run "raid started without it is an alarm" 190 agent raid monitor "$@"
    [ "$raid_real" = no ] || { mdadm --zero-superblock "$member2" && member_mend; }
    mood well
    case_run "raid stop" 0 agent raid stop "$@"
    if [ "$raid_real" = no ]; then
        mood hang
        case_run "raid start while mdadm hangs" 1 agent raid start "$@" CRM_meta_timeout=2000
        mood well
        case_run "raid start" 0 agent raid start "$@"
        mood dead
        echo 2 >/sys/block/md127/md/degraded
        case_run "raid that has failed" 1 agent raid monitor "$@"
        mood well
        case_run "raid stop" 0 agent raid stop "$@"
    fi
    case_run "raid without members here" 5 agent raid start "$1" devices=/dev/nonesuch
    case_run "raid that is none" 6 agent raid start raiddev=/dev/sda
    case_run "raid without its configuration" 5 agent raid start "$1" raidconf=/nonesuch
    case_run "raid of a bad UUID" 6 agent raid validate-all "$1" uuid=x/y
    case_run "raid controller's program missing" 5 agent raid start controller=nonesuch64
    controller_cases storcli64
    controller_cases MegaCli64
}
