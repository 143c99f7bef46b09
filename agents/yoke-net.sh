# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2034 # its users use them
# yoke-net: what the agents of the network share. Sourced behind yoke-common, never run.
# Happy path: net_family, net_link and the others set what they are named for. Fails: net_link and
# net_dev return false, and link_why says what is wrong with the interface.

net_sys=/sys/class/net

# Sets family (4, 6) and full (the length of a whole address).
net_family() {
    case $1 in
    *:*) family=6 full=128 ;;
    *) family=4 full=32 ;;
    esac
}

# Could that be an address? The kernel and our helpers look closer.
net_is_address() {
    case $1 in
    '' | *[!0-9a-fA-F:.]* | :[!:]* | *:::* | .* | *. | *..*) return 1 ;;
    *:*) return 0 ;;
    *[!0-9.]* | *.*.*.*.*) return 1 ;;
    *.*.*.*) ;;
    *) return 1 ;;
    esac
    net_rest=$1.
    while [ -n "$net_rest" ]; do
        case ${net_rest%%.*} in
        [0-9] | [0-9][0-9] | 1[0-9][0-9] | 2[0-4][0-9] | 25[0-5]) ;;
        *) return 1 ;;
        esac
        net_rest=${net_rest#*.}
    done
}

# Does the interface carry anything? Else false, with link_why and carrier (0, off, or nothing when
# there is no such interface).
net_link() {
    link_why='' carrier=''
    if [ ! -e "$net_sys/$1" ]; then
        link_why="there is no interface $1"
        return 1
    fi
    # Reading fails (EINVAL) while the interface is switched off.
    { read -r carrier <"$net_sys/$1/carrier"; } 2>/dev/null || carrier=off
    case $carrier in
    1) return 0 ;;
    off) link_why="the interface $1 is switched off" ;;
    *) link_why="the link of $1 is down (cable, switch?)" ;;
    esac
    return 1
}

# Switches an interface on that is off, and waits for its carrier: it may take two seconds.
net_link_up() {
    net_link "$1" && return 0
    [ "$carrier" = off ] || return 1
    ip link set dev "$1" up 2>/dev/null
    yoke_until 200 net_link "$1"
}

# net_dev ADDRESS: sets dev (the interface by which it is reached), via (the router, or nothing when
# it is a neighbour) and src (our address); dev is lo for an address of our own. False: no route.
net_dev() {
    net_family "$1"
    # shellcheck disable=SC2046 # split on purpose: 10.1.0.9 via 10.0.0.1 dev eth0 src 10.0.0.5 uid 0
    set -- $(ip -o "-$family" route get "$1" 2>/dev/null)
    dev='' via='' src=''
    while [ $# -gt 1 ]; do
        case $1 in
        via) via=$2 ;;
        dev) dev=$2 ;;
        src | from) src=$2 ;;
        esac
        shift
    done
    [ -n "$dev" ]
}

# Is that an address of this node?
net_is_ours() {
    net_family "$1"
    [ -n "$(ip -o "-$family" addr show to "$1/$full" 2>/dev/null)" ]
}
