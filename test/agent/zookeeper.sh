# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2154,SC2034 # sourced by test/agent/run, which says what such a file has
# zookeeper: cases with a real ZooKeeper.
zookeeper_types=zookeeper

zookeeper_make() {
    [ -x /usr/share/zookeeper/bin/zkServer.sh ] || { echo "there is no ZooKeeper here" && return 1; }
    for port in 7051 7052; do
        at=$work/zk$port
        mkdir -p "$at/data"
        printf 'tickTime=2000\ndataDir=%s\nclientPort=%s\nclientPortAddress=127.0.0.1\nadmin.enableServer=false\n' \
            "$at/data" $port >"$at/zoo.cfg"
        chown -R nobody "$at"
    done
    echo "SERVER_JVMFLAGS='-Xmx48m -XX:+UseSerialGC -XX:TieredStopAtLevel=1'; JMXDISABLE=true; ZOO_LOG_DIR=$work/zk7051" >"$work/zkenv"
}

zookeeper_tester() { tester zookeeper "config=$work/zk7051/zoo.cfg" user=nobody profile=no "envfile=$work/zkenv"; }

# zookeeper_pid PORT
zookeeper_pid() { pgrep -f "^[^ ]*java .*QuorumPeerMain $work/zk$1/zoo.cfg"; }

zookeeper_cases() {
    set -- "config=$work/zk7051/zoo.cfg" user=nobody profile=no "envfile=$work/zkenv" wait=1
    case_run "zookeeper monitor when stopped" 7 agent zookeeper monitor "$@"
    case_run "zookeeper stop when never started" 0 agent zookeeper stop "$@"
    case_run "zookeeper start" 0 agent zookeeper start "$@"
    case_run "zookeeper start again" 0 agent zookeeper start "$@"
    case_run "zookeeper monitor" 0 agent zookeeper monitor "$@"
    case_run "zookeeper: another instance sees nothing of it" 7 agent_as other zookeeper monitor "$@" "config=$work/zk7052/zoo.cfg"
    kill -STOP "$(zookeeper_pid 7051)"
    case_run "zookeeper frozen" 1 agent zookeeper monitor "$@"
    case_run "zookeeper says so" 0 said "did not answer srvr within 1 s"
    case_run "zookeeper frozen is killed" 0 agent zookeeper stop "$@" stop_wait=1
    case_run "zookeeper stopped" 7 agent zookeeper monitor "$@"
    (OCF_RESOURCE_INSTANCE=case-zookeeper OCF_RESKEY_config="$work/zk7051/zoo.cfg" OCF_RESKEY_envfile="$work/zkenv" \
        OCF_RESKEY_user=nobody OCF_RESKEY_profile=no exec "$shell" "$agents/zookeeper" start 2>/dev/null) &
    begun=$!
    until zookeeper_pid 7051 >/dev/null; do sleep 0.02; done
    kill -9 $begun
    wait $begun 2>/dev/null
    case_run "zookeeper killed in mid-start starts" 0 agent zookeeper start "$@"
    kill -9 "$(zookeeper_pid 7051)"
    case_run "zookeeper killed outside" 7 agent zookeeper monitor "$@"
    case_run "zookeeper start" 0 agent zookeeper start "$@"
    case_run "zookeeper stop" 0 agent zookeeper stop "$@"
    case_run "zookeeper stop again" 0 agent zookeeper stop "$@"
    case_run "zookeeper without a configuration" 5 agent zookeeper start "$@" config=/nonesuch
    case_run "zookeeper with a relative configuration" 6 agent zookeeper validate-all "$@" config=zoo.cfg
}
