/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Confidence in the error of a weight factor: from 0, noise, to 1, an error with a cause.
 *
 * Latencies of equal backends differ at random, more under high load, and for as long as their
 * queues last; a law that follows noise moves load too late. An error with a cause keeps its
 * sign. A few samples, or a single step, show large differences only. For an error d of n
 * samples, after the error c of the previous step:
 *
 *     confidence = max(consistency, magnitude)
 *     consistency = (mean d / mean |d|)^p * min(mean n / 4, 1) * min(2 mean |d| / |d|, 1)
 *     magnitude = (s/3)^4 * n s^2 / (n s^2 + 8), s = min(|d|, |c|), or 0 if their signs differ
 *
 * The means are over 17 s, or over 5 s where d and its mean differ in sign; consistency is then
 * 0. A step with fewer samples than usual counts less. The means begin as if an |d| of 0.3 had
 * been noise. Long queues last, and their noise looks like a cause: with r = saturation / 1.2,
 * limited to 1 to 4, means of one sign are over r times as long, and p = min(2 r, 5).
 *
 * The law follows d, and not its mean: that would be a second delay beside that of the queues,
 * and two delays oscillate.
 *
 * Pure: the caller owns the memory, and calls once per period with a measurement.
 */
#ifndef FEEDBACK_CONFIDENCE_H
#define FEEDBACK_CONFIDENCE_H

#define CONFIDENCE_SAMPLES 20 /* in a step, enough for its mean latency */

/* State of a backend. Begins as zero; a new start keeps usual_samples. */
struct confidence {
	double usual_samples; /* mean of the samples in a step */
	double steps; /* steps in the means, by their weight */
	double mean, mean_abs; /* means of d and of |d| */
	double previous; /* d of the previous step */
};

/*
 * Updates the state, and returns the confidence. `change` is the logarithm of a factor,
 * `saturation` that of the service (feedback/saturation.h).
 */
double confidence_update(struct confidence *confidence, double change, double samples,
			 double saturation);

#endif
