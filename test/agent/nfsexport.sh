# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2154,SC2034 # sourced by test/agent/run, which says what such a file has
# nfsexport: cases of an exported directory with the real exportfs and a table of its own. Where the
# kernel has an NFS server it is the real one, and a client mounts; else a stand-in counts threads.
nfsexport_types=nfsexport

nfsexport_make() {
    for program in exportfs rpc.nfsd rpc.mountd; do
        command -v $program >/dev/null || { echo "$program is not installed" && return 1; }
    done
    nfsexport_path=$PATH nfsexport_real=no
    mkdir -p "$work/nfsbin" "$work/nfsslow" "$work/share" "$work/share2" "$work/nfsstate" "$work/client"
    export STANDIN_DIR="$work/nfsbin"
    mount -t tmpfs tmpfs /var/lib/nfs
    mkdir /var/lib/nfs/sm
    : >/var/lib/nfs/etab
    if mount -t nfsd nfsd /proc/fs/nfsd; then
        nfsexport_real=yes
        mkdir -p /run/rpcbind
    else
        mount -t tmpfs tmpfs /proc/fs
        mkdir -p /proc/fs/nfsd/clients/3
        : >/proc/fs/nfsd/unlock_filesystem
        echo 0 >/proc/fs/nfsd/threads
        for program in rpc.nfsd rpc.mountd; do cp "$cases/standin/nfsd" "$work/nfsbin/$program"; done
        printf '#!/bin/sh\n' >"$work/nfsbin/rpcbind"
        cp "$work/nfsbin/rpcbind" "$work/nfsbin/rpcinfo"
        chmod +x "$work/nfsbin/"*
        PATH=$work/nfsbin:$PATH
    fi
    printf '#!/bin/sh\nexec sleep 600\n' >"$work/nfsslow/exportfs"
    chmod +x "$work/nfsslow/exportfs"
    mkdir -p "$work/exported"
    mount "$loop" "$work/exported"
    mkdir -p "$work/exported/data"
}

nfsexport_end() {
    umount "$work/client" 2>/dev/null
    exportfs -ua
    if [ "$nfsexport_real" = yes ]; then
        rpc.nfsd 0
        for name in rpc.mountd rpcbind; do
            for at in /proc/[0-9]*; do [ "$(cat "$at/comm" 2>/dev/null)" != $name ] || kill "${at##*/}"; done
        done
        umount /proc/fs/nfsd
    else
        nfs_server_kill
        umount /proc/fs
    fi
    mountpoint -q /var/lib/nfs/rpc_pipefs && umount /var/lib/nfs/rpc_pipefs
    umount /var/lib/nfs
    umount "$work/exported" || { sleep 1 && umount "$work/exported"; }
    PATH=$nfsexport_path
    unset STANDIN_DIR
}

# The stand-in's processes.
nfs_server_kill() {
    for at in /proc/[0-9]*; do [ "$(cat "$at/comm" 2>/dev/null)" != rpc.mountd ] || kill -9 "${at##*/}"; done
}

nfsexport_tester() {
    tester nfsexport "directory=$work/share" clients=10.9.0.0/24 fsid=11 server=yes
}

slowly_exported() {
    (PATH=$work/nfsslow:$PATH && "$@")
}

etab_has() { grep "^$1	$2(" /var/lib/nfs/etab; }

nfsexport_server_cases() {
    set -- "directory=$work/exported/data" "clients=10.9.0.0/24 127.0.0.1" fsid=0 server=yes \
        "statedir=$work/exported/nfs" grace_time=10 "options=rw,sync,no_subtree_check,no_root_squash,insecure"
    case_run "nfsexport with a server monitor when stopped" 7 agent nfsexport monitor "$@"
    case_run "nfsexport with a server stop when never started" 0 agent nfsexport stop "$@"
    case_run "nfsexport with a server start" 0 agent nfsexport start "$@"
    case_run "nfsexport with a server start again" 0 agent nfsexport start "$@"
    case_run "nfsexport with a server monitor" 0 agent nfsexport monitor "$@"
    case_run "nfsexport its state is on the disk" 0 test -s "$work/exported/nfs/etab"
    case_run "nfsexport with a server deep monitor" 0 env OCF_CHECK_LEVEL=10 OCF_RESOURCE_INSTANCE=case-nfsexport \
        "OCF_RESKEY_directory=$work/exported/data" OCF_RESKEY_clients=127.0.0.1 OCF_RESKEY_server=yes "$shell" "$agents/nfsexport" monitor
    if [ "$nfsexport_real" = yes ]; then
        case_run "nfsexport a client mounts" 0 timeout 60 mount -t nfs4 127.0.0.1:/ "$work/client"
        case_run "nfsexport a client writes" 0 timeout 60 sh -c "echo yoke >$work/client/word && sync $work/client/word"
        # It keeps the file open, and never lets go.
        sleep 900 >>"$work/client/word" &
        holder=$!
    else
        mkdir -p /proc/fs/nfsd/clients/3
        number=$(mountpoint -d "$work/exported")
        printf -- '- 0x0: { type: open, superblock: "%02x:%02x:12" }\n' "${number%:*}" "${number#*:}" >/proc/fs/nfsd/clients/3/states
        : >/proc/fs/nfsd/clients/3/ctl
    fi
    case_run "nfsexport with a server stop" 0 agent nfsexport stop "$@"
    [ "$nfsexport_real" = yes ] || case_run "nfsexport a client is let go" 0 grep -q expire /proc/fs/nfsd/clients/3/ctl
    case_run "nfsexport no server is left" 0 grep -qx 0 /proc/fs/nfsd/threads
    case_run "nfsexport no state is left" 1 grep -q "$work/exported/nfs\|nfs ext4" /proc/mounts
    case_run "nfsexport the file system can be unmounted" 0 umount "$work/exported"
    mount "$loop" "$work/exported"
    case_run "nfsexport with a server stop again" 0 agent nfsexport stop "$@"
    if [ "$nfsexport_real" = yes ]; then
        # The client never noticed: the same file, by the same fsid.
        case_run "nfsexport with a server start after a move" 0 agent nfsexport start "$@"
        case_run "nfsexport the client goes on" 0 timeout 90 grep -q yoke "$work/client/word"
        kill "$holder"
        wait "$holder" 2>/dev/null
        case_run "nfsexport the client unmounts" 0 timeout 90 umount "$work/client"
        case_run "nfsexport with a server stop at last" 0 agent nfsexport stop "$@"
    fi
}

