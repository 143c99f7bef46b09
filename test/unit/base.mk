# test/unit: lib/base and lib/wire
EXTRA_DIST += test/unit/unit.h
if HAVE_CHECK
unit_base_programs = \
	test/unit/t_str \
	test/unit/t_num \
	test/unit/t_buf \
	test/unit/t_arena \
	test/unit/t_prng \
	test/unit/t_crc32c \
	test/unit/t_json \
	test/unit/t_say \
	test/unit/t_block \
	test/unit/t_frame \
	test/unit/t_framer \
	test/unit/t_auth \
	test/unit/t_cmd \
	test/unit/t_auth_old
check_PROGRAMS += $(unit_base_programs)
TESTS += $(unit_base_programs)

test_unit_t_str_SOURCES = test/unit/t_str.c
test_unit_t_str_CFLAGS = $(UNIT_CFLAGS)
test_unit_t_str_LDADD = $(LIB_BASE) $(UNIT_LIBS)
test_unit_t_num_SOURCES = test/unit/t_num.c
test_unit_t_num_CFLAGS = $(UNIT_CFLAGS)
test_unit_t_num_LDADD = $(LIB_BASE) $(UNIT_LIBS)
test_unit_t_buf_SOURCES = test/unit/t_buf.c
test_unit_t_buf_CFLAGS = $(UNIT_CFLAGS)
test_unit_t_buf_LDADD = $(LIB_BASE) $(UNIT_LIBS)
test_unit_t_arena_SOURCES = test/unit/t_arena.c
test_unit_t_arena_CFLAGS = $(UNIT_CFLAGS)
test_unit_t_arena_LDADD = $(LIB_BASE) $(UNIT_LIBS)
test_unit_t_prng_SOURCES = test/unit/t_prng.c
test_unit_t_prng_CFLAGS = $(UNIT_CFLAGS)
test_unit_t_prng_LDADD = $(LIB_BASE) $(UNIT_LIBS)
test_unit_t_crc32c_SOURCES = test/unit/t_crc32c.c
test_unit_t_crc32c_CFLAGS = $(UNIT_CFLAGS)
test_unit_t_crc32c_LDADD = $(LIB_BASE) $(UNIT_LIBS)
test_unit_t_json_SOURCES = test/unit/t_json.c
test_unit_t_json_CFLAGS = $(UNIT_CFLAGS) $(JANSSON_CFLAGS)
test_unit_t_json_LDADD = $(LIB_BASE) $(UNIT_LIBS) $(JANSSON_LIBS)
test_unit_t_say_SOURCES = test/unit/t_say.c
test_unit_t_say_CFLAGS = $(UNIT_CFLAGS)
test_unit_t_say_LDADD = $(LIB_BASE) $(UNIT_LIBS)
test_unit_t_block_SOURCES = test/unit/t_block.c
test_unit_t_block_CFLAGS = $(UNIT_CFLAGS)
test_unit_t_block_LDADD = $(LIB_WIRE) $(LIB_BASE) $(UNIT_LIBS)
test_unit_t_frame_SOURCES = test/unit/t_frame.c
test_unit_t_frame_CFLAGS = $(UNIT_CFLAGS)
test_unit_t_frame_LDADD = $(LIB_WIRE) $(LIB_BASE) $(UNIT_LIBS)
test_unit_t_framer_SOURCES = test/unit/t_framer.c
test_unit_t_framer_CFLAGS = $(UNIT_CFLAGS)
test_unit_t_framer_LDADD = $(LIB_WIRE) $(LIB_BASE) $(UNIT_LIBS)
test_unit_t_auth_SOURCES = test/unit/t_auth.c
test_unit_t_auth_CFLAGS = $(UNIT_CFLAGS)
test_unit_t_auth_LDADD = $(LIB_WIRE) $(LIB_BASE) $(UNIT_LIBS) $(CRYPTO_LIBS)
test_unit_t_cmd_SOURCES = test/unit/t_cmd.c
test_unit_t_cmd_CFLAGS = $(UNIT_CFLAGS)
test_unit_t_cmd_LDADD = $(LIB_WIRE) $(LIB_BASE) $(UNIT_LIBS)
# The same test on the code for libcrypto 1.1.1.
test_unit_t_auth_old_CPPFLAGS = $(AM_CPPFLAGS) -DYOKE_OLD_HMAC -DOPENSSL_API_COMPAT=0x10101000L
test_unit_t_auth_old_SOURCES = test/unit/t_auth.c
test_unit_t_auth_old_CFLAGS = $(UNIT_CFLAGS)
test_unit_t_auth_old_LDADD = $(LIB_WIRE) $(LIB_BASE) $(UNIT_LIBS) $(CRYPTO_LIBS)
endif
