# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2154,SC2034 # sourced by test/agent/run, which says what such a file has
# tomcat: cases with a real Tomcat.
tomcat_types=tomcat

tomcat_make() {
    tomcat_home=
    for dir in /usr/share/tomcat9 /usr/share/tomcat10 /usr/share/tomcat; do
        [ ! -x "$dir/bin/catalina.sh" ] || tomcat_home=$dir
    done
    [ -n "$tomcat_home" ] || { echo "there is no Tomcat here" && return 1; }
    command -v java >/dev/null || { echo "there is no Java here" && return 1; }
    for port in 7021 7022; do
        at=$work/tomcat$port
        mkdir -p "$at/conf" "$at/logs" "$at/temp" "$at/work" "$at/webapps/ROOT"
        echo "page of $port" >"$at/webapps/ROOT/index.html"
        cat >"$at/conf/server.xml" <<CONF
<Server port="-1"><Service name="Catalina">
<Connector port="$port" address="127.0.0.1" maxThreads="5" minSpareThreads="1"/>
<Engine name="Catalina" defaultHost="localhost"><Host name="localhost" appBase="webapps"/></Engine>
</Service></Server>
CONF
        cat >"$at/conf/web.xml" <<'CONF'
<web-app><servlet><servlet-name>default</servlet-name>
<servlet-class>org.apache.catalina.servlets.DefaultServlet</servlet-class></servlet>
<servlet-mapping><servlet-name>default</servlet-name><url-pattern>/</url-pattern></servlet-mapping>
<welcome-file-list><welcome-file>index.html</welcome-file></welcome-file-list></web-app>
CONF
        mkdir -p "$at/bin"
        echo 'CATALINA_OPTS="-Xmx48m -XX:+UseSerialGC -XX:TieredStopAtLevel=1"' >"$at/bin/setenv.sh"
        chown -R nobody "$at"
    done
}

tomcat_tester() { tester tomcat "home=$tomcat_home" "base=$work/tomcat7021" port=7021 user=nobody profile=no; }

# tomcat_pid PORT
tomcat_pid() { pgrep -f "[-]Dcatalina.base=$work/tomcat$1 .* start"; }

# On a machine that has much else to do the two seconds that it gets may be too short.
tomcat_dumped() { grep -q "Full thread dump" "$work/tomcat$1/logs/catalina.out" || said "no thread dump"; }

tomcat_none() { ! tomcat_pid "$1"; }

tomcat_cases() {
    set -- "home=$tomcat_home" "base=$work/tomcat7021" user=nobody profile=no wait=1 port=7021 \
        http=http://127.0.0.1:7021/ "text=page of 7021" "pidfile=$work/tomcat7021/pid"
    case_run "tomcat monitor when stopped" 7 agent tomcat monitor "$@"
    case_run "tomcat stop when never started" 0 agent tomcat stop "$@"
    # catalina.sh itself would refuse to start over this.
    echo $$ >"$work/tomcat7021/pid"
    case_run "tomcat start over a dead pid file" 0 agent tomcat start "$@"
    case_run "tomcat start again" 0 agent tomcat start "$@"
    case_run "tomcat runs once" 0 sh -c "[ \$(pgrep -fc '[-]Dcatalina.base=$work/tomcat7021 ') = 1 ]"
    case_run "tomcat runs as its user" 0 sh -c "[ \$(stat -c %U /proc/$(tomcat_pid 7021)) = nobody ]"
    case_run "tomcat monitor" 0 agent tomcat monitor "$@"
    case_run "tomcat without the text" 1 agent tomcat monitor "$@" text=nonesuch
    case_run "tomcat: another instance sees nothing of it" 7 agent_as other tomcat monitor "$@" "base=$work/tomcat702"
    case_run "tomcat: another instance sees nothing of it" 7 agent_as other tomcat monitor "$@" "base=$work/tomcat7022"
    kill -STOP "$(tomcat_pid 7021)"
    case_run "tomcat frozen" 1 agent tomcat monitor "$@"
    case_run "tomcat says so" 0 said "did not answer within 1 s"
    case_run "tomcat frozen is killed" 0 agent tomcat stop "$@" stop_wait=1
    case_run "tomcat frozen gives no dump, which is told" 0 said "no thread dump"
    case_run "tomcat: nothing is left" 0 tomcat_none 7021
    case_run "tomcat stopped" 7 agent tomcat monitor "$@"
    # The action is killed while the server is coming up.
    (OCF_RESOURCE_INSTANCE=case-tomcat OCF_RESKEY_home="$tomcat_home" OCF_RESKEY_base="$work/tomcat7021" \
        OCF_RESKEY_user=nobody exec "$shell" "$agents/tomcat" start 2>/dev/null) &
    begun=$!
    until tomcat_pid 7021 >/dev/null; do sleep 0.02; done
    kill -9 $begun
    wait $begun 2>/dev/null
    case_run "tomcat killed in mid-start starts" 0 agent tomcat start "$@"
    : >"$work/tomcat7021/logs/catalina.out"
    # A stop command that does nothing, and no patience with TERM: it is alive when it is to be killed.
    case_run "tomcat that does not end is killed" 0 agent tomcat stop "$@" stop=true stop_wait=0
    case_run "tomcat gave a thread dump, or it is told" 0 tomcat_dumped 7021
    case_run "tomcat stop again" 0 agent tomcat stop "$@"
    case_run "tomcat start" 0 agent tomcat start "$@"
    kill -9 "$(tomcat_pid 7021)"
    case_run "tomcat killed outside" 7 agent tomcat monitor "$@"
    sed -i 's/<Engine/<Nonsense/' "$work/tomcat7021/conf/server.xml"
    case_run "tomcat with a broken configuration" 1 agent tomcat start "$@"
    case_run "tomcat says why" 0 said "Nonsense\|server.xml\|did not start"
    sed -i 's/<Nonsense/<Engine/' "$work/tomcat7021/conf/server.xml"
    case_run "tomcat stop" 0 agent tomcat stop "$@"
    case_run "tomcat without a program" 5 agent tomcat start "$@" home=/nonesuch
    case_run "tomcat without a base" 5 agent tomcat start "$@" base=/nonesuch
    case_run "tomcat with a relative base" 6 agent tomcat validate-all "$@" base=tomcat
    case_run "tomcat with a wrong port" 6 agent tomcat validate-all "$@" port=http
}
