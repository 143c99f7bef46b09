# test/unit/sched
