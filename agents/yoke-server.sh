# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2154,SC2034,SC2086 # sourced after yoke-common, before the agent's own part
# yoke-server: what agents of programs share that are started by a command, run, and are stopped by
# another. Happy path: the agent sets the variables below, defines server_find and server_check, and
# calls server_start, server_stop, server_monitor. Fails: with the last words of the program.
#   server_name      what it is called in a sentence
#   server_begin     shell command that starts it; it may return, or stay as long as the program runs
#   server_finish    shell command that stops it; empty: TERM
#   server_user, server_dir, server_envfile, server_profile    whose it is, where, with what
#   server_log       what these commands print
#   server_grace     seconds for the stop command before TERM; empty: most of the time that is left
#   server_find      sets pids: its processes; false when there is none
#   server_check     is it well? If not: false, and why says it in half a sentence. Never hangs
#   server_words     file whose last words tell why it failed; by default server_log
#   server_rest      optional: true when only what the stop command leaves alone is left
#   server_last      optional: what is to be kept of a hung one before it is killed
# All that the start command leaves carries a mark in its environment, which is how a whole tree is
# found again when parents have died: YOKE_SERVER=TYPE.INSTANCE.

server_mark="YOKE_SERVER=${0##*/}.$OCF_RESOURCE_INSTANCE"
server_user='' server_dir='' server_envfile='' server_profile=no server_begin='' server_finish=''
server_log='' server_words='' server_grace='' server_settle_cs=0 server_name=${0##*/}
why='' pids='' tree='' launcher='' answer=''
trap '[ -z "$answer" ] || rm -f "$answer"' EXIT

# ---- parameters that all of them have --------------------------------------------------------

server_meta_common() {
    yoke_meta_param user 0 0 string "$1" "User" "运行用户" \
        "System user that runs it; by default root." "运行该程序的系统用户；默认为 root。"
    yoke_meta_param envfile 0 0 string "" "Environment file" "环境变量文件" \
        "File in shell syntax that is read by that user before each command: variables (passwords belong here), ulimit." \
        "以 shell 语法书写的文件，执行每条命令前由该用户读取：环境变量（口令请写在此处）、ulimit。"
    yoke_meta_param profile 0 0 boolean yes "Login profile" "读取登录配置" \
        "Read /etc/profile and the user's own profile before each command, as after a login." \
        "执行每条命令前读取 /etc/profile 和用户自己的 profile，如同登录之后。"
    yoke_meta_param log 0 0 string "" "Output" "输出文件" \
        "Where the output of the commands goes; by default a file in the run directory." \
        "命令输出写入的文件；默认为运行目录下的文件。"
    yoke_meta_param stop_wait 0 0 integer "" "Patience of a stop, s" "停止命令的等待时间（秒）" \
        "Seconds for the stop command to end it, and again for TERM; then KILL for all its processes. By default three fifths of the time-out, and half of the rest." \
        "等待停止命令生效的秒数，其后等待 TERM 的秒数相同；最后对其全部进程发 KILL。默认分别为超时的五分之三及剩余时间的一半。"
}

# Takes them over. server_common [USER]
server_common() {
    server_user=${OCF_RESKEY_user:-${1:-root}}
    server_envfile=${OCF_RESKEY_envfile:-}
    server_profile=${OCF_RESKEY_profile:-yes}
    server_log=${OCF_RESKEY_log:-$HA_RSCTMP/yoke-${0##*/}-$OCF_RESOURCE_INSTANCE.log}
    server_grace=${OCF_RESKEY_stop_wait:-}
}

# server_quote WORD...: as words of a shell command.
server_quote() {
    for word in "$@"; do
        case $word in *\'*) word=$(printf '%s' "$word" | sed "s/'/'\\\\''/g") ;; esac
        printf "'%s' " "$word"
    done
}

server_validate() {
    [ -z "$server_grace" ] || yoke_number stop_wait "$server_grace" 0 86400
    id "$server_user" >/dev/null 2>&1 || yoke_fail $OCF_ERR_INSTALLED \
        "there is no user $server_user on this node; create it, with the same number as on the other"
    [ "$(id -u)" = 0 ] || [ "$(id -un)" = "$server_user" ] ||
        yoke_fail $OCF_ERR_PERM "must be run by root or by $server_user"
    # They may lie on a disk that is not mounted yet.
    [ "$yoke_action" != start ] || [ -z "$server_envfile" ] || [ -r "$server_envfile" ] || yoke_fail \
        $OCF_ERR_INSTALLED "envfile=$server_envfile cannot be read on this node (is its file system mounted?)"
    [ "$yoke_action" != start ] || [ -z "$server_dir" ] || [ -d "$server_dir" ] || yoke_fail \
        $OCF_ERR_INSTALLED "there is no directory $server_dir on this node (is its file system mounted?)"
}

# ---- commands of the user --------------------------------------------------------------------

# Becomes a command of that user, without PAM and its delays; nothing of ours is inherited: not the
# parameters of the resource, not its language. server_exec COMMAND [VARIABLE=VALUE...]
server_exec() {
    # shellcheck disable=SC2046 # names
    unset $(set | sed -n 's/^\(OCF_[A-Za-z0-9_]*\)=.*/\1/p')
    server_command=$1
    shift
    entry=$(getent passwd "$server_user" 2>/dev/null) || entry=$(grep "^$server_user:" /etc/passwd)
    home=${entry%:*}
    home=${home##*:}
    shell=/bin/sh
    case $entry in *:/bin/bash | *:/usr/bin/bash) shell=${entry##*:} ;; esac
    [ -d "$home" ] || home=/
    unset LC_ALL
    [ "$yoke_language" = C ] || export LANG="$yoke_language"
    if ! yoke_true "$server_profile"; then
        set -- "$@" "$shell" -c
    else
        set -- "$@" "$shell" -l -c
    fi
    # shellcheck disable=SC2016 # the inner shell expands it
    set -- env "HOME=$home" "USER=$server_user" "LOGNAME=$server_user" "SHELL=$shell" "$@" \
        '[ -z "$2" ] || { set -a && . "$2" && set +a; } || exit 5; cd "$3" || exit 5; eval "$1"' \
        yoke "$server_command" "$server_envfile" "${server_dir:-$home}"
    cd / || :
    if [ "$(id -un)" != "$server_user" ]; then
        if command -v setpriv >/dev/null 2>&1; then
            set -- setpriv --reuid "$server_user" --regid "$(id -g "$server_user")" --init-groups -- "$@"
        else
            set -- runuser -u "$server_user" -- "$@"
        fi
    fi
    # A session of its own: nothing that ends this action ends the program.
    exec setsid "$@"
}

# server_ask SECONDS COMMAND: runs it; its exit code, or 124 when it is not back in time: then it and
# what it began are ended. What it prints is in the file $answer.
server_ask() {
    yoke_run_dir
    answer=$run_dir/yoke-${0##*/}.answer.$$
    (
        exec </dev/null >"$answer" 2>&1
        server_exec "$2"
    ) &
    asked=$!
    # It may be asked while others wait.
    outer_end_cs=${yoke_end_cs:-0}
    if yoke_until $(($1 * 100)) is_over "$asked"; then
        ask_code=0
        wait "$asked" || ask_code=$?
    else
        ask_code=124
        server_drop "$asked"
    fi
    yoke_end_cs=$outer_end_cs
    return $ask_code
}

# Ends a command of ours with all that it began.
server_drop() {
    outer_tree=$tree
    tree=
    tree_find "$1"
    tree_kill KILL
    tree=$outer_tree
}

# server_said FILE: its last words, in one line.
server_said() {
    said=$(tail -n 3 "$1" 2>/dev/null | tr '\n\t\r' '   ')
    said=${said% }
    [ -z "$said" ] || printf ': %s' "$said"
}

# ---- processes -------------------------------------------------------------------------------

# Is it gone? A zombie is gone too: it has nothing open any more.
is_over() {
    { read -r stat_line; } 2>/dev/null <"/proc/$1/stat" || return 0
    case ${stat_line##*) } in Z* | X*) return 0 ;; esac
    return 1
}

# pids_of FILE OPTIONS: adds to pids those in whose /proc/PID/FILE a record is what stdin says.
# By stdin, as grep's own command line would be found.
pids_of() {
    # shellcheck disable=SC2013 # words
    for found in $(grep -lz "$2" -f - /proc/[0-9]*/"$1" 2>/dev/null); do
        found=${found#/proc/}
        found=${found%/*}
        pid_add "$found"
    done
}

pid_add() {
    case " $pids " in *" $1 "*) return ;; esac
    [ -n "${yoke_family:-}" ] || yoke_ancestors
    ! yoke_is_spared "$1" || return
    is_over "$1" || pids="$pids $1"
}

# What the start command left.
pids_marked() {
    pids_of environ -Fx <<FIND
$server_mark
FIND
}

# tree_find PID...: adds them and all their descendants to tree, as PID.BEGIN, so that another process
# of the same number is told from them.
tree_find() {
    # shellcheck disable=SC2013 # words
    for found in $(cat /proc/[0-9]*/stat 2>/dev/null | awk -v roots=" $* " '
        { pid = $1; sub(/^.*\) /, ""); up[pid] = $2; begun[pid] = $20; zombie[pid] = $1 == "Z" }
        END {
            for (pid in begun) {
                for (at = pid; at > 1 && index(roots, " " at " ") == 0; at = up[at]);
                if (at > 1 && !zombie[pid]) print pid "." begun[pid]
            }
        }'); do
        case " $tree " in *" $found "*) ;; *) tree="$tree $found" ;; esac
    done
}

# Sets alive: those of the tree that still run. False when there is none.
tree_alive() {
    alive=
    for found in $tree; do
        { read -r stat_line; } 2>/dev/null <"/proc/${found%.*}/stat" || continue
        stat_line=${stat_line##*) }
        # shellcheck disable=SC2086 # words
        set -- $stat_line
        case $1 in Z | X) continue ;; esac
        [ "${20}" = "${found#*.}" ] || continue
        alive="$alive ${found%.*}"
    done
    [ -n "$alive" ]
}

tree_kill() {
    [ -n "${yoke_family:-}" ] || yoke_ancestors
    tree_alive || return 0
    for found in $alive; do
        yoke_is_spared "$found" || kill "-$1" "$found" 2>/dev/null
    done
}

# ---- questions -------------------------------------------------------------------------------

# server_tcp HOST PORT SECONDS: does it take a connection?
server_tcp() {
    if command -v bash >/dev/null 2>&1; then
        # shellcheck disable=SC2016 # bash expands it
        timeout -k 1 "$3" bash -c 'exec 3<>"/dev/tcp/$0/$1"' "$1" "$2" </dev/null >/dev/null 2>&1
    else
        timeout -k 1 "$3" nc -z "$1" "$2" </dev/null >/dev/null 2>&1
    fi
    case $? in
    0) return 0 ;;
    124 | 137) why="port $2 of $1 took no connection within $3 s" ;;
    *) why="nothing listens on port $2 of $1" ;;
    esac
    return 1
}

# server_http URL TEXT SECONDS: does it answer, and with that text (extended regular expression)?
# Without a text any answer but an error will do; who wants a login answers too. The URL goes by
# stdin, as it may have a password in it.
server_http() {
    yoke_run_dir
    page=$run_dir/yoke-${0##*/}.page.$$
    : >"$page"
    shown=$(printf '%s' "$1" | sed 's|//[^/@]*@|//|')
    rc=0
    if command -v curl >/dev/null 2>&1; then
        status=$(printf 'url = "%s"\n' "$1" | timeout -k 1 $(($3 + 1)) curl -q -K - -s -k ${2:+-L} --max-redirs 5 \
            --noproxy '*' --max-time "$3" -o "$page" -w '%{http_code}' 2>/dev/null) || rc=$?
    else
        printf '%s\n' "$1" | timeout -k 1 "$3" wget -i - -S -nv --no-check-certificate --no-proxy \
            --content-on-error -t 1 -T "$3" -O "$page" 2>"$page.head" || rc=$?
        status=$(sed -n 's|^ *HTTP/[0-9.]* \([0-9]*\).*|\1|p' "$page.head" | tail -n 1)
        rm -f "$page.head"
        # It tells an answer that is an error by its own code.
        [ -z "$status" ] || rc=0
    fi
    server_http_judge "$2" "$3"
    judged=$?
    rm -f "$page"
    return $judged
}

server_http_judge() {
    case $rc in
    0) ;;
    28 | 124 | 137 | 4) why="$shown did not answer within $2 s" && return 1 ;;
    *) why="$shown cannot be reached" && return 1 ;;
    esac
    if [ -n "$1" ]; then
        grep -qE -e "$1" "$page" && return 0
        # Old pages are in GBK.
        iconv -f GB18030 -t UTF-8 "$page" 2>/dev/null | grep -qE -e "$1" && return 0
        why="$shown answers (status $status) without the expected text \"$1\""
        return 1
    fi
    case $status in
    2* | 3* | 401 | 403) return 0 ;;
    esac
    why="$shown answers with status ${status:-none}"
    return 1
}

