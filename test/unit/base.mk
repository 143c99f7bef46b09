# test/unit/base
