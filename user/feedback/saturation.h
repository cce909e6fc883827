/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Saturation of a backend: its latency relative to its recent minimum. 1 is idle; for a server
 * with one queue it is 1/(1 - load).
 *
 * Both are means of some hundred samples. With the minimum of single samples every backend
 * would seem saturated. The minimum is that of the last five to ten minutes.
 *
 * Pure: the caller owns the memory, and decides when to rotate.
 */
#ifndef FEEDBACK_SATURATION_H
#define FEEDBACK_SATURATION_H

/* State of a backend. Begins as zero. */
struct saturation {
	double mean_us; /* mean latency */
	double filled; /* weight of the samples in that mean, 0 to 1 */
	double min_us[2]; /* minimum means, of this window and of the last one; 0 = none */
};

/* Adds the latency of a step; `samples` is at least 1. */
void saturation_update(struct saturation *saturation, double latency_us, double samples);

/* Begins a new window of minima, and forgets the one before the last. */
void saturation_rotate(struct saturation *saturation);

/* Returns the saturation, at least 1; 0 if it is unknown. */
double saturation_estimate(const struct saturation *saturation);

#endif
