# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2154,SC2034 # sourced by test/agent/run, which says what such a file has
# iscsi: cases of iSCSI sessions and of Fibre Channel ports, in a /sys/class made here, with a stand-in
# of iscsiadm.
iscsi_types="iscsi fc"

iscsi_make() {
    iscsi_path=$PATH
    mkdir -p "$work/iscsi" "$work/iscsibin"
    export STANDIN_DIR="$work/iscsi"
    cp "$cases/standin/iscsiadm" "$work/iscsibin/"
    PATH=$work/iscsibin:$PATH
    echo "$loop" >"$work/iscsi/disk"
    mount -t tmpfs tmpfs /sys/class
    mkdir -p /sys/class/iscsi_session /sys/class/fc_host /sys/class/fc_remote_ports "/sys/class/block/${loop#/dev/}"
}

iscsi_end() {
    umount /sys/class
    PATH=$iscsi_path
    unset STANDIN_DIR
}

iscsi_tester() {
    tester iscsi target=iqn.2026-01.cn.example:a login=yes
    for h in 3 4; do fc_host $h Online; done
    fc_port 3 0 Online "FCP Target"
    tester fc
}

iscsi_mood() { echo "$1" >"$work/iscsi/mood"; }

# session N TARGET STATE
session() {
    mkdir -p "/sys/class/iscsi_session/session$1"
    echo "$2" >"/sys/class/iscsi_session/session$1/targetname"
    echo "$3" >"/sys/class/iscsi_session/session$1/state"
}

iscsi_watch_cases() {
    a=iqn.2026-01.cn.example:a
    case_run "iscsi without any session" 1 agent iscsi start
    case_run "iscsi says so" 0 said "no iSCSI session"
    session 1 $a LOGGED_IN
    session 2 $a LOGGED_IN
    session 3 iqn.2026-01.cn.example:ab LOGGED_IN
    set -- target=$a
    case_run "iscsi monitor when stopped" 7 agent iscsi monitor "$@"
    case_run "iscsi stop when never started" 0 agent iscsi stop "$@"
    case_run "iscsi start" 0 agent iscsi start "$@"
    case_run "iscsi start again" 0 agent iscsi start "$@"
    case_run "iscsi of another target start" 0 agent_as other iscsi start target=${a}b
    case_run "iscsi monitor" 0 agent iscsi monitor "$@"
    session 2 $a FAILED
    case_run "iscsi one session less is an alarm" 190 agent iscsi monitor "$@"
    case_run "iscsi says which" 0 said "1 of 2 sessions (lost: session2 (FAILED))"
    case_run "iscsi the other target is well" 0 agent_as other iscsi monitor target=${a}b
    rm -r /sys/class/iscsi_session/session2
    case_run "iscsi one session logged out is an alarm" 190 agent iscsi monitor "$@"
    session 1 $a FREE
    case_run "iscsi no session is a failure" 1 agent iscsi monitor "$@"
    case_run "iscsi says of which target" 0 said "no session to $a works"
    session 1 $a LOGGED_IN
    case_run "iscsi more should be there" 190 agent iscsi monitor "$@" sessions=4
    session 2 $a LOGGED_IN
    case_run "iscsi well again" 0 agent iscsi monitor "$@"
    case_run "iscsi stop" 0 agent iscsi stop "$@"
    case_run "iscsi stop again" 0 agent iscsi stop "$@"
    case_run "iscsi leaves the sessions alone" 0 test -e /sys/class/iscsi_session/session1
    case_run "iscsi the other target goes on" 0 agent_as other iscsi monitor target=${a}b
    case_run "iscsi the other target stop" 0 agent_as other iscsi stop target=${a}b
    rm -r /sys/class/iscsi_session/session*
}

