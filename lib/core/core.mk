# lib/core: floor 4
noinst_LIBRARIES += lib/core/libcore.a
lib_core_libcore_a_SOURCES = \
	lib/core/action.h lib/core/event.h lib/core/node.h \
	lib/core/record.c lib/core/record.h
