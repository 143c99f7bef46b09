# daemon: yoked. Its two halves are listed apart: the shell, and what it runs.
DAEMON_SHELL = \
	daemon/boot.c daemon/shell.c daemon/shell.h daemon/wake.h \
	daemon/carrier.c daemon/carrier.h daemon/clock.c daemon/clock.h \
	daemon/doom.c daemon/doom.h daemon/inet.c daemon/inet.h \
	daemon/journal.c daemon/journal.h daemon/keep.c daemon/keep.h \
	daemon/keepfile.c daemon/keepfile.h daemon/keepslot.c daemon/keepslot.h \
	daemon/link.c daemon/link.h daemon/pace.c daemon/pace.h \
	daemon/planner.c daemon/planner.h daemon/privilege.c daemon/privilege.h \
	daemon/recorder.c daemon/recorder.h daemon/rundir.c daemon/rundir.h \
	daemon/sendq.c daemon/sendq.h daemon/serial.c daemon/service.c daemon/service.h \
	daemon/setup.c daemon/setup.h daemon/tcp.c daemon/tty.c daemon/tty.h daemon/udp.c
DAEMON_RUN = \
	daemon/agent.h daemon/control.h daemon/fence.h

EXTRA_PROGRAMS = daemon/yoked
daemon_yoked_SOURCES = daemon/main.c $(DAEMON_SHELL) $(DAEMON_RUN)
daemon_yoked_CPPFLAGS = $(AM_CPPFLAGS) $(QB_CFLAGS) $(SYSTEMD_CFLAGS) $(CRYPTO_CFLAGS)
daemon_yoked_LDADD = $(LIB_PURE) $(LIB_PURE_LIBS) $(QB_LIBS) $(SYSTEMD_LIBS) -lpthread
