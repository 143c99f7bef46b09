# daemon

# The daemon's hands: agents, fence agents, their processes, the control socket. yoked links
# $(DAEMON_HANDS), then $(LIB_CLIENT), before $(LIB_PURE), and $(QB_LIBS).
noinst_LIBRARIES += daemon/libhands.a
DAEMON_HANDS = daemon/libhands.a
daemon_libhands_a_SOURCES = \
	daemon/agent.c daemon/agent.h \
	daemon/agentenv.c daemon/agentenv.h \
	daemon/agentrc.c daemon/agentrc.h \
	daemon/cgroup.c daemon/cgroup.h \
	daemon/child.c daemon/child.h \
	daemon/control.c daemon/control.h \
	daemon/fence.c daemon/fence.h \
	daemon/procwatch.c daemon/procwatch.h \
	daemon/spawn.c daemon/spawn.h \
	daemon/words.c daemon/words.h
daemon_libhands_a_CFLAGS = $(YOKE_CFLAGS) $(QB_CFLAGS)
