# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2154,SC2034,SC2086 # sourced after yoke-server, before the agent's own part
# yoke-java: what agents of Java servers share; they differ in commands, texts and ports only.
# Happy path: the agent's java_set sets the variables below and calls java_commands. Its processes are found by their command lines: a directory that no other instance has in
# its own, as a whole path, in a process that is a JVM. A hung one is asked for a thread dump before it
# is killed. Fails: with what it said last.
#   java_dir      that directory; or
#   java_argument an argument that they have, whole, and java_cwd, the directory they work in
#   java_main     extended regular expression: an argument that a server has, whole; empty: any
#   java_helper   likewise for what belongs to it and is no server (a watchdog)
#   java_ready    what the output of a start must have before start believes in it

server_common root
home=${OCF_RESKEY_home:-}
java_home=${OCF_RESKEY_java_home:-}
port=${OCF_RESKEY_port:-}
http=${OCF_RESKEY_http:-}
text=${OCF_RESKEY_text:-}
wait_s=${OCF_RESKEY_wait:-10}
java_dir='' java_argument='' java_cwd='' java_main='' java_helper='' java_ready='' java_env='' java_pids=''

# java_meta HOME PORT: parameters that all of them have.
java_meta() {
    yoke_meta_param home 0 0 string "$1" "Installation" "安装目录" \
        "Directory that it is installed in." "软件的安装目录。"
    yoke_meta_param java_home 0 0 string "" "JAVA_HOME" "JAVA_HOME" \
        "JAVA_HOME for its commands; by default what its own files and the login profile say." \
        "其命令使用的 JAVA_HOME；默认以其自身文件和登录配置为准。"
    yoke_meta_param port 0 0 integer "$2" "Port" "端口" \
        "Port on this node that must take connections." "本节点上必须可以连接的端口。"
    yoke_meta_param http 0 0 string "" "Web page" "网页地址" \
        "URL that must answer. Ask the application itself, on an address that is always on this node." \
        "必须有应答的网址。建议检查应用自身的网页，并使用始终在本节点上的地址。"
    yoke_meta_param text 0 0 string "" "Expected text" "期望文本" \
        "Extended regular expression that the page must have; by default any answer but an error will do." \
        "网页中必须出现的文本（扩展正则表达式）；默认只要应答不是错误即可。"
    yoke_meta_param wait 0 0 integer 10 "Patience with an answer, s" "应答超时（秒）" \
        "Seconds within which it must answer; a full garbage collection must fit in." \
        "必须在此秒数内应答；应大于一次完整垃圾回收的时间。"
    yoke_meta_param start 0 0 string "" "Start command" "启动命令" \
        "Shell command instead of its usual start script." "代替其通常启动脚本的 shell 命令。"
    yoke_meta_param stop 0 0 string "" "Stop command" "停止命令" \
        "Shell command instead of its usual stop." "代替其通常停止方式的 shell 命令。"
    server_meta_common root
}

# java_export NAME VALUE: for the commands.
java_export() {
    [ -z "$2" ] || java_env="$java_env$1=$(server_quote "$2"); export $1; "
}

# java_commands START STOP: unless the user knows better.
java_commands() {
    java_export JAVA_HOME "$java_home"
    server_begin=$java_env${OCF_RESKEY_start:-$1}
    server_finish=${OCF_RESKEY_stop:-$2}
    [ -z "$server_finish" ] || server_finish=$java_env$server_finish
}

