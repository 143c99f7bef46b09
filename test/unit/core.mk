# test/unit/core
