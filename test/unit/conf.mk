# test/unit/conf
