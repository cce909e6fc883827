/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * How far a backend's factor has run ahead of its traffic.
 *
 * A factor acts on new flows only. Where these live long, the traffic follows as the old ones
 * end, and a law that goes on meanwhile goes too far, and comes back too late: it swings.
 * The lead is what such a law has to take back: the least of three, and none
 * unless all have the same sign,
 *
 *     what the factor has moved by lately
 *     traffic's part of its backends', against that which weights and factors ask for
 *     the same against the part of new flows
 *
 * in logarithms. With a flow for each request the third is nothing, whatever the scheduler
 * makes of weights; where nothing moves, the first is, however parts differ by chance. What
 * counts of so few packets may make of the second is not counted.
 *
 * Who is new, is back, or has got another weight has its traffic to come yet, for which its
 * factor is not to blame: it has no lead until it has come near to its part once.
 *
 * Pure: the caller owns the memory, and calls once a period.
 */
#ifndef LEAD_H
#define LEAD_H

#include <linux/types.h>
#include <stdbool.h>

/* To a backend, in the last period. */
struct lead_traffic {
	__u64 packets; /* or requests, */
	__u64 flows; /* and those that began; 0 of both = not known */
};

/* Of a backend; begins as zero. Means of some seconds, but for `usual`. */
struct lead {
	double packets, flows; /* in a period */
	double due; /* weight and factor */
	double usual; /* the factor's mean, of longer */
	__u32 weight_milli;
	bool arriving; /* its traffic has not come near to its part yet */
};

/* Of all, the sums. */
struct lead_pool {
	double packets, flows, due;
};

/*
 * What a period brought, by that weight (0: it takes no new flows) and that factor. Adds to
 * the pool of this period, which begins as zero.
 */
void lead_note(struct lead *lead, __u32 weight_milli, double factor,
	       const struct lead_traffic *traffic, struct lead_pool *pool);

/*
 * The logarithm by which to move the factor to have it where traffic is; 0 = it is there,
 * or nothing is known of it. Within [-0.5, 0.5]. Once a period, when all are noted.
 */
double lead_tell(struct lead *lead, const struct lead_pool *pool, double factor);

#endif
