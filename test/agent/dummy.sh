# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2154,SC2034 # sourced by test/agent/run, which says what such a file has
# dummy: cases of the agent that does nothing.
dummy_types=Dummy

dummy_tester() { tester Dummy; }

dummy_cases() {
    case_run "Dummy start" 0 agent Dummy start
    case_run "Dummy monitor" 0 agent Dummy monitor
    case_run "Dummy start again" 0 agent Dummy start
    case_run "Dummy monitor that shall fail" 1 agent Dummy monitor fail_monitor=1
    case_run "Dummy stop" 0 agent Dummy stop
    case_run "Dummy stop again" 0 agent Dummy stop
    case_run "Dummy monitor when stopped" 7 agent Dummy monitor
    case_run "Dummy start that shall fail" 5 agent Dummy start fail_start=5
    case_run "Dummy that fails on another node" 0 agent Dummy start fail_start=5 fail_on=elsewhere
    case_run "Dummy stop" 0 agent Dummy stop
    case_run "Dummy nonsense" 6 agent Dummy start fail_start=soon
    case_run "unknown action" 3 agent Dummy dance
    case_run "no action" 2 agent Dummy ""
}
