# lib/core: floor 4
noinst_LIBRARIES += lib/core/libcore.a
lib_core_libcore_a_SOURCES = \
	lib/core/action.h lib/core/event.h lib/core/node.h lib/core/mind.h \
	lib/core/alarm.c lib/core/alarm.h lib/core/claim.c lib/core/claim.h lib/core/coord.c lib/core/coord.h \
	lib/core/drill.c lib/core/drill.h lib/core/durable.c lib/core/durable.h lib/core/env.c lib/core/env.h \
	lib/core/exec.c lib/core/exec.h lib/core/lease.c lib/core/level.c lib/core/lease.h lib/core/level.h lib/core/fencer.c lib/core/fencer.h \
	lib/core/gauge.c lib/core/gauge.h lib/core/guard.c lib/core/guard.h lib/core/herald.c lib/core/herald.h lib/core/medium.c lib/core/medium.h lib/core/look.c lib/core/msg.c lib/core/msg.h \
	lib/core/node.c lib/core/monitor.c lib/core/monitor.h lib/core/outbox.c lib/core/part.c lib/core/part.h lib/core/path.c lib/core/path.h \
	lib/core/peer.c lib/core/peer.h lib/core/rec.c lib/core/rec.h lib/core/record.c lib/core/record.h lib/core/reset.c lib/core/reset.h \
	lib/core/cast.c lib/core/cast.h lib/core/ring.c lib/core/ring.h lib/core/gather.c lib/core/gather.h \
	lib/core/request.c lib/core/request.h lib/core/reservation.c lib/core/reservation.h lib/core/session.c lib/core/session.h \
	lib/core/wire.c lib/core/wire.h lib/core/race.c lib/core/race.h \
	lib/core/slot.c lib/core/status.c lib/core/status.h lib/core/take.c lib/core/take.h \
	lib/core/store.c lib/core/store.h lib/core/view.c lib/core/view.h lib/core/wish.c \
	lib/core/warning.c lib/core/warning.h
