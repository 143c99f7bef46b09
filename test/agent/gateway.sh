# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2154,SC2034 # sourced by test/agent/run, which says what such a file has
# gateway: cases of the connection to the users' network. The neighbour is the gateway (10.9.0.9,
# fd09::9), a switch (10.9.0.8) and the other node (10.9.0.2); behind it lies 10.20.0.0/24.
gateway_types=gateway

gateway_make() {
    in_neighbour ip addr add 10.9.0.8/24 dev peer0
    in_neighbour ip addr add 10.20.0.1/24 dev lo
    ip route add default via 10.9.0.9
    conf=$work/yoke.conf
    printf '%s\n' '[cluster]' 'name = web' '[link lan] ; the public one' 'type = udp' 'db1 = 10.9.0.1 ; here' 'db2 = 10.9.0.2' \
        '[disk quorum]' 'device = /dev/none' >"$conf"
    export YOKE_CONF=/nonexistent
}

gateway_end() {
    ip route del default 2>/dev/null
    in_neighbour ip addr del 10.9.0.8/24 dev peer0
    in_neighbour ip addr del 10.20.0.1/24 dev lo
}

gateway_tester() { tester gateway targets=10.9.0.9 wait=200; }

# Short waits: nobody here is far away.
gateway() {
    action=$1
    shift
    agent gateway "$action" wait=100 start_wait=0 CRM_meta_interval=5000 "$@"
}

# answering 0|1 [PROTOCOL]: may the neighbour answer pings?
answering() {
    in_neighbour sh -c "echo $((1 - $1)) >/proc/sys/net/ipv4/icmp_echo_ignore_all;
        echo $((1 - $1)) >/proc/sys/net/ipv6/icmp/echo_ignore_all"
}

gateway_life() {
    case_run "gateway monitor when stopped" 7 gateway monitor
    case_run "gateway stop when never started" 0 gateway stop
    case_run "gateway start, default route" 0 gateway start
    case_run "gateway start again" 0 gateway start
    case_run "gateway monitor, default route" 0 gateway monitor
    case_run "gateway probe" 0 gateway monitor CRM_meta_interval=0
    case_run "gateway: another instance is another" 7 agent_as two gateway monitor
    case_run "gateway behind a router" 0 gateway monitor targets=10.20.0.1
    case_run "gateway IPv6" 0 gateway monitor targets=fd09::9
    case_run "gateway all of several" 0 gateway monitor targets="10.9.0.9 10.9.0.8 fd09::9" min=3
    case_run "gateway one of two silent" 190 gateway monitor targets="10.9.0.9 10.9.0.77"
    case_run "gateway says which" 0 said "10.9.0.77 does not answer"
    case_run "gateway two needed, one silent" 1 gateway monitor targets="10.9.0.9 10.9.0.77" min=2
    case_run "gateway says which" 0 said "only 1 of 2 targets answer, and 2 must; not 10.9.0.77"
    case_run "gateway all silent" 1 gateway monitor targets="10.9.0.78 10.9.0.77"
    case_run "gateway says so" 0 said "none of 10.9.0.78 10.9.0.77 answers"
    answering 0
    case_run "gateway without pings, with ARP" 0 gateway monitor
    case_run "gateway without pings, IPv6" 0 gateway monitor targets=fd09::9
    case_run "gateway without pings, one of two" 190 gateway monitor targets="10.9.0.9 10.9.0.77"
    case_run "gateway without pings, behind a router" 1 gateway monitor targets=10.20.0.1
    answering 1
}

