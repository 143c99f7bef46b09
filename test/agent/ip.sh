# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2154,SC2034 # sourced by test/agent/run, which says what such a file has
# ip: cases of the service address, on eth0 of the machine, with a neighbour who has 10.9.0.9 and
# fd09::9; and on two interfaces in one network, w0 and w1, where the neighbour's switch sw0 has
# 10.8.0.9 and fd08::9.
ip_types=ip

ip_make() {
    in_neighbour ip link add sw0 type bridge || { echo "this kernel has no bridges" && return 1; }
    for number in 0 1; do
        ip link add w$number type veth peer name sw0p$number netns "$neighbour"
        in_neighbour ip link set sw0p$number master sw0
        in_neighbour ip link set sw0p$number up
        ip addr add 10.8.0.1$number/24 dev w$number
        ip addr add fd08::1$number/64 dev w$number nodad
        ip link set w$number up
    done
    in_neighbour ip addr add 10.8.0.9/24 dev sw0
    in_neighbour ip addr add fd08::9/64 dev sw0 nodad
    in_neighbour ip link set sw0 up
}

ip_end() {
    for number in 0 1; do ip link del w$number; done
    in_neighbour ip link del sw0
}

cable() { in_neighbour ip link set "$1" "$2"; }

ip_tester() { tester ip ip=10.9.0.60; }

# Two interfaces in one network; the address goes from one to the other and stays reachable.
ip_several() {
    set -- ip="$1" nic="w0 w1"
    case_run "ip $1 on two, start" 0 agent ip start "$@"
    case_run "ip on the first" 0 sh -c "ip -o addr show dev w0 | grep -q '${1#ip=}/'"
    case_run "ip monitor on two" 0 agent ip monitor CRM_meta_interval=10000 "$@"
    cable sw0p0 down
    case_run "ip: the first loses its link" 190 agent ip monitor CRM_meta_interval=10000 "$@"
    case_run "ip says why" 0 said "is on w1 because the link of w0 is down"
    case_run "ip on the second" 0 sh -c "ip -o addr show dev w1 | grep -q '${1#ip=}/'"
    case_run "ip on the first no more" 1 sh -c "ip -o addr show dev w0 | grep -q '${1#ip=}/'"
    case_run "ip reached on the second" 0 nsenter -t "$neighbour" -n ping -c 1 -W 1 "${1#ip=}"
    case_run "ip start on the second" 0 agent ip start "$@"
    case_run "ip a probe moves nothing" 0 agent ip monitor "$@"
    cable sw0p1 down
    case_run "ip: both lose their links" 1 agent ip monitor CRM_meta_interval=10000 "$@"
    case_run "ip says why of both" 0 said "link of w0 is down.*link of w1 is down"
    case_run "ip start without links" 1 agent ip start "$@"
    cable sw0p1 up
    case_run "ip: the second is back" 190 agent ip monitor CRM_meta_interval=10000 "$@"
    cable sw0p0 up
    case_run "ip: the first is back, it stays" 0 agent ip monitor CRM_meta_interval=10000 "$@"
    case_run "ip stop" 0 agent ip stop "$@"
    case_run "ip nowhere" 1 sh -c "ip -o addr | grep -q '${1#ip=}/'"
    cable sw0p0 down
    case_run "ip start on the second at once" 0 agent ip start "$@"
    case_run "ip on the second at once" 0 sh -c "ip -o addr show dev w1 | grep -q '${1#ip=}/'"
    case_run "ip stop" 0 agent ip stop "$@"
    cable sw0p0 up
}

# Somebody else takes the address while it is here.
ip_conflict() {
    case_run "ip start" 0 agent ip start ip=10.9.0.55
    in_neighbour ip addr add 10.9.0.55/24 dev peer0
    case_run "ip somebody else has it too" 190 agent ip monitor ip=10.9.0.55 CRM_meta_interval=10000
    case_run "ip says who" 0 said "also in use elsewhere on the network of eth0, by [0-9a-f:]*:"
    in_neighbour ip addr del 10.9.0.55/24 dev peer0
    case_run "ip alone again" 0 agent ip monitor ip=10.9.0.55 CRM_meta_interval=10000
    case_run "ip stop" 0 agent ip stop ip=10.9.0.55
}

