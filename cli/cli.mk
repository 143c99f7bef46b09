# cli: the command line
bin_PROGRAMS += cli/yoke
CLI_PARTS = \
	cli/advice.c cli/ask.c cli/cable.c cli/cable.h cli/catalog.c cli/cli.h cli/configure.c cli/define.c \
	cli/feeding.c \
	cli/fenceview.c cli/file.c cli/linktest.c cli/local.c cli/meta.c cli/meta.h cli/unitfile.c cli/unitfile.h cli/prompt.c cli/prompt.h cli/quoting.c \
	cli/quorumdisk.c cli/totemfile.c \
	cli/quoting.h cli/render.c cli/diskkeys.c cli/diskkeys.h cli/runout.c cli/runout.h cli/table.c cli/tell.c cli/trial.c cli/verbs.c \
	cli/views.c cli/workcopy.c cli/workcopy.h
CLI_PARTS += cli/catalog.h cli/fillin.c cli/fillin.h cli/shelf.c cli/template.c cli/template.h cli/validation.c
noinst_LIBRARIES += cli/libcli.a
# A serial device, a quorum disk and reservations are worked in one way, the daemon's.
cli_libcli_a_SOURCES = $(CLI_PARTS) daemon/tty.c daemon/tty.h daemon/journal.h \
	daemon/blockdev.c daemon/blockdev.h $(RESERVER_PARTS) daemon/clock.c daemon/clock.h \
	daemon/spawn.c daemon/spawn.h
cli_libcli_a_CFLAGS = $(YOKE_CFLAGS) $(JANSSON_CFLAGS) $(XML2_CFLAGS) $(EDIT_CFLAGS)
LIB_CLI = cli/libcli.a
CLI_LIBS = $(LIB_CLI) $(LIB_CLIENT) $(LIB_PURE) $(LIB_PURE_LIBS) $(LIB_CLIENT_LIBS) \
	$(JANSSON_LIBS) $(XML2_LIBS) $(EDIT_LIBS) $(LTLIBINTL) -lpthread
cli_yoke_SOURCES = cli/yoke.c
cli_yoke_CFLAGS = $(YOKE_CFLAGS) $(JANSSON_CFLAGS)
cli_yoke_LDADD = $(CLI_LIBS)

# Completion for bash, under the name that bash looks for.
bashcompdir = $(datadir)/bash-completion/completions
nodist_bashcomp_DATA = cli/bash/yoke
cli/bash/yoke: etc/yoke.bash-completion
	$(AM_V_GEN)$(MKDIR_P) cli/bash && cp $(srcdir)/etc/yoke.bash-completion $@
EXTRA_DIST += etc/yoke.bash-completion
CLEANFILES += cli/bash/yoke
