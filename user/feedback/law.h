/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Latency feedback: the control law that turns latencies into factors of weights.
 *
 * The kernel's schedulers are the fast loop: they balance each new flow. This law is the slow
 * loop. Once per period it moves the factors that multiply the configured weights, until
 * factor times latency is the same for all backends of a service. For servers with queues,
 * which have a latency of 1/(speed - load), that is the point of equal utilisation.
 *
 *     x = latency of the last period                         feedback/measure.h
 *     target = 1/x, with a weighted mean of 1, within [0.05, 8]
 *     d = ln(target / factor); no step if |d| < 0.03
 *     gain = min(0.1, 0.14 / saturation), where saturation is the median of x/x0
 *                                                            feedback/saturation.h
 *     factor *= exp(gain * confidence * d), by at most e^0.25; then a weighted mean of 1 again
 *
 * Undamped, 1/x oscillates between the extremes above half load. Damped in the logarithm it is
 * stable for a gain below 2 (1 - load), and x0/x estimates 1 - load.
 *
 * Confidence rejects noise (feedback/confidence.h): a constant error is followed in full, a
 * large one almost at once, noise hardly. In simulation (tests/sim; five equal backends of four
 * workers) the range of factors is, without confidence and with it,
 *
 *     p2c, load .95                     .972 to 1.031     .997 to 1.001
 *     p2c, load .95, eight balancers    .920 to 1.074     .966 to 1.034
 *     wrr, load .85                     .878 to 1.101     .966 to 1.019
 *     wrr, load .95                     .797 to 1.130     .956 to 1.032
 *     lc, load .3, heavy tails          .787 to 1.181     .926 to 1.063
 *
 * and a backend that becomes five times slower is relieved half a second later.
 *
 * Lag: traffic of long-lived flows follows a factor late, and a law that continues meanwhile
 * oscillates. So a factor is also moved back towards its traffic (feedback/lag.h). The speed of
 * a server is load + 1/x, where the load is the present one and not the one that the factor
 * will bring: 1/x accounts for 1 - load of the speed, and the lag for the rest. The correction
 * therefore grows with saturation. It shrinks with |d|, because a large error is no oscillation:
 *
 *     factor *= exp(min(3 gain (saturation - 1), 0.3) * (1 - |d| / 5) * lag)
 *
 * It does not slow a backend that recovers from a factor below 0.8. With one flow per request
 * the lag is 0.
 *
 * A step needs two measured backends. A backend without measurements keeps its factor, and
 * after three minutes returns to 1. A factor at the minimum keeps a 20th of the weight, so that
 * the backend is still measured; if that is too little, because p2c hardly ever selects a low
 * weight, the factor is raised up to a quarter. If less than half of the weight is healthy,
 * factors do not apply (fail open): the remaining backends need not be the better ones.
 *
 * Pure: the caller owns the memory, and passes the time.
 */
#ifndef FEEDBACK_LAW_H
#define FEEDBACK_LAW_H

#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>

#include "feedback/confidence.h"
#include "feedback/lag.h"
#include "feedback/measure.h"
#include "feedback/saturation.h"

#define FEEDBACK_PERIOD_NS 500000000ULL

/* Why a backend's factor is what it is. */
enum feedback_reason {
	FEEDBACK_NEW, /* not measured yet */
	FEEDBACK_FOLLOWS, /* moves to its target */
	FEEDBACK_SETTLED, /* close to its target */
	FEEDBACK_UNCERTAIN, /* the error may be noise */
	FEEDBACK_LIMITED, /* moves by the maximum of one step */
	FEEDBACK_FLOORED, /* at the minimum, which keeps it measured */
	FEEDBACK_CAPPED, /* at the maximum */
	FEEDBACK_HELD, /* not measured for three periods */
	FEEDBACK_RAISED, /* low and not measured for five seconds: raised to be measured */
	FEEDBACK_EXPIRED, /* not measured for three minutes: 1 */
	FEEDBACK_ALONE, /* no other backend is measured */
	FEEDBACK_UNUSABLE, /* takes no new flows */
	FEEDBACK_FAIL_OPEN, /* too few backends are healthy: factors do not apply */
	FEEDBACK_REASON_COUNT
};

/* State of a backend. */
struct feedback_backend {
	double factor; /* of the law */
	double applied; /* the factor of its weight; 1 while failing open */
	double target; /* where the factor moves to */
	double latency_us; /* of the last step that measured it */
	double answer_us; /* in the last step, from requests alone; 0 = unknown */
	__u64 samples; /* in the last step that measured it, with failures */
	enum feedback_reason reason;
	__u32 signals; /* FEEDBACK_FAILURES.. */
	__u64 since_ns; /* when the reason changed */
	__u64 measured_ns; /* when it was last measured; 0 = never */

	struct saturation saturation;
	struct confidence confidence;
	double traffic_factor; /* mean of the factor: see lag_estimate() */
};

/* State of a service. Begins as zero. */
struct feedback {
	__u64 stepped_ns;
	__u64 minima_since_ns; /* begin of the present window of minima */
	double saturation; /* in the last step; 1 = latencies are at their minimum */
	double gain; /* in the last step */
	struct lag_ages ages; /* of the flows of requests */
	bool fail_open; /* less than half of the weight is healthy */
};

/* For a new backend, or to forget its measurements. */
void feedback_reset(struct feedback_backend *backend);

/*
 * One step for all backends of a service, usable or not. Skips the step if no time has passed
 * or memory is short.
 */
void feedback_step(struct feedback *feedback, struct feedback_backend *backends,
		   const struct feedback_window *windows, size_t count, __u64 now_ns);

/* Returns the factor of a weight in 1/1000; never 0. */
__u32 feedback_factor_milli(const struct feedback_backend *backend);

/* Returns a reason as a clause: "follows the latency". */
const char *feedback_reason_name(enum feedback_reason reason);

#endif
