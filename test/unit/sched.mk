# test/unit/sched: lib/sched
EXTRA_DIST += test/golden/sched
SCHED_TEST_LIBS = $(LIB_SCHED) $(LIB_CIB) $(LIB_BASE)
SCHED_TEXT = test/unit/schedtext.c test/unit/schedtext.h
check_PROGRAMS += test/unit/t_schedcase test/unit/t_schedprop
TESTS += test/unit/t_schedcase test/unit/t_schedprop
test_unit_t_schedcase_SOURCES = test/unit/t_schedcase.c $(SCHED_TEXT)
test_unit_t_schedcase_LDADD = $(SCHED_TEST_LIBS)
test_unit_t_schedprop_SOURCES = test/unit/t_schedprop.c $(SCHED_TEXT)
test_unit_t_schedprop_LDADD = $(SCHED_TEST_LIBS)
if HAVE_CHECK
check_PROGRAMS += test/unit/t_sched
TESTS += test/unit/t_sched
test_unit_t_sched_SOURCES = test/unit/t_sched.c $(SCHED_TEXT)
test_unit_t_sched_CFLAGS = $(UNIT_CFLAGS)
test_unit_t_sched_LDADD = $(SCHED_TEST_LIBS) $(UNIT_LIBS)
endif
