# lib/base: floor 1
noinst_LIBRARIES += lib/base/libbase.a
lib_base_libbase_a_SOURCES = lib/base/err.h lib/base/err.c