iscsi_login_cases() {
    set -- target=iqn.2026-01.cn.example:a login=yes portal=10.9.0.7
    iscsi_mood well
    case_run "iscsi login monitor when stopped" 7 agent iscsi monitor "$@"
    case_run "iscsi login stop when never started" 0 agent iscsi stop "$@"
    iscsi_mood slow
    case_run "iscsi login start" 0 agent iscsi start "$@"
    iscsi_mood well
    case_run "iscsi login start again" 0 agent iscsi start "$@"
    case_run "iscsi login monitor" 0 agent iscsi monitor "$@"
    mount "$loop" "$work/mnt"
    case_run "iscsi login stop while it is mounted" 1 agent iscsi stop "$@"
    case_run "iscsi login says where" 0 said "used; in use by $work/mnt"
    umount "$work/mnt"
    iscsi_mood stays
    case_run "iscsi login stop that has no effect" 1 agent iscsi stop "$@" CRM_meta_timeout=2000
    iscsi_mood hang
    case_run "iscsi login stop while iscsiadm hangs" 1 agent iscsi stop "$@" CRM_meta_timeout=2000
    iscsi_mood well
    case_run "iscsi login stop" 0 agent iscsi stop "$@"
    case_run "iscsi login no session is left" 7 agent iscsi monitor "$@"
    iscsi_mood refused
    case_run "iscsi login refused" 1 agent iscsi start "$@"
    case_run "iscsi login says CHAP" 0 said "CHAP"
    iscsi_mood unknown
    case_run "iscsi login to what is not known" 5 agent iscsi start "$@"
    iscsi_mood hang
    case_run "iscsi login hangs" 1 agent iscsi start "$@" CRM_meta_timeout=2000
    iscsi_mood well
    case_run "iscsi login start" 0 agent iscsi start "$@"
    rm -r /sys/class/iscsi_session/session*
    case_run "iscsi login ended outside" 7 agent iscsi monitor "$@"
    case_run "iscsi login stop" 0 agent iscsi stop "$@"
    case_run "iscsi of a bad target" 6 agent iscsi start target=disk1
    case_run "iscsi login without target" 6 agent iscsi validate-all login=yes
}

# fc_host N STATE
fc_host() {
    mkdir -p "/sys/class/fc_host/host$1"
    echo "$2" >"/sys/class/fc_host/host$1/port_state"
    echo "0x2100000e1e0000$1f" >"/sys/class/fc_host/host$1/port_name"
}

# fc_port HOST N STATE ROLES
fc_port() {
    mkdir -p "/sys/class/fc_remote_ports/rport-$1:0-$2"
    echo "$3" >"/sys/class/fc_remote_ports/rport-$1:0-$2/port_state"
    echo "$4" >"/sys/class/fc_remote_ports/rport-$1:0-$2/roles"
}

fc_cases() {
    rm -rf /sys/class/fc_host/* /sys/class/fc_remote_ports/*
    case_run "fc without an adapter" 1 agent fc start
    for h in 3 4; do
        fc_host $h Online
        fc_port $h 0 Online "FCP Target"
        fc_port $h 1 Online "FCP Target"
        fc_port $h 2 Online "FCP Initiator"
    done
    case_run "fc monitor when stopped" 7 agent fc monitor
    case_run "fc stop when never started" 0 agent fc stop
    case_run "fc start" 0 agent fc start
    case_run "fc start again" 0 agent fc start
    case_run "fc monitor" 0 agent fc monitor
    fc_host 4 Linkdown
    case_run "fc a cable pulled is an alarm" 190 agent fc monitor
    case_run "fc says which" 0 said "host4 (Linkdown); 1 of 2 ports are online"
    case_run "fc one port by its name start" 0 agent_as other fc start hosts=21:00:00:0E:1E:00:00:3F
    case_run "fc one port alone is well" 0 agent_as other fc monitor hosts=21:00:00:0E:1E:00:00:3F
    case_run "fc one port stop" 0 agent_as other fc stop hosts=21:00:00:0E:1E:00:00:3F
    fc_host 4 Online
    fc_port 4 0 "Not Present" unknown
    case_run "fc a port of the array lost is an alarm" 190 agent fc monitor
    case_run "fc says how many" 0 said "3 of 4 ports of the array"
    for h in 3 4; do for p in 0 1; do fc_port $h $p Blocked "FCP Target"; done; done
    case_run "fc no port of the array is a failure" 1 agent fc monitor
    for h in 3 4; do for p in 0 1; do fc_port $h $p Online "FCP Target"; done; done
    for h in 3 4; do fc_host $h Offline; done
    case_run "fc no port online is a failure" 1 agent fc monitor
    case_run "fc says so" 0 said "no Fibre Channel port is online"
    case_run "fc cannot be started" 1 agent_as other fc start
    for h in 3 4; do fc_host $h Online; done
    case_run "fc well again" 0 agent fc monitor
    case_run "fc more should be there" 190 agent fc monitor targets=8
    case_run "fc stop" 0 agent fc stop
    case_run "fc stop again" 0 agent fc stop
    case_run "fc of a bad host" 6 agent fc validate-all hosts=eth0
}

iscsi_cases() {
    rm -rf /sys/class/iscsi_session/*
    iscsi_watch_cases
    iscsi_login_cases
    fc_cases
}
