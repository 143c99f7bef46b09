# test/unit/keeper: the watchdog and its keeper
if HAVE_CHECK
unit_keeper_programs = test/unit/t_feed test/unit/t_feedmsg test/unit/t_watchdog test/unit/t_keeper
check_PROGRAMS += $(unit_keeper_programs)
TESTS += $(unit_keeper_programs)
test_unit_t_feed_SOURCES = test/unit/t_feed.c
test_unit_t_feed_CFLAGS = $(UNIT_CFLAGS)
test_unit_t_feed_LDADD = $(LIB_WIRE) $(LIB_BASE) $(UNIT_LIBS)
test_unit_t_feedmsg_SOURCES = test/unit/t_feedmsg.c
test_unit_t_feedmsg_CFLAGS = $(UNIT_CFLAGS)
test_unit_t_feedmsg_LDADD = $(LIB_WIRE) $(LIB_BASE) $(UNIT_LIBS)
DOG = test/unit/dog.c test/unit/dog.h test/unit/scratchdir.h
test_unit_t_watchdog_SOURCES = test/unit/t_watchdog.c $(DOG) daemon/watchdog.c daemon/clock.c
test_unit_t_watchdog_CFLAGS = $(UNIT_CFLAGS)
test_unit_t_watchdog_LDADD = $(LIB_WIRE) $(LIB_BASE) $(UNIT_LIBS)
test_unit_t_watchdog_LDFLAGS = -Wl,--wrap=ioctl
# Runs daemon/yoke-keeper.
test_unit_t_keeper_SOURCES = test/unit/t_keeper.c $(DOG)
test_unit_t_keeper_CFLAGS = $(UNIT_CFLAGS)
test_unit_t_keeper_LDADD = $(LIB_WIRE) $(LIB_BASE) $(UNIT_LIBS)
endif
