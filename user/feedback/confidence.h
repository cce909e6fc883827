/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * How far a backend's wish for another factor is followed: as far as it is no chance.
 *
 * Latencies of equal backends differ by chance, the more the fuller they are, for as long as
 * their queues live; who follows that moves load after the fact. But what has a cause
 * keeps its sign, and a few samples, or one step, tell only large differences. Of a
 * wish d, of n samples, that follows one of c:
 *
 *     trust = max(steady, large)
 *     steady = (mean d / mean |d|)^p * min(mean n/4, 1) * min(2 mean |d| / |d|, 1)
 *     large = (s/3)^4 * n s^2 / (n s^2 + 8), where s = min(|d|, |c|), or 0 if their signs differ
 *
 * with means of 17 s, or 5 s where d has another sign than its mean, which is then trusted
 * nothing; a step of fewer samples than usual counts less in them. They begin with
 * doubt, as if a |d| of 0.3 had been chance. Full queues live long, and their chance looks
 * like a cause: with full = slowness / 1.2 above 1, at most 4, means of one sign are of so much
 * longer, and p, otherwise 2, is 2 full, at most 5.
 *
 * The mean of d only tells how steady it is. As what is followed it would be a second lag
 * beside that of queues, and two would ring.
 *
 * Pure: the caller owns the memory, and calls once a period in which something was heard.
 */
#ifndef FEEDBACK_CONFIDENCE_H
#define FEEDBACK_CONFIDENCE_H

#define CONFIDENCE_SAMPLES 20 /* of a step, that tell a latency well enough */

/* Of a backend. Begins as zero; who is to be heard anew keeps what is usual. */
struct confidence {
	double usual_samples; /* samples in a step */
	double steps; /* steps in the means, each as far as it counts */
	double mean, mean_abs; /* means of d and of |d| */
	double previous; /* d of the step before */
};

/*
 * From 0, chance, to 1. `wish` is the logarithm of a factor, `slowness` that of the backend's
 * service (user/feedback/saturation.h).
 */
double confidence_update(struct confidence *confidence, double change, double samples,
			 double saturation);

#endif
