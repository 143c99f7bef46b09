# lib/sched: floor 3
noinst_LIBRARIES += lib/sched/libsched.a
lib_sched_libsched_a_SOURCES = \
	lib/sched/colocate.c \
	lib/sched/draft.c lib/sched/draft.h \
	lib/sched/duty.c \
	lib/sched/failure.c \
	lib/sched/fencing.c \
	lib/sched/gate.c \
	lib/sched/multiple.c \
	lib/sched/order.c \
	lib/sched/place.c \
	lib/sched/probe.c \
	lib/sched/reason.c \
	lib/sched/sched.c lib/sched/sched.h \
	lib/sched/score.c \
	lib/sched/step.c \
	lib/sched/wait.c
