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
#define LOOKOUT_PAUSE_MS 30000

/* Whose signs they are, and what was made of them. */
struct lookout_backend {
	__u32 id;
	__u16 service;
	__u8 verdict; /* of the last look */
	__u64 pause_ms; /* until when it is not suspected */
};

struct lookout {
	struct lookout_backend *backends; /* those of a service together */
	struct signs *signs; /* of each */
	size_t count;
	__u64 next_ms; /* when it is to look */
	bool has_seen; /* somebody is suspected */
};

/* Whom to look at, as the store has it now. 0, or a negative errno. */
int lookout_follow(struct lookout *lookout, const struct store *store);

/* Looks at the counters of a store that is open, or paused, if it is time to. */
void lookout_look(struct lookout *lookout, const struct store *store, __u64 now_ms);

/* Has whom it suspects checked, and notes that, in a store that is open for writing. */
void lookout_tell(struct lookout *lookout, struct store *store, struct prober *prober);

void lookout_release(struct lookout *lookout);

#endif
