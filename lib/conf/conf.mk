# lib/conf: floor 2
noinst_LIBRARIES += lib/conf/libconf.a
lib_conf_libconf_a_CPPFLAGS = $(AM_CPPFLAGS) $(INIH_CFLAGS)
lib_conf_libconf_a_SOURCES = \
	lib/conf/audit.c lib/conf/audit.h \
	lib/conf/conf.c lib/conf/conf.h \
	lib/conf/opt.c lib/conf/opt.h \
	lib/conf/ini.c lib/conf/ini.h \
	lib/conf/show.c lib/conf/show.h \
	lib/conf/timing.c lib/conf/timing.h \
	lib/conf/totem.c lib/conf/totem.h
