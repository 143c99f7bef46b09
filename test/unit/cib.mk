# test/unit/cib
