// SPDX-License-Identifier: GPL-2.0-only
#include "feedback/law.h"

#include <math.h>
#include <stdlib.h>

#include "base/cleanup.h"

/*
 * Constant	     unit	derivation or source
 * GAIN_PART	     gain	per 1 - load, where the loop is stable below 2; tuned with tests/sim
 * GAIN_MAX	     gain	choice: an error falls to 1/e in 10 periods, 5 s
 * GAIN_MIN	     gain	choice: in 50 s, however full a service is
 * DEADBAND	     ln		choice: 3 %
 * STEP_MAX	     ln		choice: a quarter per period
 * FACTOR_MIN	     factor	a 20th of the weight keeps most backends measured
 * FACTOR_MAX	     factor	choice
 * RAISE_STEP	     factor	choice: doubles in 14 periods, 7 s
 * RAISE_MAX	     factor	with a quarter of the weight p2c selects a backend often enough
 * RAISE_AFTER_NS    ns		choice: ten periods without a measurement
 * LAG_PART	     lag	per gain and saturation - 1; tuned with tests/sim
 * LAG_PART_MAX	     lag	per period; tuned with tests/sim
 * LAG_ERROR_MAX     ln		a larger error is no oscillation
 * LAG_RISING_MIN    factor	a rise from below is a recovery, and no oscillation
 * CERTAIN_MIN	     confidence	below it the reason is FEEDBACK_UNCERTAIN
 * HEALTHY_MIN	     weight	part of a service's weight below which it fails open
 * HOLD_NS	     ns		choice: a measurement is recent for three periods
 * EXPIRE_NS	     ns		choice: and known for three minutes
 * MINIMA_WINDOW_NS  ns		minima of latency are of the last five to ten minutes
 */
#define GAIN_PART	 0.14
#define GAIN_MAX	 0.1
#define GAIN_MIN	 0.01
#define DEADBAND	 0.03
#define STEP_MAX	 0.25
#define FACTOR_MIN	 0.05
#define FACTOR_MAX	 8.0
#define RAISE_STEP	 1.05
#define RAISE_MAX	 0.25
#define RAISE_AFTER_NS	 5000000000ULL
#define LAG_PART	 3.0
#define LAG_PART_MAX	 0.3
#define LAG_ERROR_MAX	 5.0
#define LAG_RISING_MIN	 0.8
#define CERTAIN_MIN	 0.5
#define HEALTHY_MIN	 0.5
#define HOLD_NS		 (3 * FEEDBACK_PERIOD_NS)
#define EXPIRE_NS	 180000000000ULL
#define MINIMA_WINDOW_NS 300000000000ULL

/* One step of a service; the arrays have `count` entries. */
struct step {
	struct feedback *feedback;
	struct feedback_backend *backends;
	const struct feedback_window *windows;
	struct measurement *measurements;
	double *values; /* scratch */
	size_t count;
	__u64 now_ns;
	size_t measured; /* usable backends with a recent latency */
	double target_scale; /* target times latency, the same for all backends */
	double flow_age; /* of the service's requests, in periods */
};

void feedback_reset(struct feedback_backend *backend)
{
	*backend = (struct feedback_backend){.factor = 1, .applied = 1, .target = 1};
}

/* Records the measurements of a step. */
static void record_latency(const struct step *step)
{
	for (size_t i = 0; i < step->count; i++) {
		struct feedback_backend *b = &step->backends[i];
		const struct measurement *m = &step->measurements[i];

		b->answer_us = m->answer_us;
		b->signals = m->signals;
		if (!(m->latency_us > 0))
			continue;
		b->latency_us = m->latency_us;
		b->samples = step->windows[i].samples + step->windows[i].failures;
		b->measured_ns = step->now_ns;
		saturation_update(&b->saturation, b->latency_us, m->evidence);
	}
}

/* Begins new minima of saturation every MINIMA_WINDOW_NS. */
static void rotate_minima(const struct step *step)
{
	struct feedback *feedback = step->feedback;

	if (feedback->minima_since_ns &&
	    step->now_ns - feedback->minima_since_ns < MINIMA_WINDOW_NS)
		return;
	feedback->minima_since_ns = step->now_ns;
	for (size_t i = 0; i < step->count; i++)
		saturation_rotate(&step->backends[i].saturation);
}

static bool is_recent(const struct feedback_backend *b, __u64 now_ns)
{
	return b->measured_ns && now_ns - b->measured_ns <= HOLD_NS;
}

