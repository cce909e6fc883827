/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * How far a backend's factor has run ahead of its traffic.
 *
 * A factor acts on new flows only. Where these live long, the traffic follows as the old ones
 * end, and a law that goes on meanwhile goes too far, and comes back too late: it swings.
 * The lead is what such a law has to take back.
 *
 * Traffic is where the factor was when the flows began that it is made of: about at the
 * factor's mean over as long as these have lived by then. That age is told by the requests
 * that are timed, of all backends, in the mean of half a minute. Where each request has a flow of
 * its own it is 0, and so is the lead.
 *
 * This is a model, and no measurement of which part of its service's traffic a backend has: a
 * balancer among many sees too little to tell that from chance, and what others do to
 * the same backends is like what it does itself.
 *
 * Pure: the caller owns the memory, and calls once a period.
 */
#ifndef FEEDBACK_LAG_H
#define FEEDBACK_LAG_H

/* Of a service, in a period: requests, and how old their flows were, all together. Begins as zero. */
struct lag_ages {
	double requests;
	double periods;
};

/* What a period brought. */
void lag_update(struct lag_ages *mean, const struct lag_ages *sample);

/* The age of a request's flow, in periods; 0 if nothing is known. */
double lag_age(const struct lag_ages *mean);

/*
 * The logarithm by which to move the factor to have it where traffic is, within [-0.5, 0.5].
 * `past` is the factor's mean, and begins as 0.
 */
double lag_estimate(double *mean_factor, double factor, double age);

#endif
