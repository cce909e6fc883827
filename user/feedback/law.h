/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Latency feedback: the slow loop's law, from response times to factors of weights.
 *
 * The fast loop, in the kernel, gives each new flow to who has less to do. This one is
 * called once a period, with what each backend did in it, and moves the factors by
 * which the backends' weights are multiplied, until all have the same latency for their
 * weight. That point is the right one: of servers with queues, whose latency is
 * 1/(speed - load), all are then loaded alike.
 *
 *     x = mean latency, the longest 5 % cut; a failure counts as max(10 medians, 1 s)
 *     x = max(x, what surely waits / rate of completions)    a stalled server answers nothing
 *     x = (n x + (20 - n) probe * median(x / probe)) / 20    if n < 20 answers
 *     wanted = 1/x, of weighted mean 1, within [0.05, 8]
 *     d = ln(wanted / factor); nothing is done below 0.03
 *     gain = min(0.1, 0.14 / slowness), slowness the median of x/x0 (user/feedback/saturation.h)
 *     factor *= exp(gain * trust * d), at most by a quarter; then of weighted mean 1 again
 *
 * 1/latency undamped swings between all and nothing above half load. Damped in the
 * logarithm it is stable for a gain below 2 (1 - load), and x0/x measures 1 - load.
 *
 * Trust keeps chance out (user/feedback/confidence.h): steady wishes are followed in full, large ones nearly at
 * once, and chance hardly. In simulation (tests/sim; five equal backends of four workers) factors
 * stray, without trust and with it,
 *
 *     p2c, load .95                     .972 to 1.031     .997 to 1.001
 *     p2c, load .95, eight balancers    .920 to 1.074     .966 to 1.034
 *     wrr, load .85                     .878 to 1.101     .966 to 1.019
 *     wrr, load .95                     .797 to 1.130     .956 to 1.032
 *     lc, load .3, heavy tails          .787 to 1.181     .926 to 1.063
 *
 * and a backend that turns five times slower is left half a second later than without.
 *
 * Where flows live long, traffic follows late, and a law that goes on meanwhile swings. So
 * factors are taken back towards where traffic is (user/feedback/lag.h). A server's speed would be
 * load + 1/x, in which the load is that which it has, and not that which its factor asks for:
 * 1/x weighs 1 - load in it, and the lead the rest. So it counts the more the slower all are,
 * and less the larger the wish is, as that is no swing:
 *
 *     factor *= exp(min(3 gain (slowness - 1), 0.3) * (1 - |d| / 5) * lead)
 *
 * but not from the way back from the floor, up to 0.8. With a flow for each request the lead is 0.
 *
 * A step needs two backends of which something is known. Whoever is not heard of stays
 * where it is, and after three minutes is as configured. A floored backend keeps a 20th to
 * be heard of; where that is not enough, as p2c hardly ever takes who has a low weight, it
 * is raised to a quarter. When less than half of the weight is healthy, factors count for
 * nothing: then those that are left need not be the better ones.
 *
 * Pure: the caller owns the memory, and tells the time.
 */
#ifndef FEEDBACK_LAW_H
#define FEEDBACK_LAW_H

#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>

#include "feedback/confidence.h"
#include "feedback/lag.h"
#include "feedback/saturation.h"

#define FEEDBACK_PERIOD_NS 500000000ULL

/* Why a backend's factor is what it is. */
enum feedback_reason {
	FEEDBACK_NEW, /* nothing is known of it yet */
	FEEDBACK_FOLLOWS, /* it moves to what its latency asks for */
	FEEDBACK_SETTLED, /* it is near enough to that */
	FEEDBACK_UNCERTAIN, /* what its latency asks for may be chance */
	FEEDBACK_LIMITED, /* it moves as far as one step may */
	FEEDBACK_FLOORED, /* no less, or nothing would be known of it */
	FEEDBACK_CAPPED, /* no more */
	FEEDBACK_HELD, /* nothing was heard of it for three periods */
	FEEDBACK_RAISED, /* nor for five seconds while it is low: it is raised, to hear of it */
	FEEDBACK_EXPIRED, /* nothing was heard of it for three minutes */
	FEEDBACK_ALONE, /* nothing is known of any other */
	FEEDBACK_UNUSABLE, /* it takes no new flows */
	FEEDBACK_FAIL_OPEN, /* too few are healthy: factors count for nothing */
	FEEDBACK_REASON_COUNT
};

/* What its latency is made of, beside answers. */
#define FEEDBACK_FAILURES    (1U << 0) /* failures, as long answers */
#define FEEDBACK_STALL	     (1U << 1) /* what waits, as little is answered */
#define FEEDBACK_PROBES	     (1U << 2) /* probes, as there were few answers */
#define FEEDBACK_FEW_SAMPLES (1U << 3) /* few answers, and no probes: it moves less */

/* What a backend did since the last step. */
struct feedback_window {
	__u32 weight_milli; /* as configured or overridden */
	bool usable; /* ready and not down */
	__u64 samples; /* requests whose answer was timed */
	double latency_us; /* mean of these, the longest 5 % cut (histogram_clipped_mean_us()) */
	__u64 failures; /* requests that are known to have failed */
	__u64 outstanding; /* requests that wait for their answer now; 0 = not known */
	__u64 completions; /* answers, of all those that `outstanding` is of */
	double probe_us; /* the last probe's answer; 0 = none */
	struct lag_ages ages; /* of those whose answer is timed */
};

/* What is known of a backend. */
struct feedback_backend {
	double factor; /* as the law has it */
	double applied; /* what its weight is to be multiplied by; 1 while fail open */
	double target; /* where the factor moves to */
	double latency_us; /* from which; of the last step that knew any */
	__u64 samples; /* in that step, failures as well */
	enum feedback_reason reason;
	__u32 signals; /* FEEDBACK_FAILURES.. */
	__u64 since_ns; /* when the reason became this */
	__u64 measured_ns; /* when something was last known; 0 = never */

	struct saturation saturation;
	struct confidence confidence;
	double traffic_factor; /* of the factor: see lag_estimate() */
	double lag, log_error; /* of one step: the lead, and d without the limits of `wanted` */
	double answer_us, evidence, value; /* of one step */
};

/* Of a service. Begins as zero. */
struct feedback {
	__u64 stepped_ns;
	__u64 minima_since_ns; /* when the least latencies were begun anew */
	double saturation; /* of the last step: 1 = nobody's answers take longer than the least */
	double gain; /* and of how much they moved by */
	struct lag_ages ages; /* of requests' flows */
	bool fail_open; /* less than half of the weight is healthy */
};

/* Before a backend's first step, or to forget all that is known of it. */
void feedback_reset(struct feedback_backend *backend);

/*
 * One step for all backends of a service: those that are out as well. Does nothing unless
 * time has passed.
 */
void feedback_step(struct feedback *feedback, struct feedback_backend *backends,
		   const struct feedback_window *windows, size_t count, __u64 now_ns);

/* What a weight is to be multiplied by, in 1/1000; never 0. */
__u32 feedback_factor_milli(const struct feedback_backend *backend);

/* A reason as a clause: "follows its latency". */
const char *feedback_reason_name(enum feedback_reason reason);

#endif
