# test/fuzz/fuzz
