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
    for name in dmserver disql dmmonitor; do cp "$cases/standin/$name" "$work/dm/bin/"; done
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

dameng_tester() {
    tester dameng "ini=$work/dma/dm.ini" "home=$work/dm" "user=$dmowner"
    dw_make
    # A primary would come back as one; the tester wants each start unpromoted.
    echo returns >"$work/dmb/mood"
    set -- dameng "ini=$work/dmb/dm.ini" "home=$work/dm" "user=$dmowner" "watcher=$work/dmb/dmwatcher.ini" \
        "monitor_ini=$work/dmb/dmmonitor.ini" login=SYSDBA "password_file=$work/secret" CRM_meta_promotable=true
    tester "$@"
    dw_end
}

# Data Watch of two: DM5236 in dma the primary, DM5237 in dmb its standby.
dw_make() {
    install -m 600 -o "$dmowner" "$work/dma/password" "$work/secret"
    for at in "$work/dma" "$work/dmb"; do
        printf '[GRP1]\nDW_MODE = MANUAL\nINST_INI = %s # its\nINST_AUTO_RESTART = %s\n' "$at/dm.ini" "${1:-0}" >"$at/dmwatcher.ini"
        printf '[GRP1]\nMON_DW_CONFIRM = 0\n' >"$at/dmmonitor.ini"
    done
    echo PRIMARY >"$work/dma/mode"
    echo STANDBY >"$work/dmb/mode"
    rm -f "$work"/dm[ab]/rstat "$work/dm/said"
    chown -R "$dmowner" "$work/dma" "$work/dmb"
}

dw_end() { rm -f "$work"/dm[ab]/mode "$work"/dm[ab]/mood "$work"/dm[ab]/rstat; }

# one ACTION [NAME=VALUE...]: of the instance in dma; two: of that in dmb.
one() { dw_agent one "$work/dma" "$@"; }
two() { dw_agent two "$work/dmb" "$@"; }

dw_agent() {
    dw_name=$1 dw_at=$2 dw_action=$3
    shift 3
    agent_as "$dw_name" dameng "$dw_action" "home=$work/dm" "user=$dmowner" "ini=$dw_at/dm.ini" CRM_meta_promotable=true \
        "watcher=$dw_at/dmwatcher.ini" "monitor_ini=$dw_at/dmmonitor.ini" login=SYSDBA "password_file=$work/secret" "$@"
}

dw_score() { [ "$(cat "$work/score")" = "$1" ]; }

