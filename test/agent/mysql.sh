# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2154,SC2034 # sourced by test/agent/run, which says what such a file has
# mysql: cases with a real MariaDB.
mysql_types=mysql

mysql_make() {
    for mysqld in /usr/sbin/mariadbd /usr/sbin/mysqld ''; do [ ! -x "$mysqld" ] || break; done
    if [ -z "$mysqld" ] || ! command -v mariadb-install-db >/dev/null; then
        echo "there is no MariaDB here"
        return 1
    fi
    printf '[mysqld]\nskip-networking\ninnodb_buffer_pool_size=16M\ninnodb_log_file_size=4M\n' >"$work/my.cnf"
    install -d -o mysql -m 755 "$work/db1"
    mariadb-install-db --defaults-file="$work/my.cnf" --user=mysql --datadir="$work/db1" --skip-test-db
    cp -a "$work/db1" "$work/db2"
}

mysql_tester() { tester mysql "datadir=$work/db1" "config=$work/my.cnf"; }

# mysqld_pid DIR
mysqld_pid() {
    for dir in /proc/[0-9]*; do
        [ "$(readlink "$dir/cwd")" = "$1" ] && grep -qxE 'mariadbd|mysqld' "$dir/comm" && echo "${dir#/proc/}"
    done
}

mysql_cases() {
    set -- "datadir=$work/db1" "config=$work/my.cnf"
    case_run "mysql monitor when stopped" 7 agent mysql monitor "$@"
    case_run "mysql stop when never started" 0 agent mysql stop "$@"
    case_run "mysql start" 0 agent mysql start "$@"
    case_run "mysql start again" 0 agent mysql start "$@"
    case_run "mysql monitor" 0 agent mysql monitor "$@"
    case_run "mysql runs as mysql" 0 sh -c "[ \$(stat -c %U /proc/$(mysqld_pid "$work/db1")) = mysql ]"
    case_run "mysql: another instance sees nothing of it" 7 agent_as other mysql monitor "$@" "datadir=$work/db2"
    case_run "mysql: another instance starts beside it" 0 agent_as other mysql start "$@" "datadir=$work/db2"
    case_run "mysql: another instance stops alone" 0 agent_as other mysql stop "$@" "datadir=$work/db2"
    printf '[client]\nuser=nobody\npassword=opensesame\n' >"$work/client.cnf"
    case_run "mysql that refuses the login runs" 0 agent mysql monitor "$@" "client_config=$work/client.cnf"
    case_run "mysql with a question that it refuses" 1 agent mysql monitor "$@" "client_config=$work/client.cnf" "sql=select 2"
    case_run "mysql says what to mend" 0 said "mend client_config"
    case_run "mysql with a wrong question" 1 agent mysql monitor "$@" "sql=select nonsense"
    kill -STOP "$(mysqld_pid "$work/db1")"
    case_run "mysql frozen" 1 agent mysql monitor "$@" wait=1
    case_run "mysql says so" 0 said "did not answer"
    case_run "mysql frozen can be stopped" 0 agent mysql stop "$@" stop_wait=1
    case_run "mysql stopped" 7 agent mysql monitor "$@"
    case_run "mysql start after a crash" 0 agent mysql start "$@"
    kill -9 "$(mysqld_pid "$work/db1")"
    sleep 0.3
    case_run "mysql killed outside" 7 agent mysql monitor "$@"
    # The action is killed while the server is coming up.
    (OCF_RESOURCE_INSTANCE=case-mysql OCF_RESKEY_datadir="$work/db1" OCF_RESKEY_config="$work/my.cnf" \
        exec "$shell" "$agents/mysql" start 2>/dev/null) &
    begun=$!
    until [ -n "$(mysqld_pid "$work/db1")" ]; do sleep 0.02; done
    kill -9 $begun
    wait $begun 2>/dev/null
    case_run "mysql killed in mid-start starts" 0 agent mysql start "$@"
    case_run "mysql stop" 0 agent mysql stop "$@"
    case_run "mysql stop again" 0 agent mysql stop "$@"
    if command -v mariadbd-safe >/dev/null; then
        mariadbd-safe --defaults-file="$work/my.cnf" --user=mysql --datadir="$work/db1" --socket="$work/db1/mysql.sock" >/dev/null 2>&1 &
        until agent mysql monitor "$@" 2>/dev/null; do sleep 0.1; done
        kill -STOP "$(mysqld_pid "$work/db1")"
        case_run "mysql under mysqld_safe, frozen, can be stopped" 0 agent mysql stop "$@" stop_wait=1
        sleep 0.5
        case_run "mysql does not come back" 7 agent mysql monitor "$@"
    fi
    case_run "mysql with a broken option" 1 agent mysql start "$@" options=--nonsense
    case_run "mysql says why" 0 said nonsense
    case_run "mysql without data" 5 agent mysql start "$@" "datadir=$work/other"
    case_run "mysql without a program" 5 agent mysql start "$@" binary=/nonesuch
    case_run "mysql with a wrong number" 6 agent mysql validate-all "$@" wait=soon
}
