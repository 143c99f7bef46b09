# test/unit/shell: parts of the daemon's shell that stand by themselves
if HAVE_CHECK
unit_shell_programs = test/unit/t_pace test/unit/t_sendq test/unit/t_keepslot \
	test/unit/t_keepfile test/unit/t_rundir test/unit/t_diskio
check_PROGRAMS += $(unit_shell_programs)
TESTS += $(unit_shell_programs)
test_unit_t_pace_SOURCES = test/unit/t_pace.c daemon/pace.c
test_unit_t_pace_CFLAGS = $(UNIT_CFLAGS)
test_unit_t_pace_LDADD = $(UNIT_LIBS)
test_unit_t_sendq_SOURCES = test/unit/t_sendq.c daemon/sendq.c
test_unit_t_sendq_CFLAGS = $(UNIT_CFLAGS)
test_unit_t_sendq_LDADD = $(LIB_BASE) $(UNIT_LIBS)
test_unit_t_keepslot_SOURCES = test/unit/t_keepslot.c daemon/keepslot.c
test_unit_t_keepslot_CFLAGS = $(UNIT_CFLAGS)
test_unit_t_keepslot_LDADD = $(LIB_BASE) $(UNIT_LIBS)
test_unit_t_diskio_SOURCES = test/unit/t_diskio.c test/unit/scratchdir.h daemon/diskio.c daemon/blockdev.c daemon/clock.c
test_unit_t_diskio_CFLAGS = $(UNIT_CFLAGS)
test_unit_t_diskio_LDADD = $(LIB_WIRE) $(LIB_BASE) $(UNIT_LIBS) $(LTLIBINTL) -lpthread
test_unit_t_keepfile_SOURCES = test/unit/t_keepfile.c test/unit/scratchdir.h daemon/keepfile.c daemon/keepslot.c
test_unit_t_keepfile_CFLAGS = $(UNIT_CFLAGS)
test_unit_t_keepfile_LDADD = $(LIB_BASE) $(UNIT_LIBS)
test_unit_t_rundir_SOURCES = test/unit/t_rundir.c test/unit/scratchdir.h daemon/rundir.c
test_unit_t_rundir_CFLAGS = $(UNIT_CFLAGS)
test_unit_t_rundir_LDADD = $(LIB_BASE) $(UNIT_LIBS)
endif
