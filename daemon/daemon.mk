# daemon: yoked: the shell
DAEMON_SHELL = \
	daemon/boot.c daemon/shell.c daemon/shell.h daemon/wake.h \
	daemon/carrier.c daemon/carrier.h daemon/clock.c daemon/clock.h daemon/disk.c \
	daemon/corosync.c daemon/corosync.h daemon/knet.c daemon/knet.h \
	daemon/blockdev.c daemon/blockdev.h daemon/diskio.c daemon/diskio.h \
	daemon/doom.c daemon/doom.h daemon/feeder.c daemon/feeder.h daemon/inet.c daemon/inet.h \
	daemon/journal.c daemon/journal.h daemon/keep.c daemon/keep.h \
	daemon/keepfile.c daemon/keepfile.h daemon/keepslot.c daemon/keepslot.h \
	daemon/link.c daemon/link.h daemon/pace.c daemon/pace.h \
	daemon/planner.c daemon/planner.h daemon/privilege.c daemon/privilege.h \
	daemon/recorder.c daemon/recorder.h daemon/rundir.c daemon/rundir.h \
	daemon/reserve.c daemon/reserve.h $(RESERVER_PARTS) daemon/trait.c daemon/trait.h daemon/uevent.c daemon/uevent.h \
	daemon/sendq.c daemon/sendq.h daemon/serial.c daemon/service.c daemon/service.h \
	daemon/setup.c daemon/setup.h daemon/tcp.c daemon/tty.c daemon/tty.h daemon/udp.c

# Finding and working disks with reservations: the daemon's way is the command line's too.
RESERVER_PARTS = daemon/blocktree.c daemon/blocktree.h daemon/diskparam.c daemon/diskparam.h \
	daemon/multipath.c daemon/multipath.h daemon/pathwork.c daemon/pathwork.h \
	daemon/program.c daemon/program.h daemon/reserver.c daemon/reserver.h \
	daemon/scsi.c daemon/scsi.h

sbin_PROGRAMS += daemon/yoked
daemon_yoked_SOURCES = daemon/main.c $(DAEMON_SHELL)
daemon_yoked_CPPFLAGS = $(AM_CPPFLAGS) $(QB_CFLAGS) $(SYSTEMD_CFLAGS) $(CRYPTO_CFLAGS) $(COROSYNC_CFLAGS)
daemon_yoked_LDADD = $(DAEMON_HANDS) $(LIB_CLIENT) $(LIB_PURE) $(LIB_PURE_LIBS) $(QB_LIBS) $(SYSTEMD_LIBS) $(COROSYNC_LIBS) -lpthread

# The keeper of the watchdog: the C library and nothing else, for all its memory is locked.
sbin_PROGRAMS += daemon/yoke-keeper
KEEPER_PARTS = daemon/clock.c daemon/clock.h daemon/doom.c daemon/doom.h daemon/watchdog.c \
	daemon/watchdog.h
daemon_yoke_keeper_SOURCES = daemon/keeper.c $(KEEPER_PARTS)
daemon_yoke_keeper_LDADD = $(LIB_WIRE) $(LIB_BASE)

# The agent of units of systemd: the only program that speaks D-Bus.
pkglibexec_PROGRAMS += daemon/yoke-unit
daemon_yoke_unit_SOURCES = daemon/sysunit.c daemon/sysunit.h daemon/unitlook.c daemon/unitstart.c \
	daemon/unitstop.c daemon/systemd.c daemon/systemd.h daemon/dropin.c daemon/dropin.h
daemon_yoke_unit_CPPFLAGS = $(AM_CPPFLAGS) $(SYSTEMD_CFLAGS)
daemon_yoke_unit_LDADD = $(DAEMON_HANDS) $(LIB_BASE) $(SYSTEMD_LIBS)

# The daemon's hands: agents, fence agents, their processes, the control socket. yoked links
# $(DAEMON_HANDS), then $(LIB_CLIENT), before $(LIB_PURE), and $(QB_LIBS).
noinst_LIBRARIES += daemon/libhands.a
DAEMON_HANDS = daemon/libhands.a
daemon_libhands_a_SOURCES = \
	daemon/agent.c daemon/agent.h \
	daemon/agentenv.c daemon/agentenv.h \
	daemon/fit.c daemon/fit.h \
	daemon/agentrc.c daemon/agentrc.h \
	daemon/cgroup.c daemon/cgroup.h \
	daemon/child.c daemon/child.h \
	daemon/control.c daemon/control.h \
	daemon/fence.c daemon/fence.h \
	daemon/footprint.c daemon/footprint.h \
	daemon/procwatch.c daemon/procwatch.h \
	daemon/spawn.c daemon/spawn.h \
	daemon/words.c daemon/words.h
daemon_libhands_a_CFLAGS = $(YOKE_CFLAGS) $(QB_CFLAGS)
