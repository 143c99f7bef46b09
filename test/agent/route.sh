# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2154,SC2034 # sourced by test/agent/run, which says what such a file has
# route: cases of routes by eth0, where the neighbour is the router 10.9.0.9 and fd09::9, and has
# 10.20.0.1 and fd20::1 behind itself.
route_types=route

route_make() {
    in_neighbour ip addr add 10.20.0.1/24 dev lo
    in_neighbour ip -6 addr add fd20::1/64 dev lo nodad
    ip addr add 10.9.0.40/24 dev eth0
}

route_end() {
    in_neighbour ip addr del 10.20.0.1/24 dev lo
    in_neighbour ip -6 addr del fd20::1/64 dev lo
    ip addr del 10.9.0.40/24 dev eth0
}

route_tester() { tester route destination=10.20.0.0/24 gateway=10.9.0.9; }

reached() { ping -c 1 -W 1 "$1"; }

route_life() {
    set -- destination=10.20.0.0/24 gateway=10.9.0.9 source=10.9.0.40
    case_run "route monitor when stopped" 7 agent route monitor "$@"
    case_run "route stop when never started" 0 agent route stop "$@"
    case_run "route start" 0 agent route start "$@"
    case_run "route start again" 0 agent route start "$@"
    case_run "route monitor" 0 agent route monitor "$@"
    case_run "route leads somewhere" 0 reached 10.20.0.1
    case_run "route has its source" 0 sh -c "ip route get 10.20.0.1 | grep -q 'src 10.9.0.40'"
    case_run "route: another is not ours" 7 agent route monitor destination=10.20.0.0/24 gateway=10.9.0.8
    case_run "route: of another source is not ours" 7 agent route monitor destination=10.20.0.0/24 gateway=10.9.0.9 source=10.9.0.1
    case_run "route: another is in its place" 1 agent route start destination=10.20.0.0/24 gateway=10.9.0.8
    case_run "route says which" 0 said "another route to 10.20.0.0/24 .*via 10.9.0.9 dev eth0"
    case_run "route: beside it by metric" 0 agent route start destination=10.20.0.0/24 gateway=10.9.0.8 metric=50
    case_run "route: beside it by metric, stop" 0 agent route stop destination=10.20.0.0/24 gateway=10.9.0.8 metric=50
    case_run "route: the first is still there" 0 agent route monitor "$@"
    in_neighbour ip link set peer0 down
    case_run "route without a link" 1 agent route monitor "$@"
    case_run "route says why" 0 said "leads nowhere: the link of eth0 is down"
    case_run "route without a link, not checked" 0 agent route monitor "$@" check_link_status=no
    in_neighbour ip link set peer0 up
    in_neighbour ip -6 addr add fd09::9/64 dev peer0 nodad 2>/dev/null
    ip route del 10.20.0.0/24
    case_run "route taken away outside" 7 agent route monitor "$@"
    case_run "route start" 0 agent route start "$@"
    case_run "route stop" 0 agent route stop "$@"
    case_run "route stop again" 0 agent route stop "$@"
    case_run "route when stopped" 7 agent route monitor "$@"
}

