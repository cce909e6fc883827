/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Probes: one try of a check on one target, and what came of it.
 *
 * An engine runs any number of probes at a time on a loop. Each ends with one report,
 * or is cancelled; never from within probe_start(), and never later than the
 * check's timeout after it, whatever the other side does. What it may use of memory is
 * bounded as well: of an answer PROBE_RESPONSE_BYTES are looked at, and headers and a
 * command's output may be no longer.
 *
 * Sockets only: no names are looked up, no proxy is asked, no redirect is followed.
 * A probe owns all that it has opened, and the check and the target's service name that
 * it was given must stay until it has ended.
 */
#ifndef PROBE_ENGINE_H
#define PROBE_ENGINE_H

#include <linux/types.h>
#include <stdbool.h>

#include "base/loop.h"
#include "model/check_parse.h"

#define PROBE_RESPONSE_BYTES 65536
#define PROBE_REASON_BYTES   96

struct probe;
struct probe_engine;

struct probe_target {
	__u64 address[2]; /* of the backend */
	__be16 port; /* of the backend; the check's own takes precedence */
	/*
	 * By dsr, ipip and gue connections are to the VIP, if one is given, and go to the backend as
	 * the service's packets do. Pings and commands are for the backend itself.
	 */
	__u8 forward; /* enum lb_forward */
	__u64 vip[2];
	const char *service; /* told to commands; may be NULL */
};

struct probe_report {
	bool passed;
	bool timed_out; /* it did not fail; it came to no end */
	bool not_tried; /* this host had no means to: nothing is said of the target */
	char reason[PROBE_REASON_BYTES]; /* "http 200", "connect: Connection refused" */
	/* From the probe's beginning; 0: it did not come so far, or has no such moment. */
	__u32 connect_us;
	__u32 first_byte_us;
	__u32 total_us; /* to its end */
};

/* The probe is over and gone. New ones may be started. */
typedef void (*probe_done)(void *owner, const struct probe_report *report);

/* 0, or negative errno. The loop must outlive the engine. */
int probe_engine_create(struct loop *loop, struct probe_engine **engine);

/* Cancels all that still runs. */
void probe_engine_free(struct probe_engine *engine);

/*
 * Starts one; it can be cancelled until it has reported. Returns 0, or negative errno when this
 * host has not the means to begin (memory, rights); what happens later is reported.
 */
int probe_start(struct probe_engine *engine, const struct check *check,
		const struct probe_target *target, probe_done done, void *owner,
		struct probe **probe);

/* Ends it without a report; NULL is allowed. */
void probe_cancel(struct probe *probe);

#endif
