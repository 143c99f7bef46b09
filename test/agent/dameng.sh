# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2154,SC2034 # sourced by test/agent/run, which says what such a file has
# dameng: cases with stand-ins for dmserver, dmwatcher, disql and the vendor's service script.
dameng_types=dameng

dameng_make() {
    [ -x /usr/bin/python3 ] || { echo "there is no python3 here" && return 1; }
    getent passwd dmdba >/dev/null || dm_user=user=nobody
    dmowner=${dm_user#user=}
    dmowner=${dmowner:-dmdba}
    mkdir -p "$work/dm/bin/pids"
    for name in dmserver disql; do cp "$cases/standin/$name" "$work/dm/bin/"; done
    ln "$work/dm/bin/dmserver" "$work/dm/bin/dmwatcher"
    number=5236
    for at in "$work/dma" "$work/dmb"; do
        mkdir -p "$at"
        printf 'INSTANCE_NAME = DM%s # its name\nPORT_NUM\t= %s\n' $number $number >"$at/dm.ini"
        echo "$number $at" >>"$work/dm/servers"
        echo 'p@ss "w0rd' >"$at/password"
        number=$((number + 1))
    done
    sed "s|%INI_PATH%|$work/dma/dm.ini|" "$cases/standin/DmService" >"$work/dm/bin/DmServiceA"
    chmod 755 "$work/dm/bin/DmServiceA"
    chown -R "$dmowner" "$work/dm" "$work/dma" "$work/dmb"
}

dameng_tester() { tester dameng "ini=$work/dma/dm.ini" "home=$work/dm" "user=$dmowner"; }

# dm_pid DIR [NAME]: the process of that instance.
dm_pid() { pgrep -f "^/usr/bin/python3 [^ ]*/${2:-dmserver} path=$1/"; }

dm_force() { (export OCF_YOKE_FORCE=1 && agent dameng stop "$@"); }

dm_gone() { while [ -n "$(dm_pid "$1" "${2:-}")" ]; do sleep 0.02; done; }

# dm_cases WAY NAME=VALUE...: what must hold for both ways of starting it.
dm_cases() {
    way=$1
    shift
    case_run "dameng $way: monitor when stopped" 7 agent dameng monitor "$@"
    case_run "dameng $way: stop when never started" 0 agent dameng stop "$@"
    case_run "dameng $way: start" 0 agent dameng start "$@"
    case_run "dameng $way: start again" 0 agent dameng start "$@"
    case_run "dameng $way: one server only" 0 [ "$(dm_pid "$work/dma" | wc -l)" = 1 ]
    case_run "dameng $way: monitor" 0 agent dameng monitor "$@"
    case_run "dameng $way: runs as its user" 0 [ "$(stat -c %U "/proc/$(dm_pid "$work/dma")")" = "$dmowner" ]
    echo deaf >"$work/dma/mood"
    case_run "dameng $way: stop of a deaf one ends" 0 agent dameng stop "$@" stop_wait=1
    case_run "dameng $way: it has ended" 7 agent dameng monitor "$@"
    case_run "dameng $way: its stop command, too" 1 pgrep -f "DmServiceA stop"
    rm -f "$work/dma/mood"
    case_run "dameng $way: start after a crash" 0 agent dameng start "$@"
    kill -9 "$(dm_pid "$work/dma")"
    dm_gone "$work/dma"
    rm -f "$work/dma/state"
    case_run "dameng $way: killed outside" 7 agent dameng monitor "$@"
    case_run "dameng $way: stop after that" 0 agent dameng stop "$@"
    echo slow >"$work/dma/mood"
    (for pair in "$@"; do export "OCF_RESKEY_${pair%%=*}=${pair#*=}"; done
    OCF_RESOURCE_INSTANCE=case-dameng exec "$shell" "$agents/dameng" start 2>/dev/null) &
    begun=$!
    until [ -n "$(dm_pid "$work/dma")" ]; do sleep 0.02; done
    kill -9 $begun
    wait $begun 2>/dev/null
    case_run "dameng $way: killed in mid-start starts" 0 agent dameng start "$@"
    case_run "dameng $way: still one server" 0 [ "$(dm_pid "$work/dma" | wc -l)" = 1 ]
    rm -f "$work/dma/mood"
    case_run "dameng $way: stop" 0 agent dameng stop "$@"
    case_run "dameng $way: stop again" 0 agent dameng stop "$@"
    echo falls >"$work/dma/mood"
    case_run "dameng $way: fails to start" 1 agent dameng start "$@"
    case_run "dameng $way: says why" 0 said "did not start"
    rm -f "$work/dma/mood"
}

dm_state_cases() {
    case_run "dameng start" 0 agent dameng start "$@"
    case_run "dameng: another instance sees nothing of it" 7 agent_as other dameng monitor "$@" "ini=$work/dmb/dm.ini"
    case_run "dameng: another instance starts beside it" 0 agent_as other dameng start "$@" "ini=$work/dmb/dm.ini"
    case_run "dameng: another instance stops alone" 0 agent_as other dameng stop "$@" "ini=$work/dmb/dm.ini"
    case_run "dameng still runs" 0 agent dameng monitor "$@"
    for state in MOUNT SUSPEND; do
        echo "$state,NORMAL" >"$work/dma/state"
        case_run "dameng at $state is not well" 1 agent dameng monitor "$@"
    done
    case_run "dameng says that it is suspended" 0 said "it is suspended"
    echo OPEN,NORMAL >"$work/dma/state"
    for mood in refuses refusezh noview; do
        echo $mood >"$work/dma/mood"
        case_run "dameng whose monitor is not let in ($mood) is alarmed" 190 agent dameng monitor "$@"
        case_run "dameng says that login is to be mended ($mood)" 0 said "mend login"
    done
    case_run "dameng that refuses the view is up" 0 agent dameng start "$@"
    echo hang >"$work/dma/mood"
    case_run "dameng that hangs" 1 agent dameng monitor "$@" wait=1
    case_run "dameng says so" 0 said "did not tell its state"
    case_run "dameng: no disql is left behind" 1 pgrep -f bin/disql
    echo broken >"$work/dma/mood"
    case_run "dameng without a working disql nor a port" 1 agent dameng monitor "$@"
    rm -f "$work/dma/mood"
    # The password: by a file, and never to be seen.
    install -m 600 -o "$dmowner" "$work/dma/password" "$work/secret"
    case_run "dameng with a password" 0 agent dameng monitor "$@" login=SYSDBA "password_file=$work/secret"
    echo wrong >"$work/secret"
    case_run "dameng with a wrong password" 190 agent dameng monitor "$@" login=SYSDBA "password_file=$work/secret"
    cp "$work/dma/password" "$work/secret"
    echo hang >"$work/dma/mood"
    agent dameng monitor "$@" login=SYSDBA "password_file=$work/secret" wait=1 2>/dev/null &
    watched=$!
    until pgrep -f bin/disql >/dev/null; do sleep 0.02; done
    case_run "dameng: the process list shows no password" 1 \
        sh -c 'cat /proc/[0-9]*/cmdline /proc/[0-9]*/environ 2>/dev/null | grep -aq "[w]0rd"'
    wait $watched
    rm -f "$work/dma/mood"
    echo deaf >"$work/dma/mood"
    case_run "dameng stop by force" 0 dm_force "$@"
    case_run "dameng is gone by force" 7 agent dameng monitor "$@"
    rm -f "$work/dma/mood"
    case_run "dameng start after force" 0 agent dameng start "$@"
    case_run "dameng stop" 0 agent dameng stop "$@"
    echo mounted >"$work/dma/mood"
    case_run "dameng that stays at MOUNT is opened" 0 agent dameng start "$@"
    case_run "dameng is open then" 0 agent dameng monitor "$@"
    rm -f "$work/dma/mood"
    case_run "dameng stop of that" 0 agent dameng stop "$@"
}

dm_dsc_cases() {
    (cd /; exec setsid "$work/dm/bin/dmserver" "path=$work/dma/dm.ini" dcr_ini=/dcr.ini >/dev/null 2>&1) &
    until [ -e "$work/dma/state" ]; do sleep 0.02; done
    case_run "dameng of DMDSC is not ours" 7 agent dameng monitor "$@"
    case_run "dameng of DMDSC is not started" 6 agent dameng start "$@"
    case_run "dameng of DMDSC is said so" 0 said DMDSC
    case_run "dameng of DMDSC is not stopped" 0 agent dameng stop "$@"
    case_run "dameng of DMDSC lives on" 0 [ -n "$(dm_pid "$work/dma")" ]
    kill "$(dm_pid "$work/dma")"
    dm_gone "$work/dma"
}

dameng_cases() {
    set -- "ini=$work/dma/dm.ini" "home=$work/dm" "user=$dmowner"
    dm_cases dmserver "$@"
    echo 1 >"$work/dm/bin/pids/DmServiceA.pid"
    dm_cases service "$@" service=DmServiceA
    dm_state_cases "$@"
    dm_dsc_cases "$@"
    case_run "dameng without an ini" 6 agent dameng validate-all "home=$work/dm"
    case_run "dameng with a relative ini" 6 agent dameng validate-all "$@" ini=dm.ini
    case_run "dameng with a password on the line" 6 agent dameng validate-all "$@" login=SYSDBA/SYSDBA
    case_run "dameng with a wrong number" 6 agent dameng validate-all "$@" wait=soon
    case_run "dameng without a program" 5 agent dameng start "$@" home=/nonesuch
    case_run "dameng without its service" 5 agent dameng start "$@" service=DmServiceX
    case_run "dameng without data" 5 agent dameng start "$@" "ini=$work/other/dm.ini"
    case_run "dameng without a program is stopped" 0 agent dameng stop "$@" home=/nonesuch
}
