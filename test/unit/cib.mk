# test/unit/cib: lib/cib
EXTRA_DIST += test/unit/cibtext.h test/unit/cibgen.h
if HAVE_CHECK
CIB_TESTS = test/unit/t_lex \
	test/unit/t_cibparse \
	test/unit/t_cibprint
check_PROGRAMS += $(CIB_TESTS)
TESTS += $(CIB_TESTS)
CIB_LIBS = $(LIB_CIB) $(LIB_BASE) $(UNIT_LIBS)
test_unit_t_lex_SOURCES = test/unit/t_lex.c
test_unit_t_lex_CFLAGS = $(UNIT_CFLAGS)
test_unit_t_lex_LDADD = $(CIB_LIBS)
test_unit_t_cibparse_SOURCES = test/unit/t_cibparse.c
test_unit_t_cibparse_CFLAGS = $(UNIT_CFLAGS)
test_unit_t_cibparse_LDADD = $(CIB_LIBS)
test_unit_t_cibprint_SOURCES = test/unit/t_cibprint.c
test_unit_t_cibprint_CFLAGS = $(UNIT_CFLAGS)
test_unit_t_cibprint_LDADD = $(CIB_LIBS)
endif
