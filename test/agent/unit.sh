# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2154,SC2034,SC2086 # sourced by test/agent/run, which says what such a file has
# unit: cases of yoke-unit, which runs resources of class systemd, with the distribution's systemd
# as process 1 of namespaces, and with a stand-in for one in trouble.
unit_types=

unit_make() {
    program=${YOKE_LIBEXEC_DIR:-$(sed -n 's/^: "${YOKE_LIBEXEC_DIR:=\(.*\)}"$/\1/p' "$agents/yoke-common.sh")}/yoke-unit
    [ -x "$program" ] || { echo "there is no $program" && return 1; }
    mkdir -p "$work/cgroup" "$work/units"
    mount -t cgroup2 cgroup2 "$work/cgroup" || { echo "there is no cgroup v2 here" && return 1; }
    nest=$work/cgroup/yoke-unit.${work##*.}
    unit_files
    unit_boot && return
    unit_end
    echo "systemd does not come up in namespaces here: $(tail -n 1 "$work/boot")"
    return 1
}

unit_boot() {
    "$cases/nest" "$nest" "$work/units" >"$work/boot" 2>&1 &
    nest_holder=$!
    for _ in $(seq 100); do
        one=$(pgrep -P $nest_holder) && inside test -S /run/systemd/private &&
            inside systemctl is-active -q default.target && return 0
        kill -0 $nest_holder || return 1
        sleep 0.1
    done
    return 1
}

unit_end() {
    kill -KILL $nest_holder
    wait $nest_holder 2>/dev/null
    for _ in $(seq 50); do
        find "$nest" -depth -type d -exec rmdir {} + 2>/dev/null
        [ -d "$nest" ] || break
        sleep 0.1
    done
    umount "$work/cgroup"
}

inside() { nsenter -t "$one" -m -p -C -- "$@"; }

# unit ACTION UNIT [NAME=VALUE...]
unit() {
    what=$1 of=$2
    shift 2
    nsenter -t "$one" -m -p -C -- env -i PATH="$PATH" OCF_RESOURCE_INSTANCE=r "OCF_YOKE_RUN_DIR=$work" \
        OCF_RESKEY_CRM_meta_timeout=3000 "$@" timeout 20 "$program" "$what" "$of"
}
often() {
    of=$1
    shift
    unit monitor "$of" OCF_RESKEY_CRM_meta_interval=10000 "$@"
}

# unit_file NAME LINE...
unit_file() {
    at=$work/units/$1
    shift
    printf '%s\n' "$@" >"$at"
}

unit_files() {
    sleeps="ExecStart=/bin/sleep 1000"
    unit_file plain.service '[Service]' "$sleeps" Restart=always '[Install]' WantedBy=multi-user.target
    unit_file other.service '[Service]' "$sleeps"
    unit_file slow.service '[Service]' Type=notify NotifyAccess=all \
        "ExecStart=/bin/sh -c 'sleep 0.5; systemd-notify --ready; exec sleep 1000'"
    unit_file never.service '[Service]' Type=notify NotifyAccess=all "$sleeps" TimeoutStopSec=1
    unit_file dies.service '[Service]' Type=exec "ExecStart=/bin/sh -c 'exit 3'"
    unit_file once.service '[Service]' Type=oneshot "ExecStart=/bin/false"
    unit_file through.service '[Service]' Type=oneshot "ExecStart=/bin/true"
    unit_file needs.service '[Unit]' Requires=once.service After=once.service '[Service]' "$sleeps"
    unit_file nobody.service '[Service]' Type=exec User=nosuchuser "$sleeps"
    unit_file notmet.service '[Unit]' ConditionPathExists=/nonesuch '[Service]' "$sleeps"
    unit_file stubborn.service '[Service]' TimeoutStopSec=100 \
        "ExecStart=/bin/sh -c 'trap : TERM; while :; do sleep 0.1; done'"
    unit_file leaves.service '[Service]' KillMode=process \
        "ExecStart=/bin/sh -c 'setsid sh -c \"trap : TERM; while :; do sleep 0.1; done\" & exec sleep 1000'"
    unit_file bad.service '[Service]' Type=simple
    unit_file of@.service '[Service]' "ExecStart=/bin/sleep 100%i"
    unit_file late.service '[Unit]' After=multi-user.target '[Service]' "$sleeps" Restart=always
    unit_file some.timer '[Unit]' '[Timer]' OnActiveSec=1h Unit=other.service
    unit_file idle.socket '[Socket]' ListenStream=/run/idle '[Install]' WantedBy=sockets.target
    unit_file idle.service '[Service]' "$sleeps"
    unit_file "$(systemd-escape -p --suffix=mount "$work/other")" '[Mount]' What=tmpfs "Where=$work/other" Type=tmpfs
    ln -sf /dev/null "$work/units/masked.service"
}

unit_cases() {
    # It is no shell program: once is enough.
    [ -z "${unit_done:-}" ] || return 0
    unit_done=yes
    unit_life_cases
    unit_start_cases
    unit_stop_cases
    unit_warn_cases
    unit_bus_cases
    unit_trouble_cases
}

unit_life_cases() {
    case_run "unit monitor when stopped" 7 unit monitor other
    case_run "unit stop when never started" 0 unit stop other
    case_run "unit start" 0 unit start other
    case_run "unit start again" 0 unit start other
    case_run "unit runs once" 0 sh -c "[ \$(pgrep -xc sleep -P $one) = 1 ]"
    case_run "unit monitor" 0 often other
    case_run "unit is ordered before yoked" 0 inside sh -c "systemctl show -p Before other | grep yoked.service"
    case_run "unit needs no reload" 0 inside sh -c "systemctl show -p NeedDaemonReload other | grep =no"
    inside systemctl kill -s KILL other
    sleep 0.1
    case_run "unit monitor when killed" 7 often other
    case_run "unit says how it ended" 0 said "ended by a signal (Killed)"
    case_run "unit start after a failure" 0 unit start other
    case_run "unit stop" 0 unit stop other
    case_run "unit stop again" 0 unit stop other
    case_run "unit monitor when stopped" 7 unit monitor other.service
    case_run "unit start of a template" 0 unit start of@7
    case_run "unit: another instance" 7 unit monitor of@8.service
    case_run "unit stop of a template" 0 unit stop of@7
    case_run "unit start of a timer" 0 unit start some.timer
    case_run "unit monitor of a timer" 0 often some.timer
    case_run "unit stop of a timer" 0 unit stop some.timer
    mounted=$(systemd-escape -p --suffix=mount "$work/other")
    case_run "unit start of a mount" 0 unit start "$mounted"
    case_run "unit has mounted it" 0 inside grep " $work/other " /proc/mounts
    case_run "unit stop of a mount" 0 unit stop "$mounted"
    case_run "unit has unmounted it" 1 inside grep " $work/other " /proc/mounts
    case_run "unit start of a socket" 0 unit start idle.socket
    case_run "unit monitor of a socket" 0 often idle.socket
    case_run "unit stop of a socket" 0 unit stop idle.socket
}

unit_start_cases() {
    case_run "unit start waits until it is ready" 0 unit start slow
    case_run "unit is ready" 0 inside systemctl is-active slow
    case_run "unit stop" 0 unit stop slow
    case_run "unit start that is never ready" 1 unit start never OCF_RESKEY_CRM_meta_timeout=2000
    case_run "unit says so" 0 said "never.service is still starting after 2000 ms: activating (start)"
    case_run "unit stop of it" 0 unit stop never
    case_run "unit start of a program that dies" 1 unit start dies
    case_run "unit says how" 0 said "ended with exit code 3"
    for _ in 1 2 3 4 5 6; do unit start dies 2>/dev/null; done
    case_run "unit start is not limited by systemd" 1 unit start dies
    case_run "unit says how" 0 said "ended with exit code 3"
    case_run "unit start of a failing oneshot" 1 unit start once
    case_run "unit says how" 0 said "ended with exit code 1"
    case_run "unit start of one that runs through" 1 unit start through
    case_run "unit says why" 0 said RemainAfterExit=yes
    case_run "unit start with a failing dependency" 1 unit start needs
    case_run "unit names it" 0 said "because once.service"
    case_run "unit start for a user that is not there" 1 unit start nobody
    case_run "unit says so" 0 said "did not start"
    case_run "unit start with a condition" 1 unit start notmet
    case_run "unit says why" 0 said "one of its Condition settings"
    for action in start monitor; do
        case_run "unit $action of a masked one" 5 unit $action masked
        case_run "unit says so" 0 said "masked"
        case_run "unit $action of one that is not there" 5 unit $action nonesuch
        case_run "unit says so" 0 said "there is no unit nonesuch.service"
        case_run "unit $action of one with faults" 5 unit $action bad
        case_run "unit says so" 0 said "bad-setting"
        case_run "unit $action of a template without an instance" 6 unit $action of@
        case_run "unit $action of no name" 6 unit $action "a b/c"
    done
    case_run "unit stop of a masked one" 0 unit stop masked
    case_run "unit stop of one that is not there" 0 unit stop nonesuch
    case_run "unit stop of one with faults" 0 unit stop bad
    case_run "unit knows no promotion" 3 unit promote other
    unit start slow OCF_RESKEY_CRM_meta_timeout=4000 2>"$work/away" &
    sleep 0.2
    inside systemctl stop slow
    wait $! && : >"$work/away"
    case_run "unit start that somebody calls off" 0 grep "called off\|did not start" "$work/away"
    unit start slow &
    sleep 0.2
    case_run "unit monitor waits for the start of another" 0 unit monitor slow
    wait $!
    unit stop slow
    unit start slow &
    sleep 0.2
    inside systemctl daemon-reexec
    wait $!
    case_run "unit start over a new life of systemd" 0 sh -c "exit $?"
    case_run "unit is ready" 0 inside systemctl is-active slow
    case_run "unit stop" 0 unit stop slow
}

unit_stop_cases() {
    case_run "unit start" 0 unit start stubborn
    case_run "unit stop of one that refuses" 0 unit stop stubborn OCF_RESKEY_CRM_meta_timeout=1500
    case_run "unit start" 0 unit start stubborn
    case_run "unit stop by force" 0 timeout 5 nsenter -t "$one" -m -p -C -- \
        env OCF_YOKE_FORCE=yes OCF_RESKEY_CRM_meta_timeout=20000 "$program" stop stubborn
    case_run "unit start" 0 unit start leaves
    case_run "unit stop" 0 unit stop leaves
    case_run "unit leaves nothing" 1 inside pgrep -f "trap : TERM"
    # While yoked is stopped, systemd holds all of this back until it is gone.
    unit_file yoked.service '[Service]' "$sleeps" TimeoutStopSec=8 \
        "ExecStop=/usr/bin/env OCF_RESKEY_CRM_meta_timeout=3000 $program stop other"
    inside systemctl daemon-reload
    inside systemctl start yoked
    case_run "unit start" 0 unit start other
    inside systemctl stop yoked
    case_run "unit stops while yoked does, without being killed" 0 inside sh -c "systemctl is-active other | grep -x inactive"
    case_run "and yoked has not waited for it" 0 inside sh -c "systemctl show -p Result yoked | grep success"
    inside systemctl start yoked
    case_run "unit start" 0 unit start other
    inside systemctl --job-mode=replace-irreversibly stop yoked other
    case_run "unit stops when the machine goes down, without being killed" 0 inside sh -c "systemctl is-active other | grep -x inactive"
    case_run "and yoked has not waited for it" 0 inside sh -c "systemctl show -p Result yoked | grep success"
    rm "$work/units/yoked.service"
}

unit_warn_cases() {
    case_run "unit start" 0 unit start plain
    case_run "unit is not restarted by systemd" 0 inside sh -c "systemctl show -p Restart plain | grep =no"
    case_run "unit monitor" 0 often plain
    case_run "unit that is ordered after all" 0 unit start late
    case_run "unit is in no circle" 1 inside sh -c "systemctl show -p Before late | grep yoked.service"
    case_run "unit is not restarted by systemd" 0 inside sh -c "systemctl show -p Restart late | grep =no"
    case_run "unit stop" 0 unit stop late
    inside rm "/run/systemd/system/plain.service.d/50-yoke.conf"
    case_run "unit monitor without its drop-in" 0 often plain
    case_run "unit has it again" 0 inside sh -c "systemctl show -p DropInPaths -p NeedDaemonReload plain | grep -c 'yoke\|=no' | grep 2"
    unit_file plain.service '[Unit]' Description=changed '[Service]' "$sleeps" Restart=always '[Install]' WantedBy=multi-user.target
    case_run "unit monitor when somebody edits it" 0 often plain
    case_run "unit is not read anew by a monitor" 0 inside sh -c "systemctl show -p NeedDaemonReload plain | grep =yes"
    mkdir "$work/units/plain.service.d"
    unit_file plain.service.d/99-own.conf '[Service]' Restart=always RestartSec=1min
    inside systemctl daemon-reload
    case_run "unit that is restarted by systemd" 190 often plain
    case_run "unit says so" 0 said "Restart=always"
    inside systemctl kill -s KILL plain
    sleep 0.1
    case_run "unit that systemd is about to restart" 1 often plain
    case_run "unit says so" 0 said "about to restart it"
    case_run "unit stop" 0 unit stop plain
    case_run "unit monitor" 7 unit monitor plain
    rm -r "$work/units/plain.service.d"
    inside systemctl daemon-reload
    case_run "unit start" 0 unit start plain
    mkdir -p "$work/units/multi-user.target.wants"
    ln -sf ../plain.service "$work/units/multi-user.target.wants/plain.service"
    inside systemctl daemon-reload
    case_run "unit that starts at boot" 190 often plain
    case_run "unit says so" 0 said "systemctl disable plain.service"
    case_run "unit: a probe does not" 0 unit monitor plain
    case_run "unit stop" 0 unit stop plain
}

# Where process 1 has no socket of its own for us, the bus is used.
unit_bus_cases() {
    if ! command -v dbus-daemon >/dev/null || ! id messagebus >/dev/null 2>&1; then
        echo "skipped unit over the system bus: there is no dbus-daemon here"
        return
    fi
    unit_file dbus.socket '[Unit]' DefaultDependencies=no '[Socket]' ListenStream=/run/dbus/system_bus_socket
    unit_file dbus.service '[Unit]' DefaultDependencies=no Requires=dbus.socket '[Service]' Type=notify NotifyAccess=main \
        "ExecStart=$(command -v dbus-daemon) --system --address=systemd: --nofork --nopidfile --systemd-activation --syslog-only"
    inside systemctl daemon-reload
    inside systemctl start dbus.socket dbus.service
    for _ in $(seq 50); do
        inside busctl --system status org.freedesktop.systemd1 >/dev/null 2>&1 && break
        sleep 0.1
    done
    case_run "unit start over the bus" 0 unit_with /dev/null start
    case_run "unit is active" 0 inside systemctl is-active other
    case_run "unit monitor over the bus" 0 unit_with /dev/null monitor
    case_run "unit stop over the bus" 0 unit_with /dev/null stop
    case_run "unit is not active" 3 inside systemctl is-active other
    case_run "unit start of a dying one over the bus" 1 unit_with /dev/null start dies
    case_run "unit says how" 0 said "ended with exit code 3"
    inside systemctl stop dbus.service dbus.socket
}

unit_trouble_cases() {
    case_run "unit start" 0 unit start other
    case_run "unit monitor" 0 often other
    main=$(inside systemctl show -P MainPID other)
    kill -STOP "$one"
    case_run "unit monitor, and systemd hangs" 190 often other OCF_RESKEY_CRM_meta_timeout=400
    case_run "unit says so" 0 said "still has its processes, but systemd does not answer"
    case_run "unit probe, and systemd hangs" 1 unit monitor other OCF_RESKEY_CRM_meta_timeout=400
    case_run "unit start, and systemd hangs" 1 unit start other OCF_RESKEY_CRM_meta_timeout=400
    case_run "unit says so" 0 said "systemd does not answer"
    inside kill -KILL "$main"
    case_run "unit is killed, and systemd hangs" 1 often other OCF_RESKEY_CRM_meta_timeout=400
    kill -CONT "$one"
    case_run "unit monitor" 7 often other
    case_run "unit start" 0 unit start leaves
    kill -STOP "$one"
    case_run "unit stop by force, and systemd hangs" 0 unit stop leaves OCF_YOKE_FORCE=yes OCF_RESKEY_CRM_meta_timeout=400
    case_run "unit leaves nothing" 1 inside pgrep -f "trap : TERM"
    kill -CONT "$one"
    case_run "unit monitor" 7 unit monitor leaves
    case_run "unit start" 0 unit start other
    for mood in mute closes silent drops noise full; do
        "$cases/standin/process1" "$work/private.$mood" $mood &
        standin=$!
        until [ -S "$work/private.$mood" ]; do sleep 0.02; done
        sleep 0.1
        for what in monitor:190 start:1 stop:1; do
            case_run "unit ${what%:*}, process 1: $mood" "${what#*:}" unit_with "$work/private.$mood" "${what%:*}"
        done
        kill $standin
        wait $standin 2>/dev/null
    done
    case_run "unit monitor" 0 often other
    case_run "unit stop" 0 unit stop other
    # Without systemd nothing can be a unit.
    case_run "unit start without systemd" 5 "$program" start other
    case_run "unit says so" 0 said "systemd did not start this machine"
    case_run "unit monitor without systemd" 5 "$program" monitor other
    case_run "unit stop without systemd" 0 "$program" stop other
}

# unit_with SOCKET ACTION [UNIT]: as if process 1 listened there.
unit_with() {
    limit=3000
    [ "$1" = /dev/null ] || limit=200
    nsenter -t "$one" -m -p -C -- unshare -m sh -c 'mount --bind "$0" /run/systemd/private && exec "$@"' "$1" \
        env OCF_RESOURCE_INSTANCE=r "OCF_YOKE_RUN_DIR=$work" OCF_RESKEY_CRM_meta_timeout=$limit \
        OCF_RESKEY_CRM_meta_interval=10000 timeout 5 "$program" "$2" "${3:-other}"
}
