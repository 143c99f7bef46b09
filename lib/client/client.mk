# lib/client: floor 3, client of the control socket; the one library that others may link
lib_LIBRARIES = lib/client/libyoke.a
include_yokedir = $(includedir)/yoke
include_yoke_HEADERS = include/yoke/client.h
LIB_CLIENT = lib/client/libyoke.a
LIB_CLIENT_LIBS = $(QB_LIBS)
# What a request is made of comes along, so that programs need nothing else of the house.
lib_client_libyoke_a_SOURCES = \
	lib/client/client.c lib/client/client.h \
	lib/client/ipc.h \
	lib/wire/cmd.c lib/base/buf.c lib/base/crc32c.c lib/base/str.c
lib_client_libyoke_a_CFLAGS = $(YOKE_CFLAGS) $(QB_CFLAGS)
