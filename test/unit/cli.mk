# test/unit/cli: the command line, without a daemon
EXTRA_DIST += test/golden/status
if HAVE_CHECK
unit_cli_programs = test/unit/t_table test/unit/t_quoting test/unit/t_meta test/unit/t_batch \
	test/unit/t_render test/unit/t_cable test/unit/t_template test/unit/t_shelf \
	test/unit/t_totemfile
check_PROGRAMS += $(unit_cli_programs)
TESTS += $(unit_cli_programs)
CLI_TEST_CFLAGS = $(UNIT_CFLAGS) $(JANSSON_CFLAGS)
test_unit_t_table_SOURCES = test/unit/t_table.c test/unit/capture.h
test_unit_t_table_CFLAGS = $(CLI_TEST_CFLAGS)
test_unit_t_table_LDADD = $(CLI_LIBS) $(UNIT_LIBS)
test_unit_t_quoting_SOURCES = test/unit/t_quoting.c
test_unit_t_quoting_CFLAGS = $(CLI_TEST_CFLAGS)
test_unit_t_quoting_LDADD = $(CLI_LIBS) $(UNIT_LIBS)
test_unit_t_meta_SOURCES = test/unit/t_meta.c test/unit/capture.h test/unit/scratchdir.h
test_unit_t_meta_CFLAGS = $(CLI_TEST_CFLAGS)
test_unit_t_meta_LDADD = $(CLI_LIBS) $(UNIT_LIBS)
test_unit_t_batch_SOURCES = test/unit/t_batch.c test/unit/capture.h test/unit/scratchdir.h
test_unit_t_batch_CFLAGS = $(CLI_TEST_CFLAGS)
test_unit_t_batch_LDADD = $(CLI_LIBS) $(UNIT_LIBS)
test_unit_t_render_SOURCES = test/unit/t_render.c test/unit/capture.h
test_unit_t_render_CFLAGS = $(CLI_TEST_CFLAGS)
test_unit_t_render_LDADD = $(CLI_LIBS) $(UNIT_LIBS)
test_unit_t_cable_SOURCES = test/unit/t_cable.c
test_unit_t_cable_CFLAGS = $(CLI_TEST_CFLAGS)
test_unit_t_cable_LDADD = $(CLI_LIBS) $(UNIT_LIBS) -lutil
test_unit_t_totemfile_SOURCES = test/unit/t_totemfile.c test/unit/capture.h test/unit/scratchdir.h
test_unit_t_totemfile_CFLAGS = $(CLI_TEST_CFLAGS)
test_unit_t_totemfile_LDADD = $(CLI_LIBS) $(UNIT_LIBS)
test_unit_t_template_SOURCES = test/unit/t_template.c test/unit/capture.h
test_unit_t_template_CFLAGS = $(CLI_TEST_CFLAGS)
test_unit_t_template_LDADD = $(CLI_LIBS) $(UNIT_LIBS)
# The templates that are shipped are tried with the agents of this tree.
test_unit_t_shelf_SOURCES = test/unit/t_shelf.c test/unit/capture.h test/unit/scratchdir.h
test_unit_t_shelf_CPPFLAGS = $(AM_CPPFLAGS) -DSOURCE_DIR='"$(abs_top_srcdir)"' -DBUILD_DIR='"$(abs_top_builddir)"'
test_unit_t_shelf_CFLAGS = $(CLI_TEST_CFLAGS)
test_unit_t_shelf_LDADD = $(CLI_LIBS) $(UNIT_LIBS)
endif
