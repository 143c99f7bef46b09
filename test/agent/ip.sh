# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2154,SC2034 # sourced by test/agent/run, which says what such a file has
# ip: cases of the service address, on eth0 of the machine, with a neighbour who has 10.9.0.9 and fd09::9.
ip_types=ip

ip_tester() { tester ip ip=10.9.0.60; }

ip_cases() {
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
    case_run "ip keeps the other addresses" 0 sh -c 'ip -o addr show dev eth0 | grep -q 10.9.0.1/24'
    case_run "ip IPv6 start" 0 agent ip start ip=fd09::50
    case_run "ip IPv6 monitor" 0 agent ip monitor ip=fd09::50
    case_run "ip IPv6 reached" 0 sh -c "nsenter -t $neighbour -n ping -6 -c 1 -W 1 fd09::50"
    case_run "ip IPv6 stop" 0 agent ip stop ip=fd09::50
    case_run "ip IPv6 when stopped" 7 agent ip monitor ip=fd09::50
    case_run "ip IPv6 in use" 1 agent ip start ip=fd09::9
}
