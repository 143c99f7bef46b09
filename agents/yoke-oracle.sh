# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2154,SC2034,SC2086,SC2015 # sourced after yoke-server, before the agent's own part
# yoke-oracle: what the agents of Oracle share: where it is, whose it is, SQL*Plus with a time-out,
# the processes and the shared memory of one instance.
# Happy path: oracle_common takes the parameters over, home_find completes them; sql_ask asks as
# sysdba; instance_find looks for pmon. Fails: sql_ask with 124 when there is no answer in time. Its code
# is no answer otherwise: SQL*Plus ends with 0 after any error. Only numbers of errors are looked at.

oracle_meta_common() {
    yoke_meta_param home 0 0 string "" "ORACLE_HOME" "ORACLE_HOME" \
        "ORACLE_HOME; by default the one that oratab has for the SID." "ORACLE_HOME；默认取 oratab 中该 SID 的设置。"
    yoke_meta_param user 0 0 string "" "Owner" "属主用户" \
        "System user that runs it; by default the owner of the programs in ORACLE_HOME." \
        "运行它的系统用户；默认为 ORACLE_HOME 中程序的属主。"
    yoke_meta_param tns_admin 0 0 string "" "TNS_ADMIN" "TNS_ADMIN" \
        "Directory of listener.ora, tnsnames.ora and sqlnet.ora; by default that of the user's profile, else network/admin in ORACLE_HOME." \
        "listener.ora、tnsnames.ora、sqlnet.ora 所在目录；默认以用户 profile 为准，否则为 ORACLE_HOME 下的 network/admin。"
    yoke_meta_param oratab 0 0 string /etc/oratab "oratab" "oratab 路径" "Path of oratab." "oratab 文件的路径。"
    yoke_meta_param envfile 0 0 string "" "Environment file" "环境变量文件" \
        "File in shell syntax that the owner reads before each command: variables, ulimit." \
        "属主执行每条命令前读取的 shell 语法文件：环境变量、ulimit。"
    yoke_meta_param profile 0 0 boolean yes "Login profile" "读取登录配置" \
        "Read /etc/profile and the owner's own profile before each command." "执行每条命令前读取 /etc/profile 和属主自己的 profile。"
}

