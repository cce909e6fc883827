/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The target and the report of a probe.
 */
#ifndef PROBE_TYPES_H
#define PROBE_TYPES_H

#include <linux/types.h>
#include <stdbool.h>

/* Bound of each: response headers, response body, output of a command. */
#define PROBE_RESPONSE_BYTES 65536
#define PROBE_REASON_BYTES   96

struct probe_target {
	__u64 address[2]; /* of the backend */
	__be16 port; /* of the backend; the check's own port takes precedence */
	/*
	 * In dsr, ipip and gue mode, TCP and HTTP probes connect to the VIP, if one is given,
	 * along the forwarding path. Ping and exec probes always use the backend's address.
	 */
	__u8 forward; /* enum lb_forward */
	__u64 vip[2]; /* 0 = none */
	const char *service; /* LBCTL_SERVICE in a command's environment; may be NULL */
};

struct probe_report {
	bool passed;
	bool timed_out; /* the timeout ended it */
	bool not_tried; /* this host could not run it: the result does not concern the target */
	char reason[PROBE_REASON_BYTES]; /* "http 200", "connect: Connection refused" */
	/* Microseconds since the start of the probe; 0 = not reached, or not applicable. */
	__u32 connect_us;
	__u32 first_byte_us;
	__u32 total_us; /* to the end; never 0 */
};

/* Called when the probe has ended and is freed. May start new probes. */
typedef void (*probe_done)(void *owner, const struct probe_report *report);

#endif
