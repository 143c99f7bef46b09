# test/unit/reserve: reservations of shared disks
EXTRA_DIST += test/unit/lun.h
if HAVE_CHECK
unit_reserve_programs = test/unit/t_pr test/unit/t_reservation test/unit/t_reserveplay test/unit/t_blocktree
check_PROGRAMS += $(unit_reserve_programs)
TESTS += $(unit_reserve_programs)
test_unit_t_pr_SOURCES = test/unit/t_pr.c
test_unit_t_pr_CFLAGS = $(UNIT_CFLAGS)
test_unit_t_pr_LDADD = $(LIB_WIRE) $(LIB_BASE) $(UNIT_LIBS)
test_unit_t_reservation_SOURCES = test/unit/t_reservation.c test/unit/lun.c test/unit/lun.h
test_unit_t_reservation_CFLAGS = $(UNIT_CFLAGS)
test_unit_t_reservation_LDADD = $(LIB_CORE) $(LIB_WIRE) $(LIB_BASE) $(UNIT_LIBS)
test_unit_t_reserveplay_SOURCES = test/unit/t_reserveplay.c test/unit/lun.c test/unit/lun.h
test_unit_t_reserveplay_CFLAGS = $(UNIT_CFLAGS)
test_unit_t_reserveplay_LDADD = $(LIB_CORE) $(LIB_WIRE) $(LIB_BASE) $(UNIT_LIBS)
test_unit_t_blocktree_SOURCES = test/unit/t_blocktree.c daemon/blocktree.c daemon/blocktree.h \
	daemon/clock.c daemon/clock.h daemon/diskparam.c daemon/diskparam.h daemon/multipath.c \
	daemon/multipath.h daemon/program.c daemon/program.h daemon/scsi.c daemon/scsi.h \
	daemon/spawn.c daemon/spawn.h daemon/trait.c daemon/trait.h daemon/uevent.c daemon/uevent.h
test_unit_t_blocktree_CFLAGS = $(UNIT_CFLAGS) $(QB_CFLAGS)
test_unit_t_blocktree_LDADD = $(LIB_WIRE) $(LIB_BASE) $(UNIT_LIBS) $(QB_LIBS) $(LTLIBINTL)
endif
