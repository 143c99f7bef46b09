# lib/cib: floor 2
noinst_LIBRARIES += lib/cib/libcib.a
lib_cib_libcib_a_SOURCES = \
	lib/cib/attr.c lib/cib/attr.h \
	lib/cib/build.c \
	lib/cib/cycle.c lib/cib/cycle.h \
	lib/cib/device.c lib/cib/device.h \
	lib/cib/diff.c lib/cib/diff.h \
	lib/cib/edit.c lib/cib/edit.h \
	lib/cib/effect.c lib/cib/effect.h \
	lib/cib/expand.c lib/cib/expand.h \
	lib/cib/fault.c lib/cib/fault.h \
	lib/cib/lex.c lib/cib/lex.h \
	lib/cib/lint.c lib/cib/lint.h \
	lib/cib/model.c lib/cib/model.h \
	lib/cib/parse.c lib/cib/parse.h \
	lib/cib/parse_cons.c lib/cib/parse_rsc.c lib/cib/parse_set.c \
	lib/cib/print.c lib/cib/print.h lib/cib/sink.h \
	lib/cib/reading.c lib/cib/reading.h \
	lib/cib/sort.c lib/cib/sort.h \
	lib/cib/topology.c