# ---- life ------------------------------------------------------------------------------------

server_launch() {
    yoke_run_dir
    # Ours starts anew, others' logs go on.
    case $server_log in "$run_dir"/*) rm -f "$server_log" ;; esac
    { : >>"$server_log"; } 2>/dev/null || yoke_fail $OCF_ERR_PERM "cannot write the log $server_log"
    [ "$(id -u)" != 0 ] || chown "$server_user" "$server_log" 2>/dev/null
    (
        exec </dev/null >>"$server_log" 2>&1
        server_exec "$server_begin" "$server_mark"
    ) &
    launcher=$!
}

# Waits until it is well; true as soon as it is.
server_await() {
    yoke_left
    yoke_now
    await_end_cs=$((now_cs + left_cs))
    empty=0 begin_code=
    since_cs=$now_cs
    while :; do
        if [ -n "$launcher" ] && is_over "$launcher"; then
            begin_code=0
            wait "$launcher" || begin_code=$?
            launcher=
        fi
        pids=
        why='it is not up yet'
        if server_find; then
            empty=0
            if server_check; then
                yoke_now
                [ $((now_cs - since_cs)) -lt "$server_settle_cs" ] || return 0
            fi
        elif [ -z "$launcher" ]; then
            # Between a parent's good end and its child's first sight there may be a moment, and a
            # long one where much is started at a time.
            yoke_now
            [ $empty -gt 0 ] || empty=$now_cs
            patience_cs=10
            [ "$begin_code" != 0 ] || patience_cs=150
            if [ $((now_cs - empty)) -ge $patience_cs ]; then
                why="it ended at once (the start command gave ${begin_code:-0})"
                return 1
            fi
        fi
        yoke_now
        if [ "$now_cs" -ge "$await_end_cs" ]; then
            why="not ready within the time-out of start: $why"
            return 1
        fi
        sleep 0.05
    done
}

# What it talks into: its own log, if it has said anything there.
server_talk() {
    if [ -n "$server_words" ] && [ -s "$server_words" ]; then echo "$server_words"; else echo "$server_log"; fi
}

server_start() {
    pids=
    if server_find; then
        # Started before, or in the middle of it.
        launcher=
        server_settle_cs=0
    else
        server_launch
    fi
    server_await || yoke_fail $OCF_ERR_GENERIC "$server_name did not start: $why$(server_said "$(server_talk)")"
    return $OCF_SUCCESS
}

server_monitor() {
    pids=
    server_find || return $OCF_NOT_RUNNING
    server_check || yoke_fail $OCF_ERR_GENERIC "$server_name: $why"
    # What it prints for years must not fill the run directory, which is memory.
    case $server_log in
    "$HA_RSCTMP"/*) [ ! -e "$server_log" ] || [ "$(wc -c <"$server_log")" -lt 1048576 ] || : >"$server_log" ;;
    esac
    return $OCF_SUCCESS
}

# Sets tree (adding) and alive: all that runs of it now.
server_look() {
    pids='' seen=no
    ! server_find || seen=yes
    pids_marked
    # shellcheck disable=SC2086 # numbers
    [ -z "$pids" ] || tree_find $pids
    tree_alive || [ $seen = yes ]
}

server_is_gone() {
    # The cheap look first; the thorough one when it finds nothing.
    tree_alive && return 1
    server_look && return 1
    return 0
}

# Runs the stop command; true when all is gone within the time given.
server_ask_to_end() {
    (
        exec </dev/null >/dev/null 2>&1
        { : >>"$server_log"; } && exec >>"$server_log" 2>&1
        server_exec "$server_finish"
    ) &
    finisher=$!
    finish_code=
    yoke_now
    ask_end_cs=$((now_cs + $1))
    while ! server_is_gone; do
        if [ -z "$finish_code" ] && is_over "$finisher"; then
            finish_code=0
            wait "$finisher" || finish_code=$?
            # What it could not do now it will not do later.
            [ $finish_code -eq 0 ] || { yoke_log "the stop command gave $finish_code$(server_said "$server_log")" && return 1; }
        fi
        if [ -n "$finish_code" ] && command -v server_rest >/dev/null 2>&1 && server_rest; then break; fi
        yoke_now
        [ "$now_cs" -lt "$ask_end_cs" ] || { yoke_log "the stop command did not end it in time" && break; }
        sleep 0.05
    done
    if ! is_over "$finisher"; then
        # A stop script that loops for ever must not go on beside us; it is no part of the server.
        server_drop "$finisher"
    fi
    server_is_gone
}

server_stop() {
    tree=
    server_look || return $OCF_SUCCESS
    yoke_left
    if ! yoke_true "${OCF_YOKE_FORCE:-no}"; then
        patience=$((left_cs * 3 / 5))
        if [ -n "$server_grace" ] && [ $((server_grace * 100)) -lt "$patience" ]; then
            patience=$((server_grace * 100))
        fi
        [ -z "$server_finish" ] || ! server_ask_to_end "$patience" || return $OCF_SUCCESS
        tree_kill TERM
        yoke_left
        patience=$((left_cs / 2))
        [ -n "$server_finish" ] || patience=$((left_cs * 4 / 5))
        if [ -n "$server_grace" ] && [ $((server_grace * 100)) -lt "$patience" ]; then
            patience=$((server_grace * 100))
        fi
        yoke_until "$patience" server_is_gone && return $OCF_SUCCESS
        ! command -v server_last >/dev/null 2>&1 || server_last
        yoke_log "TERM did not end it; sending KILL to:$alive"
    fi
    tree_kill KILL
    yoke_left
    [ "$left_cs" -gt 100 ] || left_cs=100
    yoke_until "$left_cs" server_is_killed ||
        yoke_fail $OCF_ERR_GENERIC "processes of $server_name cannot be ended:$alive; look at why with: ps -o pid,stat,wchan,args -p$alive"
    return $OCF_SUCCESS
}

# What comes up while others are killed is killed as well.
server_is_killed() {
    server_is_gone && return 0
    tree_kill KILL
    return 1
}
