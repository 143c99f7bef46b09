# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2154,SC2034 # sourced by test/agent/run, which says what such a file has
# lvm: cases of a volume group on loop devices, with the real LVM, which sees nothing but them. Where the
# kernel has no device mapper, a stand-in activates. This machine is db1 or db2 by its name.
lvm_types=lvm

# lvm_disk N: sets disk to a loop device of file N.
lvm_disk() {
    [ -e "$work/pv$1" ] || truncate -s 32M "$work/pv$1"
    disk=$(losetup -f --show "$work/pv$1")
}

# lvm_conf SYSTEM-ID-SOURCE DISK...
lvm_conf() {
    source=$1
    shift
    {
        printf 'devices { use_devicesfile=0 filter=['
        printf '"a|^%s$|", ' "$@"
        printf '"r|.*|"] }\nglobal { %s locking_dir="%s" }\n' \
            "${source:+system_id_source=\"$source\"}" "$work/lvm/lock"
        printf 'activation { udev_sync=0 udev_rules=0 }\n'
    } >"$work/lvm/lvm.conf"
}

lvm_make() {
    for program in vgs vgcreate dmsetup losetup; do
        command -v $program >/dev/null || { echo "$program is not installed" && return 1; }
    done
    lvm_path=$PATH lvm_name=$(hostname)
    mkdir -p "$work/lvm" "$work/bin" "$work/slow" /dev/mapper
    export LVM_SYSTEM_DIR="$work/lvm" LVM_SUPPRESS_FD_WARNINGS=1 STANDIN_DIR="$work/bin"
    lvm_flags=
    if ! dmsetup version >/dev/null 2>&1; then
        for program in vgchange lvchange dmsetup; do ln -s "$cases/standin/devicemapper" "$work/bin/$program"; done
        PATH=$work/bin:$PATH
        lvm_flags="--driverloaded n -an"
        mkdir "$work/block"
        cp -P /sys/block/* "$work/block/"
        mount --bind "$work/block" /sys/block
    fi
    printf '#!/bin/sh\nexec sleep 600\n' >"$work/slow/vgs"
    chmod +x "$work/slow/vgs"
    lvm_disk 1 && disk1=$disk
    lvm_disk 2 && disk2=$disk
    lvm_disk 3 && disk3=$disk
    lvm_conf uname "$disk1" "$disk2" "$disk3"
    hostname db1
    # shellcheck disable=SC2086 # words
    vgcreate -q yokea "$disk1" "$disk2" && vgcreate -q yoke-b "$disk3" &&
        lvcreate $lvm_flags -Zn -Wn -y -n data -l 4 yokea && lvcreate $lvm_flags -Zn -Wn -y -n lv-1 -l 2 yokea "$disk2" &&
        lvcreate $lvm_flags -Zn -Wn -y -n data -l 2 yoke-b && vgchange -an yokea yoke-b
}

lvm_end() {
    vgchange -q -an yokea yoke-b
    for name in "$work/bin/yoke"*; do [ ! -e "$name" ] || losetup -j "$name" | sed 's/:.*//' | xargs -r losetup -d; done
    for disk in "$disk1" "$disk2" "$disk3"; do losetup -d "$disk"; done
    mountpoint -q /sys/block && umount /sys/block
    hostname "$lvm_name"
    PATH=$lvm_path
    unset LVM_SYSTEM_DIR LVM_SUPPRESS_FD_WARNINGS STANDIN_DIR
}

lvm_tester() { tester lvm vgname=yokea; }

# on HOST COMMAND...: as that node.
on() {
    hostname "$1"
    shift
    "$@"
}

# A start by the cluster of these nodes.
by_yoke() {
    (export OCF_YOKE_NODES="db1 db2" && "$@")
}

slowly() {
    (PATH=$work/slow:$PATH && "$@")
}

deeply() {
    (export OCF_CHECK_LEVEL=10 && "$@")
}

# Keeps a volume open; sets holder.
open_keep() {
    # shellcheck disable=SC2217 # it is only to have it open
    sleep 300 <"/dev/mapper/$1" &
    holder=$!
    until grep -qx sleep /proc/$holder/comm; do sleep 0.01; done
}