oracle_common() {
    sid=${OCF_RESKEY_sid:-}
    home=${OCF_RESKEY_home:-}
    tns_admin=${OCF_RESKEY_tns_admin:-}
    server_user=${OCF_RESKEY_user:-}
    server_envfile=${OCF_RESKEY_envfile:-}
    server_profile=${OCF_RESKEY_profile:-yes}
    server_log=$HA_RSCTMP/yoke-${0##*/}-$OCF_RESOURCE_INSTANCE.log
    # SQL*Plus runs login.sql of where it stands.
    server_dir=/
    boot_flag='' pmon='' environment=''
}

# Completes home and user, as far as this node knows them now (the home may lie on a disk that is not
# mounted), and sets environment: the shell words before each command.
home_find() {
    for tab in "${OCF_RESKEY_oratab:-/etc/oratab}" /var/opt/oracle/oratab; do
        [ -n "$sid" ] && [ -z "$home$boot_flag" ] && [ -r "$tab" ] || continue
        while IFS=: read -r tab_sid tab_home tab_flag || [ -n "$tab_sid" ]; do
            [ "$tab_sid" != "$sid" ] || { home=$tab_home && boot_flag=${tab_flag%%[!A-Za-z]*}; }
        done <"$tab"
    done
    # With a slash at its end it is the home of another instance, as Oracle sees it.
    while [ "$home" != "${home%/}" ]; do home=${home%/}; done
    for owned in "$home/bin/oracle" "$home"; do
        [ -z "$server_user" ] && [ -n "$home" ] && [ -e "$owned" ] || continue
        server_user=$(stat -L -c %U "$owned" 2>/dev/null)
        [ "$server_user" != UNKNOWN ] || server_user=
    done
    server_user=${server_user:-oracle}
    environment_set
}

# What a profile says of language and of where to connect is overruled: texts are read by us, and
# TWO_TASK would ask another machine.
environment_set() {
    environment="ORACLE_HOME=$(server_quote "$home") NLS_LANG=AMERICAN_AMERICA.AL32UTF8 LC_ALL=C $server_mark;"
    [ -z "$sid" ] || environment="$environment ORACLE_SID=$sid; export ORACLE_SID;"
    [ -z "$tns_admin" ] || environment="$environment TNS_ADMIN=$(server_quote "$tns_admin"); export TNS_ADMIN;"
    environment="$environment PATH=\$ORACLE_HOME/bin:\$PATH LD_LIBRARY_PATH=\$ORACLE_HOME/lib\${LD_LIBRARY_PATH:+:\$LD_LIBRARY_PATH};"
    environment="$environment export ORACLE_HOME NLS_LANG LC_ALL YOKE_SERVER PATH LD_LIBRARY_PATH; unset TWO_TASK SQLPATH ORACLE_PATH;"
}

# oracle_validate PROGRAM: what both agents need to be there.
oracle_validate() {
    case $sid in
    *[!A-Za-z0-9_]*) yoke_fail $OCF_ERR_CONFIGURED "sid=$sid has other characters than letters, digits and _" ;;
    esac
    home_find
    [ -n "$home" ] || yoke_fail $OCF_ERR_INSTALLED \
        "there is no line for $sid in ${OCF_RESKEY_oratab:-/etc/oratab} on this node; add it, or name the home with home="
    case $home in /*) ;; *) yoke_fail $OCF_ERR_CONFIGURED "home=$home is not an absolute path" ;; esac
    # It may lie on a disk that is not mounted yet.
    if [ -d "$home" ] || [ "$yoke_action" = start ]; then
        [ -x "$home/bin/$1" ] || yoke_fail $OCF_ERR_INSTALLED \
            "there is no $home/bin/$1 on this node (wrong home=, or is its file system not mounted?)"
    fi
    # Whose it is cannot be told then, either.
    [ ! -d "$home" ] && [ "$yoke_action" != start ] && [ -z "${OCF_RESKEY_user:-}" ] || server_validate
    [ -z "$tns_admin" ] || [ "$yoke_action" != start ] || [ -d "$tns_admin" ] ||
        yoke_fail $OCF_ERR_INSTALLED "there is no directory tns_admin=$tns_admin on this node"
}

# ---- questions -------------------------------------------------------------------------------

# sql_ask SECONDS STATEMENTS [BEFORE-CONNECT]: as sysdba; what it says goes to the file $answer. 124: not in time.
sql_ask() {
    server_ask "$1" "$environment printf '%s\n' $(server_quote ${3:+"$3"} "connect / as sysdba" \
        "set heading off feedback off pagesize 0 linesize 300 echo off" "$2" exit) | sqlplus -S /nolog"
}

# sql_ask_as SECONDS STATEMENTS LOGIN FILE: as that user, the password from the file's first line. It
# reaches SQL*Plus by stdin; printf is a builtin, which no process list shows.
sql_ask_as() {
    server_ask "$1" "$environment { printf 'connect %s/\"%s\"\n' $(server_quote "$3") \"\$(head -n 1 $(server_quote "$4"))\";
        printf '%s\n' $(server_quote "set heading off feedback off pagesize 0 linesize 300 echo off" "$2" exit); } | sqlplus -S /nolog"
}

# Sets said: the errors in the answer; what is told at each start (old parameters) is none, and what
# only follows from another neither.
ora_said() {
    said=$(grep -a -o '\(ORA\|SP2\|LRM\|TNS\|NL\)-[0-9][0-9]*.*' "$answer" 2>/dev/null | grep -av 'ORA-3200[46]\|SP2-0640' |
        head -n 3 | tr '\n\t\r' '   ' | iconv -c -f UTF-8 -t UTF-8 2>/dev/null)
    said=${said% }
}

# ---- the instance ----------------------------------------------------------------------------

# Sets pids to pmon. The names are exact: neither that of ASM nor of a longer SID.
instance_find() {
    pids=
    pids_of cmdline -x <<FIND
ora_pmon_$sid
FIND
    pmon=${pids# }
    pmon=${pmon%% *}
    [ -n "$pmon" ] || return 1
    # It was perhaps started with another home, or with the same by another name: that is another
    # address of its memory. It is to be asked where it is.
    its=$(tr '\0' '\n' 2>/dev/null <"/proc/$pmon/environ" | sed -n 's/^ORACLE_HOME=//p' | head -n 1)
    if [ -n "$its" ] && [ "$its" != "$home" ] && [ -x "$its/bin/sqlplus" ]; then
        home=$its
        environment_set
    fi
    return 0
}

# Adds all others: background processes; with "all" also those that serve one client each.
instance_rest() {
    pids_of cmdline -x <<FIND
ora_[A-Za-z0-9]*_$sid
FIND
    [ "${1:-}" != all ] || pids_of cmdline -Ex <<FIND
oracle$sid( \(.*)?
FIND
    [ -n "$pids" ]
}

# ---- its shared memory and semaphores --------------------------------------------------------

ipc_file=$HA_RSCTMP/yoke-${0##*/}-$OCF_RESOURCE_INSTANCE.ipc

