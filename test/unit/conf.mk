# test/unit/conf: lib/conf
if HAVE_CHECK
CONF_TESTS = test/unit/t_opt test/unit/t_confparse test/unit/t_confcheck test/unit/t_timing \
	test/unit/t_confprint test/unit/t_totem
check_PROGRAMS += $(CONF_TESTS)
TESTS += $(CONF_TESTS)
CONF_LIBS = $(LIB_CONF) $(LIB_BASE) $(INIH_LIBS) $(UNIT_LIBS)
test_unit_t_opt_SOURCES = test/unit/t_opt.c
test_unit_t_opt_CFLAGS = $(UNIT_CFLAGS)
test_unit_t_opt_LDADD = $(CONF_LIBS)
test_unit_t_confparse_SOURCES = test/unit/t_confparse.c test/unit/conftext.h
test_unit_t_confparse_CFLAGS = $(UNIT_CFLAGS)
test_unit_t_confparse_LDADD = $(CONF_LIBS)
test_unit_t_confcheck_SOURCES = test/unit/t_confcheck.c
test_unit_t_confcheck_CFLAGS = $(UNIT_CFLAGS)
test_unit_t_confcheck_LDADD = $(CONF_LIBS)
test_unit_t_timing_SOURCES = test/unit/t_timing.c
test_unit_t_timing_CFLAGS = $(UNIT_CFLAGS)
test_unit_t_timing_LDADD = $(CONF_LIBS)
test_unit_t_totem_SOURCES = test/unit/t_totem.c
test_unit_t_totem_CFLAGS = $(UNIT_CFLAGS)
test_unit_t_totem_LDADD = $(CONF_LIBS)
test_unit_t_confprint_SOURCES = test/unit/t_confprint.c
test_unit_t_confprint_CFLAGS = $(UNIT_CFLAGS) $(JANSSON_CFLAGS)
test_unit_t_confprint_LDADD = $(CONF_LIBS) $(JANSSON_LIBS)
endif
