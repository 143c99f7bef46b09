# test/sim/sim
