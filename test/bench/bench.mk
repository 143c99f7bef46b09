# test/bench: figures on two nodes made of namespaces; run by hand, never by make check
EXTRA_DIST += test/bench/run
