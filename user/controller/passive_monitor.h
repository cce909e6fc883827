/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Passive monitor: polls the connection counters of all checked backends twice per second, and
 * triggers an active check of each backend that fails its passive check
 * (controller/passive_health.h).
 *
 * It owns the state between polls. A poll needs no lock: it only reads counters, of the backends
 * that were known at the last update. A failure is reported with the store open.
 */
#ifndef CONTROLLER_PASSIVE_MONITOR_H
#define CONTROLLER_PASSIVE_MONITOR_H

#include "controller/passive_health.h"

struct prober;
struct store;

/* Minimum time between two triggered checks of a backend, however many attempts fail. */
#define PASSIVE_MONITOR_PAUSE_MS 30000

/* A monitored backend and its verdict. */
struct passive_monitor_backend {
	__u32 id;
	__u16 service;
	__u8 verdict; /* of the last poll */
	__u64 pause_ms; /* no passive failure before this time */
};

struct passive_monitor {
	struct passive_monitor_backend *backends; /* sorted by service */
	struct passive_health *passive_health; /* of each backend, in the same order */
	size_t count;
	__u64 next_ms; /* time of the next poll */
	bool has_failures; /* a backend fails its passive check */
};

/* Takes over the checked backends of the store. Returns 0 or a negative errno. */
int passive_monitor_update(struct passive_monitor *passive_monitor, const struct store *store);

/* Polls the counters if a poll is due. The store must be open or paused. */
void passive_monitor_poll(struct passive_monitor *passive_monitor, const struct store *store,
			  __u64 now_ms);

/* Triggers checks of failed backends and logs them. The store must be open for writing. */
void passive_monitor_report(struct passive_monitor *passive_monitor, struct store *store,
			    struct prober *prober);

void passive_monitor_release(struct passive_monitor *passive_monitor);

#endif