route_kinds() {
    case_run "route default" 0 agent route start gateway=10.9.0.9
    case_run "route default monitor" 0 agent route monitor gateway=10.9.0.9
    case_run "route default leads somewhere" 0 reached 10.20.0.1
    case_run "route default stop" 0 agent route stop gateway=10.9.0.9
    case_run "route by a device" 0 agent route start destination=10.30.0.0/16 device=eth0
    case_run "route by a device, not by a router" 7 agent route monitor destination=10.30.0.0/16 gateway=10.9.0.9
    case_run "route by a device, stop" 0 agent route stop destination=10.30.0.0/16 device=eth0
    case_run "route to one address" 0 agent route start destination=10.20.0.1 gateway=10.9.0.9
    case_run "route to one address, stop" 0 agent route stop destination=10.20.0.1 gateway=10.9.0.9
    link_local_wait
    ip -6 addr add fd09::1/64 dev eth0 nodad 2>/dev/null
    set -- destination=fd20::/64 gateway=FD09:0::9 source=fd09:0:0::1
    case_run "route IPv6" 0 agent route start "$@"
    case_run "route IPv6 monitor" 0 agent route monitor "$@"
    case_run "route IPv6 leads somewhere" 0 reached fd20::1
    case_run "route IPv6 stop" 0 agent route stop "$@"
    case_run "route IPv6 when stopped" 7 agent route monitor "$@"
    case_run "route IPv6 default" 0 agent route start gateway=fd09::9
    case_run "route IPv6 default monitor" 0 agent route monitor gateway=fd09::9
    case_run "route IPv6 default stop" 0 agent route stop gateway=fd09::9
}

route_policy() {
    set -- gateway=10.9.0.9 source=10.9.0.40 table=77 policy=yes
    case_run "route of a table, start" 0 agent route start "$@"
    case_run "route of a table, start again" 0 agent route start "$@"
    case_run "route of a table, one rule" 0 sh -c "[ \"\$(ip rule show table 77 | wc -l)\" = 1 ]"
    case_run "route of a table, monitor" 0 agent route monitor "$@"
    case_run "route of a table for that source" 0 ping -I 10.9.0.40 -c 1 -W 1 10.20.0.1
    case_run "route of a table for no other" 2 reached 10.20.0.1
    ip rule del from 10.9.0.40 table 77
    case_run "route of a table, its rule taken away" 1 agent route monitor "$@"
    case_run "route says so" 0 said "the rule for 10.9.0.40 is not"
    case_run "route start mends it" 0 agent route start "$@"
    ip route flush table 77
    case_run "route of a table, its route taken away" 1 agent route monitor "$@"
    case_run "route of a table, stop" 0 agent route stop "$@"
    case_run "route of a table, nothing left" 0 sh -c "[ -z \"\$(ip rule show table 77)\$(ip route show table 77 2>/dev/null)\" ]"
    case_run "route of a table, when stopped" 7 agent route monitor "$@"
}

route_wrong() {
    case_run "route without its source" 1 agent route start destination=10.20.0.0/24 gateway=10.9.0.9 source=10.9.0.41
    case_run "route says why" 0 said "10.9.0.41 is no address of this node"
    case_run "route by a router that is not here" 1 agent route start gateway=10.99.0.1
    case_run "route says why" 0 said "10.99.0.1 is in no network of this node"
    case_run "route by no interface" 5 agent route start destination=10.30.0.0/16 device=eth9
    case_run "route nowhere" 6 agent route start destination=10.30.0.0/16
    case_run "route nonsense" 6 agent route validate-all destination=10.30.0.0/33 gateway=10.9.0.9
    case_run "route nonsense" 6 agent route validate-all destination=10.30.0.7/16 gateway=10.9.0.9
    case_run "route nonsense" 6 agent route validate-all destination=office gateway=10.9.0.9
    case_run "route nonsense" 6 agent route validate-all gateway=router
    case_run "route nonsense" 6 agent route validate-all gateway=10.9.0.9 source=10.9.0.1/24
    case_run "route nonsense" 6 agent route validate-all gateway=10.9.0.9 metric=low
    case_run "route nonsense" 6 agent route validate-all gateway=fd09::9 source=10.9.0.1
    case_run "route nonsense" 6 agent route validate-all gateway=10.9.0.9 policy=yes table=7
    case_run "route nonsense" 6 agent route validate-all gateway=10.9.0.9 policy=yes source=10.9.0.1
    case_run "route of a table that is none" 5 agent route validate-all gateway=10.9.0.9 table=oracle
    case_run "route right" 0 agent route validate-all destination=10.30.7.0/24 gateway=10.9.0.9 table=4000
}

route_cases() {
    route_life
    route_kinds
    route_policy
    route_wrong
}