# A start that was killed in the middle leaves nothing that a stop does not find.
ip_killed() {
    agent ip start ip=10.9.0.56 probe_wait=2000 >"$work/killed" 2>&1 &
    starting=$!
    until pids=$(pgrep -f "^$shell $agents/ip start"); do sleep 0.02; done
    # shellcheck disable=SC2086 # those of a pipeline too
    kill -9 $pids
    wait $starting
    case_run "ip start was killed" 7 agent ip monitor ip=10.9.0.56
    case_run "ip stop after it" 0 agent ip stop ip=10.9.0.56
}

ip_cases() {
    ip_several 10.8.0.50
    ip_several fd08::50
    ip_conflict
    ip_killed
    case_run "ip monitor when stopped" 7 agent ip monitor ip=10.9.0.50
    case_run "ip start" 0 agent ip start ip=10.9.0.50
    case_run "ip has found its network" 0 sh -c 'ip -o addr show dev eth0 | grep -q "10.9.0.50/24 brd 10.9.0.255"'
    case_run "ip start again" 0 agent ip start ip=10.9.0.50
    case_run "ip monitor" 0 agent ip monitor ip=10.9.0.50
    case_run "ip on another interface" 1 agent ip monitor ip=10.9.0.50 nic=eth9
    sleep 0.3
    case_run "ip was announced" 0 sh -c "nsenter -t $neighbour -n ping -c 1 -W 1 10.9.0.50"
    in_neighbour ip link set peer0 down
    case_run "ip monitor without a link" 1 agent ip monitor ip=10.9.0.50
    case_run "ip says why" 0 said "link of eth0 is down"
    case_run "ip stop without a link" 0 agent ip stop ip=10.9.0.50
    case_run "ip start without a link" 1 agent ip start ip=10.9.0.50
    case_run "ip start, link not checked" 0 agent ip start ip=10.9.0.50 check_link_status=false
    case_run "ip stop" 0 agent ip stop ip=10.9.0.50
    case_run "ip stop again" 0 agent ip stop ip=10.9.0.50
    in_neighbour ip link set peer0 up
    in_neighbour ip addr add fd09::9/64 dev peer0 nodad
    ip addr add fd09::1/64 dev eth0 nodad 2>/dev/null
    link_local_wait
    case_run "ip in use" 1 agent ip start ip=10.9.0.9
    case_run "ip in use: names the owner" 0 said "in use .*, by [0-9a-f:]*"
    case_run "ip in use, not asked" 0 agent ip start ip=10.9.0.9 probe_wait=0
    case_run "ip stop" 0 agent ip stop ip=10.9.0.9
    case_run "ip with a netmask" 0 agent ip start ip=10.9.0.51 cidr_netmask=255.255.255.128
    case_run "ip with a netmask: prefix" 0 sh -c 'ip -o addr show | grep -q "10.9.0.51/25"'
    case_run "ip stop" 0 agent ip stop ip=10.9.0.51
    case_run "ip outside every network" 5 agent ip start ip=10.77.0.1
    case_run "ip on no interface" 5 agent ip start ip=10.9.0.52 nic=eth9
    case_run "ip missing" 6 agent ip start
    case_run "ip nonsense" 6 agent ip start ip=10.9.0.50/24
    case_run "ip nonsense" 6 agent ip validate-all ip=10.9.0.256
    case_run "ip nonsense" 6 agent ip validate-all ip=10.9.0.50 nic="eth0,eth1"
    case_run "ip without its helper" 5 env YOKE_LIBEXEC_DIR=/nonexistent OCF_ROOT="$root" OCF_RESKEY_ip=10.9.0.50 \
        "$shell" "$agents/ip" start
    case_run "ip stop when never started" 0 agent ip stop ip=10.9.0.57
    case_run "ip killed outside" 7 sh -c "ip addr add 10.9.0.58/24 dev eth0; ip addr del 10.9.0.58/24 dev eth0; OCF_ROOT=$root OCF_RESKEY_ip=10.9.0.58 $shell $agents/ip monitor"
    case_run "ip keeps the other addresses" 0 sh -c 'ip -o addr show dev eth0 | grep -q 10.9.0.1/24'
    case_run "ip IPv6 start" 0 agent ip start ip=fd09::50
    case_run "ip IPv6 monitor" 0 agent ip monitor ip=fd09::50
    case_run "ip IPv6 reached" 0 sh -c "nsenter -t $neighbour -n ping -6 -c 1 -W 1 fd09::50"
    case_run "ip IPv6 stop" 0 agent ip stop ip=fd09::50
    case_run "ip IPv6 when stopped" 7 agent ip monitor ip=fd09::50
    case_run "ip IPv6 in use" 1 agent ip start ip=fd09::9
}
