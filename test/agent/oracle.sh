# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2154,SC2034 # sourced by test/agent/run, which says what such a file has
# oracle: cases of oracle and oralsnr with stand-ins for SQL*Plus, sysresv, lsnrctl and the processes.
oracle_types="oracle oralsnr"

oracle_make() {
    [ -x /usr/bin/python3 ] || { echo "there is no python3 here" && return 1; }
    ora=$work/ora
    mkdir -p "$ora/bin" "$ora/dbs" "$ora/network/admin"
    cp "$cases/standin/oracle" "$ora/bin/sqlplus"
    for name in sysresv lsnrctl tnsping; do ln "$ora/bin/sqlplus" "$ora/bin/$name"; done
    cp -L /usr/bin/python3 "$ora/bin/tnslsnr"
    : >"$ora/bin/oracle"
    # The last line ends without a newline.
    printf '# SID:HOME:Y\nOTHER:/nonesuch:N\nDB1:%s:Y\nDB1_X:%s:N\nDB2:%s:N' "$ora" "$ora" "$ora" >"$work/oratab"
    chown -R nobody "$ora"
}

oracle_tester() {
    tester oracle sid=DB1 "oratab=$work/oratab"
    tester oralsnr sid=DB1 "oratab=$work/oratab"
}

# oracle ACTION [NAME=VALUE...]: agent oracle with instance DB1, which asks each time.
oracle() {
    ora_action=$1
    shift
    agent oracle "$ora_action" sid=DB1 "oratab=$work/oratab" sql_interval=0 "$@"
}

oracle2() {
    ora_action=$1
    shift
    agent_as second oracle "$ora_action" sid=DB2 "oratab=$work/oratab" sql_interval=0 "$@"
}

oralsnr() {
    ora_action=$1
    shift
    agent oralsnr "$ora_action" "oratab=$work/oratab" sid=DB1 "$@"
}

# mood WORD...: of DB1.
mood() { echo "$*" >"$ora/dbs/DB1.mood"; }

# How many processes have a word of their command line that is that?
running() { cat /proc/[0-9]*/cmdline 2>/dev/null | tr '\0' '\n' | grep -cx -e "$1"; }
none_runs() { [ "$(running "ora_[a-z0-9]*_$1")$(running "[o]racle$1.*")" = 00 ]; }
asked() { grep -qx -e "$1" "$ora/dbs/DB1.said"; }
shm_count() { wc -l </proc/sysvipc/shm; }
ipc_is_clear() { [ "$(wc -l </proc/sysvipc/shm)$(wc -l </proc/sysvipc/sem)" = 11 ]; }
nobody_asks() { [ "$(running '.*/sqlplu[s]')$(running '[o]racleDB1.*')" = 00 ]; }
pmon_pid() { grep -lzx "[o]ra_pmon_$1" /proc/[0-9]*/cmdline 2>/dev/null | sed 's|/proc/||; s|/.*||'; }

# ora_down WORD: ended from outside.
ora_down() {
    kill -9 "$(pmon_pid DB1)" || return
    for _ in 1 2 3 4 5 6 7 8 9 10; do [ "$(running "ora_[a-z0-9]*_DB1")" = 0 ] || sleep 0.05; done
}

