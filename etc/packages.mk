# etc/packages: what the packages are made of; `test/packages` makes them all
dist_pkglibexec_SCRIPTS = etc/package

# The release carries the spec file with its version, so that `rpmbuild -ta yoke-VERSION.tar.xz` will do.
etc/yoke.spec: etc/yoke.spec.in Makefile
	$(AM_V_GEN)$(MKDIR_P) etc && sed -e 's|@VERSION[@]|$(VERSION)|' $(srcdir)/etc/yoke.spec.in >$@.new && mv $@.new $@
EXTRA_DIST += etc/yoke.spec etc/yoke.spec.in
CLEANFILES += etc/yoke.spec

EXTRA_DIST += autogen.sh ARCHITECTURE.md HACKING.md
EXTRA_DIST += debian/changelog debian/clean debian/control debian/copyright debian/rules debian/source/format
EXTRA_DIST += debian/needrestart/yoke.conf debian/libyoke-dev.install debian/yoke-agents.install
EXTRA_DIST += debian/yoke.dirs debian/yoke.install debian/yoke.postinst debian/yoke.postrm debian/yoke.prerm
