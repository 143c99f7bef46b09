# Manual pages. Each page, or how it is made, is one paragraph.

# yoke.conf(5): hand-written head and tail, the option list between them from the option table.
dist_man_MANS += man/yoke.conf.5
EXTRA_DIST += man/yoke.conf.5.head man/yoke.conf.5.tail
CLEANFILES += man/yoke.conf.5
noinst_PROGRAMS += man/confman
man_confman_SOURCES = man/confman.c
man_confman_LDADD = $(LIB_CONF) $(LIB_BASE) $(LIB_PURE_LIBS)
man/yoke.conf.5: man/yoke.conf.5.head man/yoke.conf.5.tail man/confman$(EXEEXT)
	$(AM_V_GEN)mkdir -p man && \
	{ cat $(srcdir)/man/yoke.conf.5.head && man/confman$(EXEEXT) && \
	  cat $(srcdir)/man/yoke.conf.5.tail; } >$@.new && \
	sed 's|@sysconfdir[@]|$(sysconfdir)|g' $@.new >$@.out && rm -f $@.new && mv $@.out $@

# yoked(8), which tells of yoke-keeper as well
dist_man_MANS += man/yoked.8
install-data-hook:
	cd "$(DESTDIR)$(man8dir)" && rm -f yoke-keeper.8 && $(LN_S) yoked.8 yoke-keeper.8
uninstall-hook:
	rm -f "$(DESTDIR)$(man8dir)/yoke-keeper.8"

# yoke(8): hand-written head and tail, the command list between them from the table of commands.
dist_man_MANS += man/yoke.8
EXTRA_DIST += man/yoke.8.head man/yoke.8.tail
CLEANFILES += man/yoke.8
noinst_PROGRAMS += cli/climan
cli_climan_SOURCES = cli/climan.c
cli_climan_CFLAGS = $(YOKE_CFLAGS) $(JANSSON_CFLAGS)
cli_climan_LDADD = $(CLI_LIBS)
man/yoke.8: man/yoke.8.head man/yoke.8.tail cli/climan$(EXEEXT)
	$(AM_V_GEN)mkdir -p man && \
	{ cat $(srcdir)/man/yoke.8.head && LC_ALL=C cli/climan$(EXEEXT) && \
	  cat $(srcdir)/man/yoke.8.tail; } >$@.new && \
	sed -e 's|@sysconfdir[@]|$(sysconfdir)|g' -e 's|@datadir[@]|$(datadir)|g' $@.new >$@.out && rm -f $@.new && mv $@.out $@
