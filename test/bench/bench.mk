# test/bench/bench
