# lib/conf: floor 2
noinst_LIBRARIES += lib/conf/libconf.a
lib_conf_libconf_a_CPPFLAGS = $(AM_CPPFLAGS) $(INIH_CFLAGS)
lib_conf_libconf_a_SOURCES = \
	lib/conf/check.c lib/conf/check.h \
	lib/conf/conf.c lib/conf/conf.h \
	lib/conf/opt.c lib/conf/opt.h \
	lib/conf/parse.c lib/conf/parse.h \
	lib/conf/print.c lib/conf/print.h \
	lib/conf/timing.c lib/conf/timing.h