/* Of the backends measured in this step; 1 if it is unknown. */
static double median_saturation(const struct step *step)
{
	for (size_t i = 0; i < step->count; i++) {
		const struct feedback_backend *b = &step->backends[i];

		step->values[i] =
			b->measured_ns == step->now_ns ? saturation_estimate(&b->saturation) : 0;
	}
	return fmax(median(step->values, step->count), 1);
}

/* The age of the service's flows now, in periods. */
static double flow_age(const struct step *step)
{
	struct lag_ages *mean = &step->feedback->ages, sample = {0};

	for (size_t i = 0; i < step->count; i++) {
		sample.requests += step->windows[i].ages.requests;
		sample.periods += step->windows[i].ages.periods;
	}
	lag_update(mean, &sample);
	return lag_age(mean);
}

/*
 * Targets are proportional to 1/latency. Their scale keeps the present sum of weights of all
 * backends that were measured lately, which this counts.
 */
static void scale_targets(struct step *step)
{
	double total = 0, sum = 0;

	for (size_t i = 0; i < step->count; i++) {
		const struct feedback_backend *b = &step->backends[i];
		const struct feedback_window *w = &step->windows[i];

		if (!w->usable || !w->weight_milli || !is_recent(b, step->now_ns))
			continue;
		total += w->weight_milli * b->factor;
		sum += w->weight_milli / b->latency_us;
		step->measured++;
	}
	step->target_scale = step->measured ? total / sum : 0;
}

/* The part of a lag to take back in this step; `log_error` is d without limits of the target. */
static double lag_correction(const struct feedback_backend *b, const struct feedback *feedback,
			     double lag, double log_error)
{
	double part = fmin(LAG_PART * feedback->gain * (feedback->saturation - 1), LAG_PART_MAX);
	double far = fabs(log_error) / LAG_ERROR_MAX;
	bool recovers = lag < 0 && log_error > 0 && b->factor < LAG_RISING_MIN;

	return recovers || far > 1 ? 0 : part * (1 - far) * lag;
}

/* Moves the factor of a measured backend towards its target. Returns the reason. */
static enum feedback_reason step_factor(const struct step *step, struct feedback_backend *b,
					double evidence, double lag)
{
	const struct feedback *feedback = step->feedback;
	double target = step->target_scale / b->latency_us;
	double log_error = log(target / b->factor), d, certainty, move;

	b->target = fmin(fmax(target, FACTOR_MIN), FACTOR_MAX);
	d = log(b->target / b->factor);
	certainty = confidence_update(&b->confidence, d, evidence, feedback->saturation);
	move = feedback->gain * certainty * d + lag_correction(b, feedback, lag, log_error);
	if (fabs(d) < DEADBAND) {
		if (b->target <= FACTOR_MIN)
			return FEEDBACK_FLOORED;
		return b->target >= FACTOR_MAX ? FEEDBACK_CAPPED : FEEDBACK_SETTLED;
	}
	b->factor *= exp(fmin(fmax(move, -STEP_MAX), STEP_MAX));
	if (fabs(move) > STEP_MAX)
		return FEEDBACK_LIMITED;
	return certainty < CERTAIN_MIN ? FEEDBACK_UNCERTAIN : FEEDBACK_FOLLOWS;
}

/* For a backend without a measurement in this step. Returns the reason. */
static enum feedback_reason hold_or_forget(struct feedback_backend *b, __u64 now_ns)
{
	if (!b->measured_ns)
		return b->reason == FEEDBACK_EXPIRED ? FEEDBACK_EXPIRED : FEEDBACK_NEW;
	if (now_ns - b->measured_ns > EXPIRE_NS) {
		feedback_reset(b);
		return FEEDBACK_EXPIRED;
	}
	return is_recent(b, now_ns) ? b->reason : FEEDBACK_HELD;
}

/*
 * p2c selects the one of two backends with fewer flows per weight, so it hardly ever selects a
 * low weight. A low factor is therefore raised while only other backends are measured. Its old
 * measurements then have no part in the confidence in new ones. Returns the reason.
 */
static enum feedback_reason probe_low_weight(struct feedback_backend *b, __u64 now_ns)
{
	if (b->factor >= RAISE_MAX || now_ns - b->measured_ns < RAISE_AFTER_NS)
		return FEEDBACK_HELD;
	b->factor *= RAISE_STEP;
	b->confidence = (struct confidence){.usual_samples = b->confidence.usual_samples};
	return FEEDBACK_RAISED;
}