nfsexport_cases() {
    nfsexport_server_cases
    set -- "directory=$work/share" "clients=10.9.0.0/24 127.0.0.1 *" fsid=11
    case_run "nfsexport without a server" 5 agent nfsexport start "$@"
    case_run "nfsexport says how to have one" 0 said "server=yes"
    case_run "nfsexport a server for others" 0 agent_as other nfsexport start "directory=$work/share2" clients=10.9.0.0/24 fsid=12 server=yes
    case_run "nfsexport monitor when stopped" 7 agent nfsexport monitor "$@"
    case_run "nfsexport stop when never started" 0 agent nfsexport stop "$@"
    case_run "nfsexport start" 0 agent nfsexport start "$@"
    case_run "nfsexport start again" 0 agent nfsexport start "$@"
    case_run "nfsexport monitor" 0 agent nfsexport monitor "$@"
    case_run "nfsexport is exported to all" 0 etab_has "$work/share" '\*'
    case_run "nfsexport with fsid" 0 grep -q "^$work/share	.*fsid=11," /var/lib/nfs/etab
    exportfs -u "10.9.0.0/24:$work/share"
    case_run "nfsexport taken back by hand" 1 agent nfsexport monitor "$@"
    case_run "nfsexport says from whom" 0 said "no longer exported to 10.9.0.0/24"
    exportfs -r
    case_run "nfsexport all taken back by hand" 7 agent nfsexport monitor "$@"
    case_run "nfsexport start" 0 agent nfsexport start "$@"
    case_run "nfsexport while exportfs hangs monitor" 0 slowly_exported agent nfsexport monitor "$@"
    case_run "nfsexport while exportfs hangs stop" 1 slowly_exported agent nfsexport stop "$@" CRM_meta_timeout=2000 check_wait=1
    case_run "nfsexport stop" 0 agent nfsexport stop "$@"
    case_run "nfsexport stop again" 0 agent nfsexport stop "$@"
    case_run "nfsexport nothing is left" 1 grep "^$work/share	" /var/lib/nfs/etab
    case_run "nfsexport while exportfs hangs start" 1 slowly_exported agent nfsexport start "$@" CRM_meta_timeout=2000
    case_run "nfsexport stop after that" 0 agent nfsexport stop "$@"
    case_run "nfsexport start" 0 agent nfsexport start "$@"
    if [ -c /dev/fuse ]; then
        # A file system that answers never.
        # shellcheck disable=SC2016 # for the inner shell
        sh -c 'exec 9<>/dev/fuse && mount -i -t fuse -o fd=9,rootmode=40000,user_id=0,group_id=0 hang "$1" && exec sleep 600' sh "$work/share" &
        holder=$!
        until grep -q "^hang " /proc/mounts; do sleep 0.02; done
        case_run "nfsexport a directory that hangs" 1 agent nfsexport monitor "$@" check_wait=1
        case_run "nfsexport says so" 0 said "does not answer within 1 s"
        umount -l "$work/share"
        kill "$holder"
        wait "$holder" 2>/dev/null
    else
        echo "skipped $shell nfsexport a directory that hangs: no FUSE"
    fi
    case_run "nfsexport stop" 0 agent nfsexport stop "$@"
    case_run "nfsexport the server for others stop" 0 agent_as other nfsexport stop "directory=$work/share2" clients=10.9.0.0/24 fsid=12 server=yes
    case_run "nfsexport no directory" 5 agent nfsexport start directory=/nonesuch clients=10.9.0.1 fsid=3
    case_run "nfsexport without fsid" 6 agent nfsexport start "$1" "$2"
    case_run "nfsexport without clients" 6 agent nfsexport start "$1" fsid=3
    case_run "nfsexport of bad clients" 6 agent nfsexport start "$1" 'clients=a;b' fsid=3
    case_run "nfsexport of bad options" 6 agent nfsexport validate-all "$1" "$2" fsid=3 'options=rw fsid'
    case_run "nfsexport statedir without a server" 6 agent nfsexport validate-all "$@" statedir=/srv/nfs
    nfs_program=$(command -v exportfs)
    mount --bind /dev/null "$(readlink -f "$nfs_program")"
    case_run "nfsexport without exportfs" 5 agent nfsexport start "$@"
    umount "$(readlink -f "$nfs_program")"
}