# java_validate NAME VALUE...: absolute paths.
java_validate() {
    while [ $# -gt 1 ]; do
        case $2 in
        '') yoke_fail $OCF_ERR_CONFIGURED "$1 is missing: the directory" ;;
        /*) ;;
        *) yoke_fail $OCF_ERR_CONFIGURED "$1=$2 is not an absolute path" ;;
        esac
        shift 2
    done
    yoke_number wait "$wait_s" 1 3600
    [ -z "$port" ] || yoke_number port "$port" 1 65535
    [ -z "$text" ] || [ -n "$http" ] || yoke_fail $OCF_ERR_CONFIGURED "text=$text is expected of no page: http is missing"
    case $http in
    '' | http://?* | https://?*) ;;
    *) yoke_fail $OCF_ERR_CONFIGURED "http=$http is not an URL: it begins with http:// or https://" ;;
    esac
    [ -z "$http" ] || command -v curl >/dev/null 2>&1 || command -v wget >/dev/null 2>&1 ||
        yoke_fail $OCF_ERR_INSTALLED "neither curl nor wget is installed on this node, and http needs one of them"
    [ -z "$java_home" ] || [ "$yoke_action" != start ] || [ -x "$java_home/bin/java" ] ||
        yoke_fail $OCF_ERR_INSTALLED "there is no $java_home/bin/java on this node; mend java_home"
    server_validate
}

# java_script FILE...: the first of them that can be run is set in script; for a start one must be there.
java_script() {
    for script in "$@"; do [ ! -x "$script" ] || return 0; done
    [ "$yoke_action" != start ] || [ -n "${OCF_RESKEY_start:-}" ] || yoke_fail $OCF_ERR_INSTALLED \
        "there is no $1 on this node (is its file system mounted? is home right?)"
}

# ---- its processes ---------------------------------------------------------------------------

# Sets escaped: a text as part of an extended regular expression.
java_escape() {
    escaped=$(printf '%s' "$1" | sed 's/[][\\.*^$+?(){}|]/\\&/g')
}

server_find() {
    others=$pids pids=''
    if [ -n "$java_argument" ]; then
        pids_of cmdline -Fx <<FIND
$java_argument
FIND
    else
        java_escape "$java_dir"
        within=$escaped
        real=$(cd "$java_dir" 2>/dev/null && pwd -P) || real=$java_dir
        [ "$real" = "$java_dir" ] || { java_escape "$real" && within="($within|$escaped)"; }
        pids_of cmdline -Ex <<FIND
(.*[=:,;@ "'])?$within(/*|/.*|[:,; "'].*)
FIND
    fi
    found_pids=$pids pids=$others java_pids=''
    for found in $found_pids; do
        java_is_jvm "$found" || continue
        if [ -z "$java_main" ] || java_has "$found" "$java_main"; then
            java_pids="$java_pids $found"
        elif [ -z "$java_helper" ] || ! java_has "$found" "$java_helper"; then
            continue
        fi
        pid_add "$found"
    done
    [ -n "$pids" ]
}

java_is_jvm() {
    yoke_comm "$1" || return 1
    case $comm in java | jsvc | jsvc.exec) ;; *) return 1 ;; esac
    [ -z "$java_cwd" ] && return 0
    # The kernel's word has no links in it.
    [ "$(readlink "/proc/$1/cwd" 2>/dev/null)" = "$(cd "$java_cwd" 2>/dev/null && pwd -P)" ]
}

java_has() {
    printf '%s\n' "$2" | grep -qz -Ex -f - "/proc/$1/cmdline" 2>/dev/null
}

# ---- questions -------------------------------------------------------------------------------

server_check() {
    if [ -z "$java_pids" ]; then
        why="its watchdog runs, and the server does not:$pids"
        return 1
    fi
    [ -z "$port" ] || server_tcp 127.0.0.1 "$port" "$wait_s" || return 1
    [ -z "$http" ] || server_http "$http" "$text" "$wait_s" || return 1
    if [ -n "$java_ready" ] && [ -n "$java_launched" ] && ! grep -qE -e "$java_ready" "$server_log"; then
        why="its output has no \"$java_ready\" yet"
        return 1
    fi
}

server_rest() { [ -z "$(java_left)" ]; }

# Servers among what still runs.
java_left() {
    for found in $alive; do
        java_is_jvm "$found" || continue
        if [ -z "$java_main" ] || java_has "$found" "$java_main"; then echo "$found"; fi
    done
}

# A thread dump of each server, where its output goes; at most two seconds.
server_last() {
    for found in $java_pids; do
        output=$(readlink "/proc/$found/fd/1" 2>/dev/null) || output=
        [ -f "$output" ] || continue
        dumped=$(wc -c <"$output")
        kill -QUIT "$found" 2>/dev/null || continue
        if yoke_until 200 java_has_dumped; then
            yoke_log "the thread dump of process $found is in $output"
        else
            yoke_log "process $found gave no thread dump in 2 s"
        fi
    done
}

# The last section of a dump tells of JNI references or the heap.
java_has_dumped() {
    tail -c "+$((dumped + 1))" "$output" 2>/dev/null | grep -q 'JNI global ref'
}

# ---- actions ---------------------------------------------------------------------------------

agent_start() {
    java_set
    java_launched=yes
    pids=
    if server_find; then
        java_launched=
        # A watchdog alone would be taken for a start that is under way.
        if [ -z "$java_pids" ]; then
            yoke_log "ending what is left of an earlier one:$pids"
            server_finish=
            server_stop
            java_launched=yes
        fi
    fi
    # Without port, page and text to wait for, it must at least live for a second.
    [ -n "$port$http$java_ready" ] || server_settle_cs=100
    server_start
}

agent_monitor() {
    java_launched=
    java_set
    server_monitor
}

agent_stop() {
    java_set
    server_stop
}
