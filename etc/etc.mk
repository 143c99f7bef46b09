# etc
yokedocdir = $(datadir)/doc/yoke
dist_yokedoc_DATA = etc/yoke.conf.example