# What sysresv, a program of Oracle, knows of this SID. Newer ones print all of the machine's before.
ipc_told() {
    [ -x "$home/bin/sysresv" ] || return 0
    server_ask 5 "$environment sysresv -l $sid" || return 0
    awk '/^Shared Memory:/ { kind = "shm" } /^Semaphores:/ { kind = "sem" } /^Oracle Instance/ { kind = "" }
        kind != "" && NF == 2 && $1 ~ /^[0-9]+$/ && $2 ~ /^0x/ { print kind, $1 }' "$answer"
}

# Remembers what pmon has, once for each pmon: it cannot be learned from a dead one.
ipc_note() {
    noted=
    [ ! -e "$ipc_file" ] || read -r noted <"$ipc_file"
    [ "$noted" != "$pmon" ] || return 0
    yoke_run_dir
    {
        echo "$pmon"
        ipc_told
        # The inode of a mapped segment is its number; whose semaphores are cannot be seen so.
        awk '$6 ~ /^\/SYSV/ { print "shm", $5 }' "/proc/$pmon/maps" 2>/dev/null | sort -u
    } >"$ipc_file.new"
    # With the maker and the time, as numbers are used again.
    awk 'NR == 1 { print; next }
        FILENAME == "/proc/sysvipc/shm" { if (("shm " $2) in ours) print "shm", $2, $5 "." $14; next }
        FILENAME == "/proc/sysvipc/sem" { if (("sem " $2) in ours) print "sem", $2, $1; next }
        { ours[$1 " " $2] }' "$ipc_file.new" /proc/sysvipc/shm /proc/sysvipc/sem >"$ipc_file" 2>/dev/null
    rm -f "$ipc_file.new"
}

# Removes what a dead instance left, and nothing of others: no process of the instance runs. What
# anybody still has, or is not the owner's, stays.
ipc_clear() {
    owner=$(id -u "$server_user" 2>/dev/null) || return 0
    ipc_left=$({
        [ ! -e "$ipc_file" ] || sed 1d "$ipc_file"
        ipc_told
    } | awk -v owner="$owner" '
        FILENAME == "/proc/sysvipc/shm" { if (is($2, "shm", $5 "." $14) && $7 == 0 && $8 == owner) print "-m", $2; next }
        FILENAME == "/proc/sysvipc/sem" { if (is($2, "sem", $1) && $5 == owner) print "-s", $2; next }
        { ours[$1 " " $2] = NF > 2 ? $3 : "told" }
        function is(id, kind, mark) { id = kind " " id; return id in ours && (ours[id] == "told" || ours[id] == mark) }
        ' - /proc/sysvipc/shm /proc/sysvipc/sem)
    # shellcheck disable=SC2086 # words
    [ -z "$ipc_left" ] || { yoke_log "removing shared memory and semaphores of a dead $sid:" $ipc_left && ipcrm $ipc_left; }
    rm -f "$ipc_file"
    # Automatic memory management has files instead: ora_SID_HEX_NUMBER.
    for found in "/dev/shm/ora_${sid}_"*; do
        [ -e "$found" ] || continue
        name=${found#"/dev/shm/ora_${sid}_"}
        case $name in *_*_* | *[!0-9a-f_]* | _* | *_) continue ;; *_*) ;; *) continue ;; esac
        [ "$(stat -c %u "$found")" = "$owner" ] || continue
        grep -qsF "$found" /proc/[0-9]*/maps || rm -f "$found"
    done
}