dw_cases() {
    dw_make
    export OCF_YOKE_PROMOTION="$work/score"
    case_run "datawatch: a start of the primary" 0 one start
    case_run "datawatch: its watcher runs" 0 [ -n "$(pgrep -f "dmwatcher path=$work/dma/")" ]
    case_run "datawatch: a start of the standby" 0 two start
    case_run "datawatch: the primary is promoted" 8 one monitor
    case_run "datawatch: a primary's score" 0 dw_score 100
    case_run "datawatch: the standby is not" 0 two monitor
    case_run "datawatch: a standby's score" 0 dw_score 50
    case_run "datawatch: promoting the primary changes nothing" 0 one promote
    case_run "datawatch: demoting the standby changes nothing" 0 two demote
    case_run "datawatch: no command was given" 1 [ -e "$work/dm/said" ]
    case_run "datawatch: a switchover by promote" 0 two promote
    case_run "datawatch: it is the primary" 8 two monitor
    case_run "datawatch: the other is not" 0 one monitor
    case_run "datawatch: it was a switchover" 0 grep -qx "switchover GRP1.DM5237" "$work/dm/said"
    case_run "datawatch: a switchover by demote" 0 two demote
    case_run "datawatch: it is the standby" 0 two monitor
    case_run "datawatch: the other is the primary" 8 one monitor
    case_run "datawatch: its promote finds all done" 0 one promote
    echo INVALID >"$work/dmb/rstat"
    rm -f "/run/resource-agents"/yoke-dameng-two.data
    case_run "datawatch: a standby that lacks data runs" 0 two monitor
    case_run "datawatch: and is not to be promoted" 0 dw_score -1000
    case_run "datawatch: nor by order" 1 two promote
    case_run "datawatch: a demote without a standby mounts it" 0 one demote
    case_run "datawatch: it is no primary then" 0 one monitor
    case_run "datawatch: a demote again" 0 one demote
    case_run "datawatch: and is mounted" 0 grep -q MOUNT,PRIMARY "$work/dma/state"
    case_run "datawatch: promote opens it" 0 one promote
    case_run "datawatch: it is the primary again" 8 one monitor
    kill -9 "$(dm_pid "$work/dma")"
    dm_gone "$work/dma"
    rm -f "$work/dma/state"
    case_run "datawatch: the primary was killed" 7 one monitor
    case_run "datawatch: no takeover without all data" 1 two promote
    case_run "datawatch: it says what to do" 0 said "touch "
    echo NULL >"$work/dmb/rstat"
    case_run "datawatch: no takeover when it lacked data and nobody knows now" 1 two promote
    echo VALID >"$work/dmb/rstat"
    case_run "datawatch: none while another is promoted" 1 two promote CRM_meta_notify_promoted_uname=elsewhere
    case_run "datawatch: a takeover" 0 two promote CRM_meta_notify_promoted_uname=elsewhere CRM_meta_notify_demote_uname=elsewhere
    case_run "datawatch: it was one" 0 grep -qx "takeover GRP1.DM5237" "$work/dm/said"
    case_run "datawatch: the new primary" 8 two monitor
    case_run "datawatch: the old one comes back as its standby" 0 one start
    case_run "datawatch: as that" 0 one monitor
    kill -9 "$(dm_pid "$work/dmb")"
    dm_gone "$work/dmb"
    rm -f "$work/dmb/state"
    echo INVALID >"$work/dma/rstat"
    : >"/run/resource-agents/yoke-dameng-one.lose-data"
    case_run "datawatch: a takeover by the operator's word" 0 one promote
    case_run "datawatch: it was by force" 0 grep -qx "takeover force GRP1.DM5236" "$work/dm/said"
    case_run "datawatch: the word is used up" 1 [ -e "/run/resource-agents/yoke-dameng-one.lose-data" ]
    echo SUSPEND,PRIMARY >"$work/dma/state"
    case_run "datawatch: a suspended primary has failed" 9 one monitor CRM_meta_timeout=3000
    echo OPEN,PRIMARY >"$work/dma/state"
    kill "$(pgrep -f "dmwatcher path=$work/dma/")"
    case_run "datawatch: a primary without its watcher is alarmed" 191 one monitor
    echo refuses >"$work/dma/mood"
    case_run "datawatch: a primary that refuses the monitor is one" 191 one monitor
    rm -f "$work/dma/mood"
    kill "$(dm_pid "$work/dma")"
    dm_gone "$work/dma"
    case_run "datawatch: the other comes back" 0 two start
    echo hang >"$work/dm/mood"
    case_run "datawatch: a hanging dmmonitor ends" 1 two promote CRM_meta_timeout=3000
    rm -f "$work/dm/mood"
    case_run "datawatch: stop of the primary" 0 one stop
    case_run "datawatch: stop of the other" 0 two stop
    case_run "datawatch: no watcher is left" 1 pgrep -x dmwatcher
    # A watcher that starts the instance itself: never beside it, and never after a stop.
    dw_make 1
    (cd /; exec setsid setpriv --reuid "$dmowner" --clear-groups "$work/dm/bin/dmwatcher" "path=$work/dma/dmwatcher.ini" >/dev/null 2>&1) &
    case_run "datawatch: a start by the watcher is waited for" 0 one start
    case_run "datawatch: one server only" 0 [ "$(dm_pid "$work/dma" | wc -l)" = 1 ]
    case_run "datawatch: stop ends the watcher first" 0 one stop
    sleep 0.5
    case_run "datawatch: nothing comes back" 7 one monitor
    unset OCF_YOKE_PROMOTION
    dw_end
}

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
    case_run "dameng that is not promotable" 3 agent dameng promote "$@"
    dw_cases
    case_run "dameng promotable without a watcher" 6 agent dameng validate-all "$@" CRM_meta_promotable=true
    case_run "dameng without an ini" 6 agent dameng validate-all "home=$work/dm"
    case_run "dameng with a relative ini" 6 agent dameng validate-all "$@" ini=dm.ini
    case_run "dameng with a password on the line" 6 agent dameng validate-all "$@" login=SYSDBA/SYSDBA
    case_run "dameng with a wrong number" 6 agent dameng validate-all "$@" wait=soon
    case_run "dameng without a program" 5 agent dameng start "$@" home=/nonesuch
    case_run "dameng without its service" 5 agent dameng start "$@" service=DmServiceX
    case_run "dameng without data" 5 agent dameng start "$@" "ini=$work/other/dm.ini"
    case_run "dameng without a program is stopped" 0 agent dameng stop "$@" home=/nonesuch
}
