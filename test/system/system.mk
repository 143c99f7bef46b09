# test/system/system
