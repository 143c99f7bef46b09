# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2154,SC2034 # sourced by test/agent/run, which says what such a file has
# javaserver: cases of the Java servers that cannot be had, with stand-ins: a process with the command
# line of each, and start and stop scripts with the moods of the vendor's.
javaserver_types="tongweb apusic weblogic jboss resin"

javaserver_make() {
    command -v python3 >/dev/null || { echo "there is no python3 here" && return 1; }
    port=7030
    for kind in tongweb apusic aas weblogic jboss oldjboss resin; do
        # The name of the second begins with that of the first.
        for at in "$work/$kind" "$work/${kind}2"; do
            port=$((port + 1))
            "$cases/standin/javaserver" $kind "$at" $port
            echo $port >"$at/port"
            chown -R nobody "$at"
        done
    done
}

javaserver_tester() {
    tester weblogic "domain=$work/weblogic" "port=$(cat "$work/weblogic/port")" profile=no
    for tested in tongweb apusic jboss resin; do
        tester $tested "home=$work/$tested" "port=$(cat "$work/$tested/port")" profile=no
    done
}

# jvm_pids DIR
jvm_pids() { pgrep -f "java -Xmx64m -Dstandin.at=$1 "; }

jvm_none() { ! jvm_pids "$1"; }

# java_cases KIND TYPE PARAMETER [PARAMETER...]: in the parameters @ is the directory.
java_cases() {
    kind=$1 type=$2 at=$work/$1
    shift 2
    at2=$work/${kind}2
    for pair in "$@"; do
        set -- "$@" "$(echo "$pair" | sed "s|@|$at|")"
        shift
    done
    set -- "$@" user=nobody profile=no wait=1
    rm -f "$at/mood" "$at/stopped"
    port=$(cat "$at/port")
    case_run "$kind monitor when stopped" 7 agent "$type" monitor "$@" "port=$port"
    case_run "$kind stop when never started" 0 agent "$type" stop "$@"
    # The code is shared: one has all the moods.
    [ "$kind" != tongweb ] || echo slow >"$at/mood"
    set -- "$@" "port=$port" "http=http://127.0.0.1:$port/" "text=page of $at\$"
    case_run "$kind start" 0 agent "$type" start "$@"
    case_run "$kind start again" 0 agent "$type" start "$@"
    rm -f "$at/mood"
    case_run "$kind monitor" 0 agent "$type" monitor "$@"
    case_run "$kind: another instance sees nothing of it" 7 other_instance monitor "$@"
    case_run "$kind: another instance stops nothing of it" 0 other_instance stop "$@"
    [ "$kind" != tongweb ] || {
        echo hang >"$at/mood"
        case_run "$kind that hangs" 1 agent "$type" monitor "$@"
        case_run "$kind says so" 0 said "did not answer within 1 s"
        echo silent >"$at/mood"
    }
    case_run "$kind stop" 0 agent "$type" stop "$@" stop_wait=1
    case_run "$kind: nothing is left" 0 jvm_none "$at"
    case_run "$kind stop again" 0 agent "$type" stop "$@"
    echo "deaf loops" >"$at/mood"
    case_run "$kind start" 0 agent "$type" start "$@" "log=$at/logs/out"
    case_run "$kind that does not end is killed" 0 agent "$type" stop "$@" stop_wait=0
    case_run "$kind is asked for a thread dump" 0 said "the thread dump of process"
    case_run "$kind: nothing is left" 0 jvm_none "$at"
    [ "$kind" != tongweb ] || {
        echo asks >"$at/mood"
        case_run "$kind start" 0 agent "$type" start "$@"
        case_run "$kind with a stop script that asks" 0 agent "$type" stop "$@" stop_wait=1
        case_run "$kind: nothing is left" 0 jvm_none "$at"
    }
    rm -f "$at/mood"
    case_run "$kind start" 0 agent "$type" start "$@"
    # shellcheck disable=SC2046 # numbers
    kill -9 $(jvm_pids "$at")
    case_run "$kind killed outside" 7 agent "$type" monitor "$@"
    case_run "$kind stop" 0 agent "$type" stop "$@"
    case_run "$kind without a program" 5 agent "$type" start "$@" home=/nonesuch domain=/nonesuch
    case_run "$kind with a wrong port" 6 agent "$type" validate-all "$@" port=http
    case_run "$kind with a relative directory" 6 agent "$type" validate-all "$@" home=here "base=here" "domain="
}

# With the parameters of the other directory.
other_instance() {
    action=$1
    shift
    for pair in "$@"; do
        set -- "$@" "$(echo "$pair" | sed "s|=$at|=$at2|")"
        shift
    done
    agent_as other "$type" "$action" "$@"
}

resin_cases() {
    set -- "home=$work/resin" user=nobody profile=no "port=$(cat "$work/resin/port")"
    at=$work/resin
    case_run "resin start" 0 agent resin start "$@"
    was=$(cat "$at/server.pid")
    kill -9 "$was"
    until [ "$(cat "$at/server.pid")" != "$was" ]; do sleep 0.02; done
    begun_at=$(date +%s)
    case_run "resin is stopped with its watchdog, which starts servers again" 0 agent resin stop "$@"
    case_run "resin: its watchdog is not waited for" 0 test $(($(date +%s) - begun_at)) -lt 5
    case_run "resin: nothing is left" 0 jvm_none "$at"
    case_run "resin start" 0 agent resin start "$@"
    : >"$at/stopped"
    kill "$(cat "$at/server.pid")"
    until ! agent resin monitor "$@" >/dev/null 2>&1; do sleep 0.02; done
    sleep 0.1
    case_run "resin: a watchdog alone is not well" 1 agent resin monitor "$@"
    case_run "resin says so" 0 said "its watchdog runs, and the server does not"
    case_run "resin starts over a watchdog alone" 0 agent resin start "$@"
    case_run "resin stop" 0 agent resin stop "$@"
    case_run "resin: nothing is left" 0 jvm_none "$at"
}

javaserver_cases() {
    java_cases tongweb tongweb home=@
    java_cases apusic apusic home=@
    java_cases aas apusic home=@
    java_cases weblogic weblogic domain=@
    java_cases jboss jboss home=@
    java_cases oldjboss jboss home=@
    java_cases resin resin home=@
    resin_cases
    set -- "domain=$work/weblogic" user=nobody profile=no "port=$(cat "$work/weblogic/port")"
    case_run "weblogic managed server" 0 agent weblogic start "$@" name=one admin_url=t3://127.0.0.1:7001
    case_run "weblogic: another server of the domain is not it" 7 agent_as other weblogic monitor "$@" name=two
    case_run "weblogic managed server stops" 0 agent weblogic stop "$@" name=one
    case_run "weblogic that is not ready in time" 1 agent weblogic start "$@" ready=nonesuch CRM_meta_timeout=3000
    case_run "weblogic says what it waits for" 0 said 'has no "nonesuch" yet'
    case_run "weblogic stop" 0 agent weblogic stop "$@"
    echo falls >"$work/weblogic/mood"
    case_run "weblogic that falls" 1 agent weblogic start "$@"
    case_run "weblogic says why" 0 said "License has expired"
    rm "$work/weblogic/mood"
}
