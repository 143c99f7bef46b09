# test/unit/cib: lib/cib
EXTRA_DIST += test/unit/cibtext.h test/unit/cibgen.h
if HAVE_CHECK
CIB_TESTS = test/unit/t_lex \
	test/unit/t_cibparse \
	test/unit/t_cibcheck \
	test/unit/t_cibprint \
	test/unit/t_cibedit \
	test/unit/t_cibdiff \
	test/unit/t_model \
	test/unit/t_topology
check_PROGRAMS += $(CIB_TESTS)
TESTS += $(CIB_TESTS)
CIB_LIBS = $(LIB_CIB) $(LIB_BASE) $(UNIT_LIBS)
test_unit_t_lex_SOURCES = test/unit/t_lex.c
test_unit_t_lex_CFLAGS = $(UNIT_CFLAGS)
test_unit_t_lex_LDADD = $(CIB_LIBS)
test_unit_t_cibparse_SOURCES = test/unit/t_cibparse.c
test_unit_t_cibparse_CFLAGS = $(UNIT_CFLAGS)
test_unit_t_cibparse_LDADD = $(CIB_LIBS)
test_unit_t_cibcheck_SOURCES = test/unit/t_cibcheck.c
test_unit_t_cibcheck_CFLAGS = $(UNIT_CFLAGS)
test_unit_t_cibcheck_LDADD = $(CIB_LIBS)
test_unit_t_cibprint_SOURCES = test/unit/t_cibprint.c
test_unit_t_cibprint_CFLAGS = $(UNIT_CFLAGS)
test_unit_t_cibprint_LDADD = $(CIB_LIBS)
test_unit_t_cibedit_SOURCES = test/unit/t_cibedit.c
test_unit_t_cibedit_CFLAGS = $(UNIT_CFLAGS)
test_unit_t_cibedit_LDADD = $(CIB_LIBS)
test_unit_t_cibdiff_SOURCES = test/unit/t_cibdiff.c
test_unit_t_cibdiff_CFLAGS = $(UNIT_CFLAGS)
test_unit_t_cibdiff_LDADD = $(CIB_LIBS)
test_unit_t_model_SOURCES = test/unit/t_model.c
test_unit_t_model_CFLAGS = $(UNIT_CFLAGS)
test_unit_t_model_LDADD = $(CIB_LIBS)
test_unit_t_topology_SOURCES = test/unit/t_topology.c
test_unit_t_topology_CFLAGS = $(UNIT_CFLAGS)
test_unit_t_topology_LDADD = $(CIB_LIBS)
endif