oracle_cases() {
    rm -f "$ora"/dbs/*
    life_cases
    monitor_cases
    start_cases
    stop_cases
    parameter_cases
    listener_cases
}

life_cases() {
    case_run "oracle monitor when stopped" 7 oracle monitor
    case_run "oracle stop when never started" 0 oracle stop
    case_run "oracle start" 0 oracle start
    case_run "oracle says that oratab starts it too" 0 said "make it N"
    case_run "oracle start again" 0 oracle start
    case_run "oracle monitor" 0 oracle monitor
    case_run "oracle runs as the owner of its home" 0 sh -c "[ \$(stat -c %U /proc/$(pmon_pid DB1)) = nobody ]"
    case_run "oracle: another instance sees nothing of it" 7 oracle2 monitor
    case_run "oracle: another starts beside it" 0 oracle2 start
    case_run "oracle: a longer SID is another" 7 agent_as longer oracle monitor sid=DB1_X "oratab=$work/oratab"
    case_run "oracle: a longer SID starts" 0 agent_as longer oracle start sid=DB1_X "oratab=$work/oratab"
    case_run "oracle stop" 0 oracle stop
    case_run "oracle stop was a clean one" 0 asked "shutdown immediate"
    case_run "oracle stop again" 0 oracle stop
    case_run "oracle stopped" 7 oracle monitor
    case_run "oracle left nothing" 0 none_runs DB1
    case_run "oracle: the longer SID runs on" 0 agent_as longer oracle monitor sid=DB1_X "oratab=$work/oratab"
    agent_as longer oracle stop sid=DB1_X "oratab=$work/oratab" >/dev/null 2>&1
    case_run "oracle: the other runs on" 0 oracle2 monitor
    # Its memory stays when that of a killed one beside it is removed.
    oracle start >/dev/null 2>&1
    ora_down
    case_run "oracle killed outside" 7 oracle monitor
    case_run "oracle: its memory is removed" 0 oracle stop
    case_run "oracle: that was said" 0 said "removing shared memory"
    case_run "oracle: the other has its memory" 0 sh -c "[ \$(wc -l </proc/sysvipc/shm) = 2 ] && [ \$(wc -l </proc/sysvipc/sem) = 2 ]"
    case_run "oracle: and runs on" 0 oracle2 monitor
    oracle2 stop >/dev/null 2>&1
    case_run "oracle: nothing is left" 0 ipc_is_clear
}

monitor_cases() {
    oracle start >/dev/null 2>&1
    mood hang
    case_run "oracle hanging, first time: an alarm" 190 oracle monitor wait=1
    case_run "oracle says so" 0 said "did not tell its state within 1 s (for the 1. time"
    case_run "oracle hanging, second time" 1 oracle monitor wait=1
    case_run "oracle: no question is left behind" 0 nobody_asks
    mood
    case_run "oracle slow is not dead" 0 oracle monitor
    mood dying
    case_run "oracle ill, first time again" 190 oracle monitor
    case_run "oracle ill, never a failure" 190 oracle monitor strikes=0
    mood
    case_run "oracle well again" 0 oracle monitor
    mood dying
    case_run "oracle asked lately is not asked" 0 oracle monitor sql_interval=100 CRM_meta_interval=10000
    case_run "oracle asked long ago is asked" 190 oracle monitor sql_interval=0 CRM_meta_interval=10000
    mood prompts
    rm -f /run/resource-agents/*.state
    case_run "oracle prompting is not waited for" 190 oracle monitor wait=1
    for pair in "stuck=make room" "refuses=group dba" "blind=does not work" "busy=no room" restricted=restricted readonly="read only" migrate=upgrade; do
        mood "${pair%%=*}"
        case_run "oracle ${pair%%=*}: an alarm" 190 oracle monitor strikes=1
        case_run "oracle ${pair%%=*}: what to do" 0 said "${pair#*=}"
    done
    mood dying
    case_run "oracle not available, first time" 190 oracle monitor
    case_run "oracle not available, second time" 1 oracle monitor
    case_run "oracle says ORA-01034" 0 said ORA-01034
    mood
    printf 'TWO_TASK=elsewhere\nNLS_LANG="SIMPLIFIED CHINESE_CHINA.ZHS16GBK"\n' >"$work/env"
    case_run "oracle with a profile of another language" 0 oracle monitor "envfile=$work/env"
    echo MOUNTED >"$ora/dbs/DB1.state"
    case_run "oracle mounted, first time" 190 oracle monitor
    case_run "oracle mounted, second time" 1 oracle monitor
    case_run "oracle mounted, as wanted" 0 oracle monitor open_mode=mount
    for role in "PHYSICAL STANDBY" "FAR SYNC"; do
        echo "$role" >"$ora/dbs/DB1.role"
        case_run "oracle mounted, a $role" 0 oracle monitor
    done
    echo "PHYSICAL STANDBY" >"$ora/dbs/DB1.role"
    echo OPEN >"$ora/dbs/DB1.state"
    case_run "oracle standby, open read only" 0 oracle monitor
    rm "$ora/dbs/DB1.role"
    echo STARTED >"$ora/dbs/DB1.state"
    case_run "oracle started only" 1 oracle monitor strikes=1
    echo OPEN >"$ora/dbs/DB1.state"
    install -m 600 -o nobody /dev/null "$work/secret"
    echo 'p@s$ "w0rd'"'" | tr -d '"' >"$work/secret"
    set -- login=watcher "password_file=$work/secret"
    case_run "oracle refuses the monitor's user: an alarm" 190 oracle monitor "$@"
    case_run "oracle says so" 0 said "mend login"
    echo "watcher $(cat "$work/secret")" >"$ora/dbs/DB1.users"
    case_run "oracle with a user for the monitor" 0 oracle monitor "$@"
    mood stuck
    case_run "oracle with its archiver stuck, for that user" 190 oracle monitor "$@"
    mood hang
    agent oracle monitor sid=DB1 "oratab=$work/oratab" "$@" wait=1 >/dev/null 2>&1 &
    sleep 0.4
    case_run "oracle: no password among the processes" 1 sh -c 'cat /proc/[0-9]*/cmdline /proc/[0-9]*/environ | tr "\0" "\n" | grep "p@s[$]"'
    wait $!
    mood
    oracle stop >/dev/null 2>&1
    mood orphan
    oracle start >/dev/null 2>&1
    ora_down
    case_run "oracle: pmon is gone and others are not" 1 oracle monitor
    mood
    case_run "oracle: a start ends them" 0 oracle start
    case_run "oracle: and has its memory anew" 0 [ "$(shm_count)" = 2 ]
}

