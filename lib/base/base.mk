# lib/base: floor 1
noinst_LIBRARIES += lib/base/libbase.a
lib_base_libbase_a_SOURCES = \
	lib/base/arena.c lib/base/arena.h \
	lib/base/buf.c lib/base/buf.h \
	lib/base/crc32c.c lib/base/crc32c.h \
	lib/base/err.c lib/base/err.h \
	lib/base/json.c lib/base/json.h \
	lib/base/nodeset.h \
	lib/base/num.c lib/base/num.h \
	lib/base/prng.c lib/base/prng.h \
	lib/base/say.c lib/base/say.h lib/base/say_core.h lib/base/say_sched.h \
	lib/base/str.c lib/base/str.h