lvm_owner_cases() {
    case_run "lvm on another node stopped" 7 on db2 agent lvm monitor "$@"
    case_run "lvm takes nothing when started by hand" 1 on db2 agent lvm start "$@"
    case_run "lvm says who may" 0 said "belongs to db1, and only the cluster"
    case_run "lvm takes nothing from a foreign host" 1 on db7 env OCF_YOKE_NODES="db7 db8" "$shell" -c \
        "OCF_RESKEY_vgname=yokea $shell $agents/lvm start"
    case_run "lvm says that it is none of the cluster's" 0 said "none of this cluster's"
    case_run "lvm taken by yoke's own start" 0 on db2 by_yoke agent lvm start "$@"
    case_run "lvm is of db2" 0 sh -c "vgs --noheadings -o vg_systemid yokea | grep -qw db2"
    case_run "lvm monitor" 0 deeply agent lvm monitor "$@"
    # Somebody else has taken it while it is active here.
    hostname db1
    case_run "lvm taken away" 1 deeply agent lvm monitor "$@"
    case_run "lvm says by whom" 0 said "belongs to db2 now"
    case_run "lvm of somebody else can be stopped" 0 agent lvm stop "$@"
    case_run "lvm of hosts by another name" 0 on db1 env OCF_RESKEY_CRM_meta_on_node=db1 OCF_RESKEY_hosts="db9, db2" \
        "$shell" -c "OCF_RESKEY_vgname=yokea $shell $agents/lvm start"
    case_run "lvm stop" 0 agent lvm stop "$@"
}

lvm_hurt_cases() {
    case_run "lvm start" 0 agent lvm start "$@"
    vgchange -q -an yokea
    case_run "lvm deactivated outside" 7 agent lvm monitor "$@"
    case_run "lvm start" 0 agent lvm start "$@"
    lvchange -q -an yokea/data
    case_run "lvm one volume deactivated outside" 1 agent lvm monitor "$@"
    case_run "lvm says which" 0 said "no longer active in yokea: yokea-data "
    case_run "lvm start" 0 agent lvm start "$@"
    case_run "lvm monitor while LVM hangs" 0 slowly agent lvm monitor "$@"
    case_run "lvm deep monitor while LVM hangs" 1 deeply slowly agent lvm monitor "$@" check_wait=1
    case_run "lvm says that it hangs" 0 said "does not answer within 1 s"
    open_keep yokea-data
    case_run "lvm in use cannot be stopped" 1 agent lvm stop "$@" CRM_meta_timeout=4000
    case_run "lvm says by whom" 0 said "open in $holder(sleep)"
    case_run "lvm stop by force ends them" 0 env OCF_YOKE_FORCE=yes "$shell" -c \
        "OCF_RESKEY_vgname=yokea $shell $agents/lvm stop"
    case_run "lvm start while LVM hangs" 5 slowly agent lvm start "$@" CRM_meta_timeout=3000
    losetup -d "$disk2"
    case_run "lvm with a disk missing" 5 agent lvm start "$@"
    case_run "lvm says how many" 0 said "lacks 1 of its disks"
    until losetup "$disk2" "$work/pv2"; do sleep 0.05; done
    # Killed between LVM's word and ours.
    printf '#!/bin/sh\n%s "$@" && sleep 600\n' "$(command -v vgchange)" >"$work/slow/vgchange"
    chmod +x "$work/slow/vgchange"
    mv "$work/slow/vgs" "$work/vgs.slow"
    (slowly agent lvm start "$@" 2>/dev/null) &
    starting=$!
    until agent lvm monitor "$@" >/dev/null 2>&1; do sleep 0.05; done
    pkill -9 -P $starting
    kill -9 $starting 2>/dev/null
    wait $starting 2>/dev/null
    pkill -9 -f "^/bin/sh $work/slow/vgchange"
    rm "$work/slow/vgchange"
    mv "$work/vgs.slow" "$work/slow/vgs"
    case_run "lvm killed in mid-start is stopped" 0 agent lvm stop "$@"
    case_run "lvm nothing is left" 7 agent lvm monitor "$@"
}