/* Returns the reason of backend `i`. */
static enum feedback_reason update_factor(const struct step *step, size_t i)
{
	struct feedback_backend *b = &step->backends[i];
	double lag = lag_estimate(&b->traffic_factor, b->factor, step->flow_age);
	enum feedback_reason held_reason;

	if (b->measured_ns == step->now_ns)
		return step->measured > 1
			       ? step_factor(step, b, step->measurements[i].evidence, lag)
			       : FEEDBACK_ALONE;
	held_reason = hold_or_forget(b, step->now_ns);
	if (!step->windows[i].usable && held_reason != FEEDBACK_EXPIRED)
		return FEEDBACK_UNUSABLE;
	return held_reason == FEEDBACK_HELD && step->measured > 1
		       ? probe_low_weight(b, step->now_ns)
		       : held_reason;
}

/*
 * Scales the factors to a weighted mean of 1, over all backends: one that leaves service and
 * returns does not change the factors of others.
 */
static void normalise(const struct step *step)
{
	struct feedback_backend *b = step->backends;
	const struct feedback_window *w = step->windows;
	double all = 0, healthy = 0, sum = 0;

	for (size_t i = 0; i < step->count; i++) {
		all += w[i].weight_milli;
		healthy += w[i].usable ? w[i].weight_milli : 0;
		sum += w[i].weight_milli * b[i].factor;
	}
	step->feedback->fail_open = healthy < HEALTHY_MIN * all;
	for (size_t i = 0; i < step->count; i++) {
		if (sum > 0)
			b[i].factor = fmin(fmax(b[i].factor * all / sum, FACTOR_MIN), FACTOR_MAX);
		b[i].applied = step->feedback->fail_open ? 1 : b[i].factor;
	}
}

/* The arrays of the step are allocated. */
static void run(struct step *step, double period_us)
{
	struct feedback *feedback = step->feedback;

	rotate_minima(step);
	measure_latency(step->measurements, step->windows, step->values, step->count, period_us);
	record_latency(step);
	step->flow_age = flow_age(step);
	scale_targets(step);
	feedback->saturation = median_saturation(step);
	feedback->gain = fmax(fmin(GAIN_MAX, GAIN_PART / feedback->saturation), GAIN_MIN);
	for (size_t i = 0; i < step->count; i++) {
		struct feedback_backend *b = &step->backends[i];
		enum feedback_reason before = b->reason;

		b->reason = update_factor(step, i);
		if (b->reason != before)
			b->since_ns = step->now_ns;
	}
	normalise(step);
}

void feedback_step(struct feedback *feedback, struct feedback_backend *backends,
		   const struct feedback_window *windows, size_t count, __u64 now_ns)
{
	__u64 period_ns = feedback->stepped_ns ? now_ns - feedback->stepped_ns : FEEDBACK_PERIOD_NS;
	_free_ struct measurement *measurements = calloc(count + 1, sizeof(*measurements));
	_free_ double *values = calloc(count + 1, sizeof(*values));
	struct step step = {
		.feedback = feedback,
		.backends = backends,
		.windows = windows,
		.measurements = measurements,
		.values = values,
		.count = count,
		.now_ns = now_ns,
	};

	if (now_ns <= feedback->stepped_ns || !measurements || !values)
		return;
	feedback->stepped_ns = now_ns;
	run(&step, period_ns / 1e3);
}

__u32 feedback_factor_milli(const struct feedback_backend *backend)
{
	return lround(backend->applied * 1000);
}

const char *feedback_reason_name(enum feedback_reason reason)
{
	static const char *const names[FEEDBACK_REASON_COUNT] = {
		[FEEDBACK_NEW] = "not measured yet",
		[FEEDBACK_FOLLOWS] = "follows the latency",
		[FEEDBACK_SETTLED] = "matches the latency",
		[FEEDBACK_UNCERTAIN] = "waits, the difference may be noise",
		[FEEDBACK_LIMITED] = "follows the latency at the maximum rate",
		[FEEDBACK_FLOORED] = "at the minimum",
		[FEEDBACK_CAPPED] = "at the maximum",
		[FEEDBACK_HELD] = "held, not measured lately",
		[FEEDBACK_RAISED] = "raised to be measured again",
		[FEEDBACK_EXPIRED] = "reset, not measured for 3 minutes",
		[FEEDBACK_ALONE] = "held, no other backend is measured",
		[FEEDBACK_UNUSABLE] = "held, takes no new flows",
		[FEEDBACK_FAIL_OPEN] = "not applied, too few backends are healthy",
	};

	return (unsigned int)reason < FEEDBACK_REASON_COUNT ? names[reason] : "?";
}
