# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2154,SC2034 # sourced by test/agent/run, which says what such a file has
# nic: cases of watching interfaces: eth0 of the machine, whose cable is peer0; real bonds where the
# kernel has them; and bonds, bridges, VLANs that are files in the place of /sys/class/net.
nic_types=nic

nic_tester() { tester nic nic=eth0; }

look() { agent nic monitor CRM_meta_interval=5000 "$@"; }

nic_plain() {
    case_run "nic monitor when stopped" 7 look nic=eth0
    case_run "nic stop when never started" 0 agent nic stop nic=eth0
    case_run "nic start" 0 agent nic start nic=eth0
    case_run "nic start again" 0 agent nic start nic=eth0
    case_run "nic monitor" 0 look nic=eth0
    case_run "nic: another instance is another" 7 agent_as two nic monitor nic=eth0
    in_neighbour ip link set peer0 down
    case_run "nic monitor without a link" 1 look nic=eth0
    case_run "nic says why" 0 said "link of eth0 is down (cable, switch?)"
    case_run "nic one of two is enough" 190 look nic="eth0 lo" need=any
    case_run "nic says which" 0 said "link of eth0 is down"
    case_run "nic both are needed" 1 look nic="lo eth0"
    case_run "nic start without a link" 1 agent nic start nic=eth0
    in_neighbour ip link set peer0 up
    case_run "nic monitor with a link again" 0 look nic=eth0
    ip link add over0 link eth0 type macvlan && ip link set over0 up
    case_run "nic above another" 0 look nic=over0
    ip link set eth0 down
    case_run "nic switched off below" 1 look nic=over0
    ip link del over0
    case_run "nic switched off" 1 look nic=eth0
    case_run "nic says why" 0 said "eth0 is switched off"
    case_run "nic start switches it on" 0 agent nic start nic=eth0
    ip addr add fd09::1/64 dev eth0 nodad 2>/dev/null
    case_run "nic stop" 0 agent nic stop nic=eth0
    case_run "nic stop again" 0 agent nic stop nic=eth0
    case_run "nic when stopped" 7 look nic=eth0
    case_run "nic that is not there" 5 agent nic start nic=eth7
    case_run "nic missing" 6 agent nic start
    case_run "nic nonsense" 6 agent nic validate-all nic="eth0,eth1"
    case_run "nic nonsense" 6 agent nic validate-all nic=../eth0
    case_run "nic nonsense" 6 agent nic validate-all nic=eth0 need=some
    case_run "nic nonsense" 6 agent nic validate-all nic=eth0 slaves_min=0
    case_run "nic nonsense" 6 agent nic validate-all nic=eth0 speed_min=fast
    # bash takes a file for a program that is none.
    [ "$shell" != bash ] || return 0
    program=$(readlink -f "$(command -v ip)")
    mount --bind "$work/out" "$program"
    case_run "nic without the program ip" 5 agent nic start nic=eth0
    umount "$program"
}

# port NAME CARRIER [SPEED]; CARRIER off: switched off
port() {
    mkdir -p "$fake/$1/device"
    if [ "$2" = off ]; then rm -f "$fake/$1/carrier"; else echo "$2" >"$fake/$1/carrier"; fi
    echo "${3:-1000}" >"$fake/$1/speed"
    echo full >"$fake/$1/duplex"
}

# slave NAME CARRIER [MII [SPEED]]
slave() {
    port "$1" "$2" "${4:-1000}"
    mkdir -p "$fake/$1/bonding_slave"
    echo "${3:-up}" >"$fake/$1/bonding_slave/mii_status"
}

# What the files of a bond say, without one.
nic_fakes() {
    fake=$work/net
    mkdir -p "$fake/bond0/bonding" "$fake/v7" "$fake/br0/bridge" "$fake/tap0" "$fake/team0"
    slave e0 1
    slave e1 1
    echo "e0 e1" >"$fake/bond0/bonding/slaves"
    for each in bond0 v7 br0 tap0 team0; do echo 1 >"$fake/$each/carrier"; done
    ln -sf ../bond0 "$fake/v7/lower_bond0"
    port e2 1
    port e3 1
    ln -sf ../e2 "$fake/br0/lower_e2"
    ln -sf ../tap0 "$fake/br0/lower_tap0"
    ln -sf ../e2 "$fake/team0/lower_e2"
    ln -sf ../e3 "$fake/team0/lower_e3"
    mount --bind "$fake" /sys/class/net
    nic_bond
    nic_others
    umount /sys/class/net
}

