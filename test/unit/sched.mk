# test/unit/sched: lib/sched
EXTRA_DIST += test/golden/sched