lvm_group_cases() {
    vgexport -q yokea
    case_run "lvm exported" 5 agent lvm start "$@"
    case_run "lvm says how to import" 0 said "vgimport"
    vgimport -q yokea
    lvm_disk 4 && disk4=$disk
    lvm_conf uname "$disk4"
    vgcreate -q yokea "$disk4"
    lvm_conf uname "$disk1" "$disk2" "$disk3" "$disk4"
    case_run "lvm two groups of one name" 5 agent lvm start "$@"
    case_run "lvm says so" 0 said "several volume groups named yokea"
    losetup -d "$disk4"
    rm "$work/pv4"
    lvm_conf '' "$disk1" "$disk2" "$disk3"
    case_run "lvm without a system id" 5 agent lvm start "$@" vg_access_mode=system_id
    case_run "lvm says how to have one" 0 said "system_id_source"
    case_run "lvm a group with a system id by tags" 1 by_yoke agent lvm start "$@" vg_access_mode=tagging
    lvm_conf uname "$disk1" "$disk2" "$disk3"
    vgchange -q -y --systemid '' yokea
    set -- "$@" vg_access_mode=tagging
    case_run "lvm by tags start" 0 agent lvm start "$@"
    case_run "lvm by tags is of db1" 0 sh -c "vgs --noheadings -o vg_tags yokea | grep -qw yoke_on_db1"
    case_run "lvm by tags monitor" 0 deeply agent lvm monitor "$@"
    vgchange -q -an yokea # db1 dies
    case_run "lvm by tags taken by nobody's hand" 1 on db2 agent lvm start "$@"
    case_run "lvm by tags taken by yoke" 0 on db2 by_yoke agent lvm start "$@"
    case_run "lvm by tags stop" 0 on db2 agent lvm stop "$@"
    case_run "lvm by tags leaves none" 1 sh -c "vgs --noheadings -o vg_tags yokea | grep yoke_on"
    hostname db1
    vgchange -q -y --systemid db1 yokea
}

lvm_cases() {
    set -- vgname=yokea
    hostname db1
    case_run "lvm monitor when stopped" 7 agent lvm monitor "$@"
    case_run "lvm stop when never started" 0 agent lvm stop "$@"
    case_run "lvm start" 0 agent lvm start "$@"
    case_run "lvm start again" 0 agent lvm start "$@"
    case_run "lvm monitor" 0 agent lvm monitor "$@"
    case_run "lvm deep monitor" 0 deeply agent lvm monitor "$@"
    case_run "lvm is not activated at a boot" 1 sh -c "vgs --noheadings -o vg_autoactivation yokea | grep enabled"
    case_run "lvm another group is not active" 7 agent_as other lvm monitor vgname=yoke-b
    case_run "lvm another group start" 0 agent_as other lvm start vgname=yoke-b
    case_run "lvm stop" 0 agent lvm stop "$@"
    case_run "lvm stop again" 0 agent lvm stop "$@"
    case_run "lvm monitor after stop" 7 agent lvm monitor "$@"
    case_run "lvm another group monitor" 0 agent_as other lvm monitor vgname=yoke-b
    case_run "lvm another group stop" 0 agent_as other lvm stop vgname=yoke-b
    case_run "lvm one volume start" 0 agent lvm start "$@" lvname=lv-1
    case_run "lvm one volume alone" 1 test -e /dev/mapper/yokea-data
    case_run "lvm one volume monitor" 0 agent lvm monitor "$@" lvname=lv-1
    case_run "lvm other volume monitor" 7 agent_as other lvm monitor "$@" lvname=data
    case_run "lvm one volume stop" 0 agent lvm stop "$@" lvname=lv-1
    lvm_hurt_cases "$@"
    case_run "lvm start" 0 agent lvm start "$@"
    vgchange -q -an yokea # db1 dies
    lvm_owner_cases "$@"
    lvm_group_cases "$@"
    case_run "lvm no such group" 5 agent lvm start vgname=nonesuch
    case_run "lvm without a group" 6 agent lvm start
    case_run "lvm of a bad name" 6 agent lvm start vgname=-f
    case_run "lvm of a bad mode" 6 agent lvm validate-all "$@" vg_access_mode=clvmd
    lvm_program=$(readlink -f "$(command -v vgs)")
    mount --bind /dev/null "$lvm_program"
    case_run "lvm without LVM" 5 agent lvm start "$@"
    umount "$lvm_program"
}