nic_bond() {
    case_run "nic bond start" 0 agent nic start nic=bond0
    case_run "nic bond" 0 look nic=bond0
    slave e1 0 down
    case_run "nic bond with one slave down" 190 look nic=bond0
    case_run "nic says which" 0 said "bond0 has lost a part of its links and runs on e0 alone: the link of e1 is down"
    case_run "nic bond, two slaves needed" 1 look nic=bond0 slaves_min=2
    case_run "nic VLAN above it" 190 look nic=v7
    slave e1 1 down
    case_run "nic bond with a slave without answers" 190 look nic=bond0
    case_run "nic says that" 0 said "holds e1 for dead"
    slave e1 off
    case_run "nic bond with a slave switched off" 190 look nic=bond0
    slave e0 0 down
    echo 0 >"$fake/bond0/carrier"
    case_run "nic bond with all slaves down" 1 look nic=bond0
    case_run "nic says which" 0 said "all links of bond0 are down: the link of e0 is down (cable, switch?), the interface e1 is switched off"
    case_run "nic bond start with all slaves down" 1 agent nic start nic=bond0
    slave e0 1
    slave e1 1
    case_run "nic bond down, slaves up" 1 look nic=bond0
    case_run "nic says so" 0 said "while its slaves e0, e1 are up"
    echo 1 >"$fake/bond0/carrier"
    slave e1 1 up 100
    case_run "nic bond with a slow slave" 190 look nic=bond0 speed_min=1000
    case_run "nic says which" 0 said "e1 runs at 100 Mb/s only"
    slave e1 1 up -1
    case_run "nic of unknown speed" 0 look nic=bond0 speed_min=1000
    slave e1 1
    echo half >"$fake/e1/duplex"
    case_run "nic half duplex" 190 look nic=bond0 speed_min=100
    slave e1 1
    : >"$fake/bond0/bonding/slaves"
    case_run "nic bond without slaves" 1 look nic=bond0
    case_run "nic says so" 0 said "bond0 has no slaves"
    echo "e0 e1" >"$fake/bond0/bonding/slaves"
    case_run "nic bond well" 0 look nic=v7 speed_min=1000
}

nic_others() {
    case_run "nic bridge" 0 look nic=br0
    port e2 0
    case_run "nic bridge without its cable, with a machine" 1 look nic=br0
    case_run "nic says which" 0 said "all links of br0 are down: the link of e2"
    case_run "nic team with one port down" 190 look nic=team0
    port e2 1
    case_run "nic team" 0 look nic=team0
    case_run "nic bond stop" 0 agent nic stop nic=bond0
}

# A bond of the kernel's own.
nic_real_bond() {
    modprobe bonding 2>/dev/null
    if ! ip link add bond7 type bond mode active-backup miimon 50 2>/dev/null; then
        echo "skipped nic with a real bond: this kernel has no bonding"
        return
    fi
    for number in 0 1; do
        ip link add b$number type veth peer name pb$number netns "$neighbour"
        in_neighbour ip link set pb$number up
        ip link set b$number master bond7
    done
    ip link set bond7 up
    case_run "nic real bond start" 0 agent nic start nic=bond7
    in_neighbour ip link set pb0 down
    sleep 0.2
    case_run "nic real bond with one slave down" 190 look nic=bond7
    case_run "nic says which" 0 said "link of b0 is down"
    in_neighbour ip link set pb1 down
    sleep 0.2
    case_run "nic real bond with all slaves down" 1 look nic=bond7
    case_run "nic real bond stop" 0 agent nic stop nic=bond7
    ip link del bond7
    for number in 0 1; do ip link del b$number; done
}

nic_cases() {
    nic_plain
    nic_fakes
    nic_real_bond
}
