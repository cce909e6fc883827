/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The lookout: twice a second it looks at how flows begin with the backends that are
 * checked, as packets have counted it, and has those suspected (controller/passive_health.h) checked at once.
 *
 * It owns what is remembered of backends from look to look. To look it needs no lock: only
 * the counters are read, and whose they were when it last followed. What it has seen
 * is written with the store open.
 */
#ifndef CONTROLLER_PASSIVE_MONITOR_H
#define CONTROLLER_PASSIVE_MONITOR_H

#include "controller/passive_health.h"

struct prober;
struct store;

/* So long nobody is suspected again: however many signs clients make, checks are few. */
#define PASSIVE_MONITOR_PAUSE_MS 30000

/* Whose signs they are, and what was made of them. */
struct passive_monitor_backend {
	__u32 id;
	__u16 service;
	__u8 verdict; /* of the last look */
	__u64 pause_ms; /* until when it is not suspected */
};

struct passive_monitor {
	struct passive_monitor_backend *backends; /* those of a service together */
	struct passive_health *passive_health; /* of each */
	size_t count;
	__u64 next_ms; /* when it is to look */
	bool has_suspects; /* somebody is suspected */
};

/* Whom to look at, as the store has it now. 0, or a negative errno. */
int passive_monitor_update(struct passive_monitor *passive_monitor, const struct store *store);

/* Looks at the counters of a store that is open, or paused, if it is time to. */
void passive_monitor_poll(struct passive_monitor *passive_monitor, const struct store *store,
			  __u64 now_ms);

/* Has whom it suspects checked, and notes that, in a store that is open for writing. */
void passive_monitor_report(struct passive_monitor *passive_monitor, struct store *store,
			    struct prober *prober);

void passive_monitor_release(struct passive_monitor *passive_monitor);

#endif