# What stands for the gateway in the routing table.
gateway_routes() {
    ip route replace default nexthop via 10.9.0.9 dev eth0 nexthop via 10.9.0.8 dev eth0
    case_run "gateway: two routers" 0 gateway monitor min=2
    case_run "gateway: not three" 1 gateway monitor min=3
    case_run "gateway says so" 0 said "has 2 default gateways (10.9.0.9 10.9.0.8), and min=3"
    ip route replace default nexthop via 10.9.0.9 dev eth0 nexthop via 10.9.0.77 dev eth0
    case_run "gateway: one of two routers is silent" 190 gateway monitor
    case_run "gateway says which" 0 said "10.9.0.77 does not answer; 1 of the targets do"
    ip route del default
    link=$(in_neighbour ip -o -6 addr show dev peer0 scope link)
    link=${link#*inet6 }
    ip -6 route add default via "${link%%/*}" dev eth0
    case_run "gateway: an IPv6 router of link-local address" 0 gateway monitor
    case_run "gateway: that is another than before" 0 agent_as six gateway start wait=500
    case_run "gateway: it is asked" 0 grep -q '^fe80::.*%eth0$' /run/resource-agents/yoke-gateway-six
    case_run "gateway: another stops" 0 agent_as six gateway stop
    ip -6 route del default
    ip route add default via 10.9.0.9
}

# The other node is 10.9.0.2, where yoke.conf says so.
gateway_peer() {
    in_neighbour ip addr add 10.9.0.2/24 dev peer0
    set -- targets="10.9.0.78"
    case_run "gateway silent, the peer is near" 190 gateway monitor "$@" peers=10.9.0.2
    case_run "gateway says so" 0 said "the other node (10.9.0.2) is no better off"
    case_run "gateway start with the peer near" 0 gateway start "$@" peers=10.9.0.2
    case_run "gateway is still asked for ours" 1 gateway monitor "$@" peers=10.9.0.1
    YOKE_CONF=$conf
    case_run "gateway: the peer of yoke.conf is near" 190 gateway monitor "$@"
    case_run "gateway: the peer is not asked" 1 gateway monitor "$@" peers=none
    answering 0
    case_run "gateway: the peer answers ARP only" 190 gateway monitor "$@"
    answering 1
    in_neighbour ip addr del 10.9.0.2/24 dev peer0
    case_run "gateway: the peer is silent too" 1 gateway monitor "$@"
    YOKE_CONF=/nonexistent
}

gateway_cable() {
    case_run "gateway start" 0 gateway start
    in_neighbour ip link set peer0 down
    begun=$(date +%s)
    case_run "gateway: the cable is pulled" 1 gateway monitor wait=10000
    case_run "gateway says so" 0 said "network of 10.9.0.9 cannot be reached: the link of eth0 is down"
    case_run "gateway: that is noticed at once" 0 test $(($(date +%s) - begun)) -lt 10
    case_run "gateway start without a cable" 1 gateway start
    case_run "gateway: a copy only watches" 190 gateway monitor CRM_meta_clone=0
    case_run "gateway copy start without a cable" 0 gateway start CRM_meta_clone=0
    in_neighbour ip link set peer0 up
    ip addr add fd09::1/64 dev eth0 nodad 2>/dev/null
    in_neighbour ip addr add fd09::9/64 dev peer0 nodad 2>/dev/null
    case_run "gateway: the cable is back" 0 gateway monitor
    ip link set eth0 down
    case_run "gateway: the interface is off, the route gone" 1 gateway monitor
    case_run "gateway says so" 0 said "the interface eth0 is switched off"
    ip link set eth0 up
    case_run "gateway: no default route" 1 gateway start
    case_run "gateway says so" 0 said "no default gateway"
    (sleep 0.7 && ip route add default via 10.9.0.9) &
    case_run "gateway start waits for the network" 0 gateway start start_wait=10
    ip addr add fd09::1/64 dev eth0 nodad 2>/dev/null
    link_local_wait
}

# As a promotable clone.
promotable() {
    (
        export OCF_YOKE_PROMOTION="$work/score"
        "$@" CRM_meta_clone=0 CRM_meta_promotable=true
    )
}

gateway_promotable() {
    case_run "gateway copy start" 0 promotable gateway start
    case_run "gateway copy promote" 0 promotable gateway promote
    case_run "gateway copy promoted" 8 promotable gateway monitor
    case_run "gateway copy tells" 0 grep -qx 100 "$work/score"
    case_run "gateway copy promoted, probe" 8 promotable gateway monitor CRM_meta_interval=0
    case_run "gateway copy promoted, silent" 191 promotable gateway monitor targets=10.9.0.78
    case_run "gateway copy promoted and silent does not say so yet" 0 grep -qx 100 "$work/score"
    sleep 1.2
    case_run "gateway copy promoted, still silent" 191 promotable gateway monitor targets=10.9.0.78 CRM_meta_interval=100
    case_run "gateway copy promoted, still silent, says so" 0 grep -qx 10 "$work/score"
    case_run "gateway copy promoted, well again" 8 promotable gateway monitor
    case_run "gateway copy promoted, well again, says so at once" 0 grep -qx 100 "$work/score"
    case_run "gateway copy demote" 0 promotable gateway demote
    case_run "gateway copy demoted" 0 promotable gateway monitor
    case_run "gateway copy silent" 190 promotable gateway monitor targets=10.9.0.78
    case_run "gateway copy silent says so at once" 0 grep -qx 10 "$work/score"
    case_run "gateway copy well again" 0 promotable gateway monitor
    case_run "gateway copy well again does not say so yet" 0 grep -qx 10 "$work/score"
    sleep 1.2
    case_run "gateway copy still well" 0 promotable gateway monitor CRM_meta_interval=100
    case_run "gateway copy still well says so" 0 grep -qx 100 "$work/score"
    case_run "gateway copy stop" 0 promotable gateway stop
    case_run "gateway copy tells" 0 grep -qx unset "$work/score"
    case_run "gateway copy promote when stopped" 1 promotable gateway promote
}

gateway_wrong() {
    case_run "gateway nonsense" 6 gateway validate-all targets=gw.example.org
    case_run "gateway nonsense" 6 gateway validate-all targets="10.9.0.9 10.9.0.300"
    case_run "gateway nonsense" 6 gateway validate-all targets="10.9.0.9" min=2
    case_run "gateway nonsense" 6 gateway validate-all min=0
    case_run "gateway nonsense" 6 gateway validate-all wait=1
    case_run "gateway nonsense" 6 gateway validate-all peers=db2
    case_run "gateway right" 0 gateway validate-all targets="10.9.0.9 fe80::1%eth0"
    case_run "gateway without its helper" 5 env YOKE_LIBEXEC_DIR=/nonexistent OCF_ROOT="$root" "$shell" "$agents/gateway" start
}

gateway_killed() {
    agent gateway start targets=10.9.0.78 wait=5000 >"$work/killed" 2>&1 &
    starting=$!
    until pids=$(pgrep -f "^$shell $agents/gateway start"); do sleep 0.02; done
    # shellcheck disable=SC2086 # those of a pipeline too
    kill -9 $pids
    wait $starting
    case_run "gateway start was killed" 7 gateway monitor
    case_run "gateway stop after it" 0 gateway stop
}

gateway_cases() {
    gateway_life
    gateway_routes
    gateway_peer
    case_run "gateway stop" 0 gateway stop
    case_run "gateway stop again" 0 gateway stop
    case_run "gateway when stopped" 7 gateway monitor
    gateway_cable
    gateway_promotable
    gateway_wrong
    gateway_killed
}
