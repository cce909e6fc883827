/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Health: what is made of a backend's probes, one after the other.
 *
 * Who is up goes down by `fall` failures in a row, who is down comes up by `rise` passes;
 * who has never been probed is what the first probe says. Between two probes' beginnings
 * passes the check's interval, up to a tenth less so that probes of many spread; its fast
 * interval while the last probes speak against what health is.
 *
 * So a backend that dies is down `fall` intervals and a timeout later at the most, and comes
 * back `rise` intervals after it does. Where single probes get lost that would have it go
 * to and fro. False alarms (failures that end before there are `fall` of them, passes likewise)
 * and turns make a penalty, which wears off with time: 1 for 8 intervals. Above a bound the
 * backend is restless. Then it takes all of the time that it has to go down, in
 * which it is tried four times an interval and has to fail each time; and twice that in the minute
 * after it came up; and it comes up no sooner than a minute after it went down.
 *
 * Pure: owns nothing. It works on a backend's lb_health_record, which outlives whoever probes: rounds of
 * `lbctl check` add up like a controller's. Times are CLOCK_MONOTONIC's.
 */
#ifndef CONTROLLER_HEALTH_H
#define CONTROLLER_HEALTH_H

#include <stdbool.h>

#include "lb/abi.h"
#include "model/check_parse.h"

/* A restless backend stays what it has become for so long. */
#define HEALTH_HOLD_MS 60000

struct health_result {
	bool passed;
	__u64 began_ms; /* the probe */
	__u64 ended_ms;
};

/* Counts a probe in, and tells what health is now. */
enum lb_health health_add_result(struct lb_health_record *record, enum lb_health health,
				 const struct check *check, const struct health_result *result);

/* From the last probe's beginning to the next one's; `random` spreads them. */
__u32 health_delay_ms(const struct lb_health_record *record, enum lb_health health,
		      const struct check *check, __u32 random);

#endif