start_cases() {
    oracle stop >/dev/null 2>&1
    # Nothing is known of the dead one, and there is no sysresv.
    mv "$ora/bin/sysresv" "$ora/bin/off"
    oracle start >/dev/null 2>&1
    ora_down
    case_run "oracle without sysresv: a start removes the memory" 0 oracle start
    case_run "oracle has its own only" 0 [ "$(shm_count)" = 2 ]
    ora_down
    rm /run/resource-agents/*.ipc
    case_run "oracle with memory that nobody knows starts" 0 oracle start
    oracle stop >/dev/null 2>&1
    mv "$ora/bin/off" "$ora/bin/sysresv"
    # Whose the semaphores of a dead one were only sysresv can tell.
    ipcrm -a
    # Killed in the middle, and what it began goes on for a while.
    mood slow
    (OCF_RESOURCE_INSTANCE=case-oracle OCF_RESKEY_sid=DB1 OCF_RESKEY_oratab="$work/oratab" exec "$shell" "$agents/oracle" start 2>/dev/null) &
    begun=$!
    for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25; do
        [ "$(cat "$ora/dbs/DB1.state" 2>/dev/null)" != MOUNTED ] || break
        sleep 0.05
    done
    kill -9 $begun
    wait $begun 2>/dev/null
    case_run "oracle killed in mid-start starts" 0 oracle start
    case_run "oracle start again" 0 oracle start
    oracle stop >/dev/null 2>&1
    mood old
    case_run "oracle with old parameters starts" 0 oracle start
    oracle stop >/dev/null 2>&1
    mood falls
    case_run "oracle without a parameter file" 1 oracle start
    case_run "oracle says why" 0 said LRM-00109
    mood refuses
    case_run "oracle that refuses sysdba" 1 oracle start
    case_run "oracle says what to do" 0 said "group dba"
    mood backup
    case_run "oracle with files in hot backup" 1 oracle start
    case_run "oracle says what to do" 0 said "clear_backup=yes"
    case_run "oracle ends the hot backup" 0 oracle start clear_backup=yes
    oracle stop >/dev/null 2>&1
    mood slow
    case_run "oracle too slow for the time-out" 1 oracle start CRM_meta_timeout=1500
    case_run "oracle says what to do" 0 said "raise the time-out"
    oracle stop >/dev/null 2>&1
    mood
    # Another instance has the same database.
    echo DB1 >"$ora/dbs/DB2.db"
    oracle2 start >/dev/null 2>&1
    case_run "oracle whose files another instance has" 1 oracle start
    case_run "oracle says which" 0 said "ora_dbw0_DB2"
    oracle stop >/dev/null 2>&1
    case_run "oracle: that one runs on" 0 oracle2 monitor
    oracle2 stop >/dev/null 2>&1
    rm -f "$ora"/dbs/DB2.*
    echo "PHYSICAL STANDBY" >"$ora/dbs/DB1.role"
    case_run "oracle standby starts" 0 oracle start apply=yes
    case_run "oracle standby stays mounted" 0 grep -x MOUNTED "$ora/dbs/DB1.state"
    case_run "oracle standby applies" 0 asked "alter database recover managed standby.*"
    oracle stop >/dev/null 2>&1
    case_run "oracle standby opens read only when asked" 0 oracle start open_mode=readonly
    case_run "oracle standby is open" 0 grep -x OPEN "$ora/dbs/DB1.state"
    oracle stop >/dev/null 2>&1
    rm "$ora/dbs/DB1.role"
    printf 'PDB1 MOUNTED\nPDB2 MOUNTED\n' >"$ora/dbs/DB1.pdbs"
    chown nobody "$ora/dbs/DB1.pdbs"
    case_run "oracle opens a PDB" 0 oracle start pdbs=pdb1
    case_run "oracle: its PDB is open" 0 oracle monitor pdbs=pdb1
    case_run "oracle: another is not: an alarm" 190 oracle monitor pdbs=all
    case_run "oracle says which" 0 said "PDB2 not open (MOUNTED)"
    case_run "oracle: a PDB that it has not: an alarm" 190 oracle monitor "pdbs=PDB1 PDB3"
    case_run "oracle: a closed PDB, a failure" 1 oracle monitor pdbs=all pdb_fail=yes
    case_run "oracle opens all PDBs" 0 oracle start pdbs=all pdb_fail=yes
    case_run "oracle: all PDBs are open" 0 oracle monitor pdbs=all
    oracle stop >/dev/null 2>&1
    rm -f "$ora/dbs/DB1.users"
    case_run "oracle creates nothing unasked" 0 oracle start login=watcher "password_file=$work/secret"
    case_run "oracle has no new user" 1 asked "create user.*"
    oracle stop >/dev/null 2>&1
    case_run "oracle creates a user when asked" 0 oracle start login=watcher "password_file=$work/secret" login_create=yes
    case_run "oracle: that user can log in" 0 oracle monitor login=watcher "password_file=$work/secret"
}

stop_cases() {
    : >"$ora/dbs/DB1.said"
    mood linger
    case_run "oracle stops when immediate takes for ever" 0 oracle stop stop_wait=1
    case_run "oracle stop was an abort then" 0 asked "shutdown abort"
    case_run "oracle left nothing" 0 none_runs DB1
    for pair in hangall deaf refuses blind orphan; do
        [ $pair != orphan ] || mood orphan
        oracle start >/dev/null 2>&1
        mood $pair
        case_run "oracle stops when $pair" 0 oracle stop stop_wait=1
        case_run "oracle left nothing" 0 none_runs DB1
        case_run "oracle left no memory" 0 ipc_is_clear
        mood
    done
    oracle start >/dev/null 2>&1
    : >"$ora/dbs/DB1.said"
    export OCF_YOKE_FORCE=yes
    case_run "oracle stops at once when forced" 0 oracle stop
    unset OCF_YOKE_FORCE
    case_run "oracle was not asked" 1 asked "shutdown.*"
    case_run "oracle left no memory" 0 ipc_is_clear
    # A session of the administrator with nothing behind it is no instance.
    setsid bash -c 'exec -a "oracleDB1 (DESCRIPTION=(LOCAL=YES))" sleep 1000' &
    sleep 0.1
    case_run "oracle: an idle session is no instance" 7 oracle monitor
    case_run "oracle: stop" 0 oracle stop
    case_run "oracle: left nothing" 0 none_runs DB1
    : >/dev/shm/ora_DB1_1a2b_0 2>/dev/null && : >/dev/shm/ora_DB1_X_1a2b_0 && chown nobody /dev/shm/ora_DB1_*
    case_run "oracle: stop when never started" 0 oracle stop
    case_run "oracle: files of its memory only are removed" 0 sh -c '! ls /dev/shm/ora_DB1_1a2b_0 && rm /dev/shm/ora_DB1_X_1a2b_0'
}

parameter_cases() {
    case_run "oracle without a SID" 6 agent oracle start
    case_run "oracle with a wrong SID" 6 agent oracle start "sid=DB1;id"
    case_run "oracle not in oratab" 5 agent oracle start sid=NONE "oratab=$work/oratab"
    case_run "oracle says so" 0 said "no line for NONE"
    case_run "oracle without programs" 5 oracle start home=/nonesuch
    case_run "oracle says so" 0 said "no /nonesuch/bin/sqlplus"
    case_run "oracle with a relative home" 6 oracle validate-all home=ora
    case_run "oracle on a disk that is not mounted yet" 0 oracle validate-all home=/nonesuch
    case_run "oracle on a disk that is not mounted: monitor" 7 oracle monitor home=/nonesuch
    case_run "oracle on a disk that is not mounted: stop" 0 oracle stop home=/nonesuch
    case_run "oracle with a slash after its home" 0 oracle validate-all "home=$ora/"
    case_run "oracle with a wrong user" 5 oracle start user=nonesuch
    case_run "oracle with a wrong number" 6 oracle validate-all wait=soon
    case_run "oracle with a wrong open_mode" 6 oracle validate-all open_mode=wide
    case_run "oracle with a password in login" 6 oracle validate-all login=a/b
    case_run "oracle with a login without a file" 6 oracle validate-all login=a
    case_run "oracle with a wrong pdbs" 6 oracle validate-all "pdbs=a;b"
}

listener_cases() {
    rm -f "$ora"/network/L*
    oracle start >/dev/null 2>&1
    : >"$ora/dbs/DB1.said"
    case_run "oralsnr monitor when stopped" 7 oralsnr monitor
    case_run "oralsnr stop when never started" 0 oralsnr stop
    case_run "oralsnr start" 0 oralsnr start
    case_run "oralsnr: the instance registers at once" 0 asked "alter system register"
    case_run "oralsnr start again" 0 oralsnr start
    case_run "oralsnr monitor" 0 oralsnr monitor
    case_run "oralsnr monitor, names know no case" 0 oralsnr monitor listener=listener
    printf 'NLS_LANG="SIMPLIFIED CHINESE_CHINA.ZHS16GBK"\n' >"$work/env"
    case_run "oralsnr with a profile of another language" 0 oralsnr monitor "envfile=$work/env"
    case_run "oralsnr answers tnsping" 0 oralsnr monitor alias=good
    case_run "oralsnr without that alias" 1 oralsnr monitor alias=bad strikes=1
    case_run "oralsnr says so" 0 said TNS-03505
    case_run "oralsnr: another sees nothing of it" 7 agent_as second oralsnr monitor "home=$ora" listener=L2
    case_run "oralsnr: another starts beside it" 0 agent_as second oralsnr start "home=$ora" listener=L2
    case_run "oralsnr: another stops alone" 0 agent_as second oralsnr stop "home=$ora" listener=L2
    oralsnr monitor >/dev/null 2>&1
    echo hang >"$ora/network/LISTENER.mood"
    case_run "oralsnr hanging, first time: an alarm" 190 oralsnr monitor wait=1
    case_run "oralsnr hanging, second time" 1 oralsnr monitor wait=1
    case_run "oralsnr hanging can be stopped" 0 oralsnr stop stop_wait=1
    case_run "oralsnr stopped" 7 oralsnr monitor
    case_run "oralsnr: sessions live on" 0 sh -c "[ $(running '[o]racleDB1 (LOCAL=NO)') -gt 0 ]"
    echo noaddress >"$ora/network/LISTENER.mood"
    case_run "oralsnr whose address is not here" 1 oralsnr start
    case_run "oralsnr says what to do" 0 said "resource ip before it"
    echo deaf >"$ora/network/LISTENER.mood"
    case_run "oralsnr start" 0 oralsnr start
    case_run "oralsnr deaf can be stopped" 0 oralsnr stop stop_wait=1
    echo error >"$ora/network/LISTENER.mood"
    case_run "oralsnr that tells errors does not start" 1 oralsnr start CRM_meta_timeout=2000
    oralsnr stop >/dev/null 2>&1
    rm "$ora/network/LISTENER.mood"
    case_run "oralsnr start" 0 oralsnr start
    pkill -9 -x tnslsnr
    sleep 0.1
    case_run "oralsnr killed outside" 7 oralsnr monitor
    case_run "oralsnr starts again" 0 oralsnr start
    case_run "oralsnr stop" 0 oralsnr stop
    case_run "oralsnr stop again" 0 oralsnr stop
    case_run "oralsnr without sid and home" 6 agent oralsnr start
    case_run "oralsnr with a wrong name" 6 oralsnr start "listener=a b"
    case_run "oralsnr without programs" 5 oralsnr start home=/nonesuch
    case_run "oralsnr with a wrong number" 6 oralsnr validate-all wait=soon
    case_run "oracle stops with its sessions" 0 oracle stop
    case_run "oracle left nothing" 0 none_runs DB1
}
