# test/model: models of the guard; run by hand or by ./check, because they want spin
EXTRA_DIST += test/model/README test/model/run test/model/lease.pml test/model/order.pml \
	test/model/long.pml test/model/boot.pml test/model/reserve.pml

.PHONY: check-model
check-model:
	$(srcdir)/test/model/run
