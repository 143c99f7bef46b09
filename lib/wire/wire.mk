# lib/wire: floor 2
noinst_LIBRARIES += lib/wire/libwire.a
lib_wire_libwire_a_SOURCES = \
	lib/wire/auth.c lib/wire/auth.h \
	lib/wire/block.c lib/wire/block.h \
	lib/wire/cmd.c lib/wire/cmd.h \
	lib/wire/feed.c lib/wire/feed.h \
	lib/wire/feedmsg.c lib/wire/feedmsg.h \
	lib/wire/frame.c lib/wire/frame.h \
	lib/wire/framer.c lib/wire/pr.c lib/wire/pr.h
lib_wire_libwire_a_CFLAGS = $(YOKE_CFLAGS) $(CRYPTO_CFLAGS)
