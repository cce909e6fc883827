// SPDX-License-Identifier: GPL-2.0-only
#include "feedback/law.h"

#include <math.h>

#define GAIN_MAX  0.1
#define GAIN_MIN  0.01
#define GAIN_PART 0.14 /* of what is not loaded */
#define DEADBAND  0.03
#define STEP_MAX  0.25

#define FACTOR_MIN 0.05
#define FACTOR_MAX 8.0

#define RAISE_STEP     1.05
#define RAISE_MAX      0.25
#define RAISE_AFTER_NS 5000000000ULL

#define LAG_PART       3.0 /* of gain and slowness, of its lead that a factor is taken back by */
#define LAG_PART_MAX   0.3
#define LAG_ERROR_MAX  5.0 /* nothing, where it is so far from what it wants */
#define LAG_RISING_MIN 0.8 /* nor who rises from so little */

#define PENALTY_MEDIANS	 10
#define PENALTY_MIN_US	 1e6
#define LATENCY_MAX_US	 1e9
#define STALL_DEVIATIONS 3.0 /* deviations of what waits */

#define HEALTHY_MIN	 0.5
#define HOLD_NS		 (3 * FEEDBACK_PERIOD_NS)
#define EXPIRE_NS	 180000000000ULL
#define MINIMA_WINDOW_NS 300000000000ULL

void feedback_reset(struct feedback_backend *backend)
{
	*backend = (struct feedback_backend){.factor = 1, .applied = 1, .target = 1};
}

/* Between what nobody can measure and what nobody waits for; 0 is none. */
static double clamp_us(double us)
{
	if (!(us > 0))
		return 0;
	return fmin(fmax(us, 1), LATENCY_MAX_US);
}

/* The lower median of the values above 0, found by halving where it may be; 0 if there is none. */
static double median(const struct feedback_backend *b, size_t count)
{
	double low = INFINITY, high = 0;
	size_t all = 0;

	for (size_t i = 0; i < count; i++) {
		if (!(b[i].value > 0))
			continue;
		low = fmin(low, b[i].value);
		high = fmax(high, b[i].value);
		all++;
	}
	for (int bit = 0; bit < 50 && low < high; bit++) {
		double middle = low + (high - low) / 2;
		size_t below = 0;

		for (size_t i = 0; i < count; i++)
			below += b[i].value > 0 && b[i].value <= middle;
		if (2 * below >= all)
			high = middle;
		else
			low = middle;
	}
	return high;
}

/* Requests that wait beyond what may be chance, at the rate at which they are answered. */
static double stall_us(const struct feedback_window *w, double period_us)
{
	double waiting = (double)w->outstanding - STALL_DEVIATIONS * sqrt(w->outstanding);

	return waiting > 0 ? clamp_us(waiting * period_us / fmax(w->completions, 1)) : 0;
}

/* What requests themselves tell: answers, failures, and what waits. */
static void measure_answers(struct feedback_backend *b, const struct feedback_window *w,
			    double penalty_us, double period_us)
{
	double answered = clamp_us(w->latency_us) > 0 ? w->samples : 0;
	double all = answered + w->failures;
	double waiting_us = stall_us(w, period_us);

	b->signals = w->failures ? FEEDBACK_FAILURES : 0;
	b->answer_us = 0;
	if (all > 0)
		b->answer_us =
			(answered * clamp_us(w->latency_us) + w->failures * penalty_us) / all;
	if (waiting_us > b->answer_us) {
		b->answer_us = waiting_us;
		b->signals |= FEEDBACK_STALL;
		all = fmax(all, CONFIDENCE_SAMPLES);
	}
	b->answer_us = clamp_us(b->answer_us);
	b->evidence = all;
}

/* Where there were few answers, probes tell as well: as much longer than those as elsewhere. */
static void blend_probes(struct feedback_backend *b, double probe_us)
{
	double part = b->evidence / CONFIDENCE_SAMPLES;

	b->value = b->answer_us;
	if (part >= 1)
		return;
	if (!(probe_us > 0)) {
		b->signals |= FEEDBACK_FEW_SAMPLES;
		return;
	}
	b->value = part * b->answer_us + (1 - part) * probe_us;
	b->evidence = CONFIDENCE_SAMPLES;
	b->signals |= FEEDBACK_PROBES;
}

/* In `value`, each backend's latency; 0 if nothing is known. */
static void measure_latency(struct feedback_backend *b, const struct feedback_window *w,
			    size_t count, double period_us)
{
	double penalty_us, ratio;

	for (size_t i = 0; i < count; i++)
		b[i].value = w[i].usable && w[i].samples ? clamp_us(w[i].latency_us) : 0;
	penalty_us = fmax(PENALTY_MIN_US, PENALTY_MEDIANS * median(b, count));
	for (size_t i = 0; i < count; i++) {
		measure_answers(&b[i], &w[i], penalty_us, period_us);
		b[i].value = 0;
		if (w[i].usable && clamp_us(w[i].probe_us) > 0)
			b[i].value = b[i].answer_us / clamp_us(w[i].probe_us);
	}
	ratio = median(b, count);
	for (size_t i = 0; i < count; i++) {
		blend_probes(&b[i], clamp_us(clamp_us(w[i].probe_us) * ratio));
		if (!w[i].usable)
			b[i].value = 0;
	}
}

static void record_latency(struct feedback_backend *b, const struct feedback_window *w,
			   __u64 now_ns)
{
	if (!(b->value > 0))
		return;
	b->latency_us = b->value;
	b->samples = w->samples + w->failures;
	b->measured_ns = now_ns;
	saturation_update(&b->saturation, b->latency_us, b->evidence);
}

static void rotate_minima(struct feedback *feedback, struct feedback_backend *b, size_t count,
			  __u64 now_ns)
{
	if (feedback->minima_since_ns && now_ns - feedback->minima_since_ns < MINIMA_WINDOW_NS)
		return;
	feedback->minima_since_ns = now_ns;
	for (size_t i = 0; i < count; i++)
		saturation_rotate(&b[i].saturation);
}

static bool is_recent(const struct feedback_backend *b, __u64 now_ns)
{
	return b->measured_ns && now_ns - b->measured_ns <= HOLD_NS;
}

/* How full all are; 1 if that is not known. */
static double median_saturation(struct feedback_backend *b, size_t count, __u64 now_ns)
{
	for (size_t i = 0; i < count; i++)
		b[i].value = b[i].measured_ns == now_ns ? saturation_estimate(&b[i].saturation) : 0;
	return fmax(median(b, count), 1);
}

/*
 * What those that were heard of lately want: 1/latency, so that together they keep what
 * they have. Returns how many they are.
 */
static size_t target_factors(struct feedback_backend *b, const struct feedback_window *w,
			     size_t count, __u64 now_ns)
{
	double total = 0, sum = 0;
	size_t measured = 0;

	for (size_t i = 0; i < count; i++) {
		if (!w[i].usable || !w[i].weight_milli || !is_recent(&b[i], now_ns))
			continue;
		total += w[i].weight_milli * b[i].factor;
		sum += w[i].weight_milli / b[i].latency_us;
		measured++;
	}
	for (size_t i = 0; i < count && measured > 1; i++) {
		double target = total / sum / b[i].latency_us;

		if (b[i].measured_ns != now_ns)
			continue;
		b[i].log_error = log(target / b[i].factor);
		b[i].target = fmin(fmax(target, FACTOR_MIN), FACTOR_MAX);
	}
	return measured;
}

/* Where traffic is, by now. */
static void update_lag(struct lag_ages *mean, struct feedback_backend *b,
		       const struct feedback_window *w, size_t count)
{
	struct lag_ages measured = {0};

	for (size_t i = 0; i < count; i++) {
		measured.requests += w[i].ages.requests;
		measured.periods += w[i].ages.periods;
	}
	lag_update(mean, &measured);
	for (size_t i = 0; i < count; i++)
		b[i].lag = lag_estimate(&b[i].traffic_factor, b[i].factor, lag_age(mean));
}

/* What is taken back of a lead. */
static double lag_correction(const struct feedback_backend *b, const struct feedback *feedback)
{
	double part = fmin(LAG_PART * feedback->gain * (feedback->saturation - 1), LAG_PART_MAX);
	double far = fabs(b->log_error) / LAG_ERROR_MAX;
	bool rises = b->lag < 0 && b->log_error > 0 && b->factor < LAG_RISING_MIN;

	return rises || far > 1 ? 0 : part * (1 - far) * b->lag;
}

/* Moves a factor, and tells why as far as it did. */
static enum feedback_reason step_factor(struct feedback_backend *b, const struct feedback *feedback)
{
	double d = log(b->target / b->factor);
	double certainty = confidence_update(&b->confidence, d, b->evidence, feedback->saturation);
	double step = feedback->gain * certainty * d + lag_correction(b, feedback);

	if (fabs(d) < DEADBAND) {
		if (b->target <= FACTOR_MIN)
			return FEEDBACK_FLOORED;
		return b->target >= FACTOR_MAX ? FEEDBACK_CAPPED : FEEDBACK_SETTLED;
	}
	b->factor *= exp(fmin(fmax(step, -STEP_MAX), STEP_MAX));
	if (fabs(step) > STEP_MAX)
		return FEEDBACK_LIMITED;
	return certainty < 0.5 ? FEEDBACK_UNCERTAIN : FEEDBACK_FOLLOWS;
}

/* The reason of a backend that was not heard of in this step. */
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
 * Of two drawn, the one with few flows for its weight is taken: a low weight is hardly ever.
 * So a low factor is raised while others are heard of and it is not. What was known of it is
 * old by then, and has no say in what will be heard.
 */
static enum feedback_reason probe_low_weight(struct feedback_backend *b, __u64 now_ns)
{
	if (b->factor >= RAISE_MAX || now_ns - b->measured_ns < RAISE_AFTER_NS)
		return FEEDBACK_HELD;
	b->factor *= RAISE_STEP;
	b->confidence = (struct confidence){.usual_samples = b->confidence.usual_samples};
	return FEEDBACK_RAISED;
}

static enum feedback_reason update_factor(struct feedback_backend *b, bool usable, size_t measured,
					  const struct feedback *feedback)
{
	__u64 now_ns = feedback->stepped_ns;
	enum feedback_reason held_reason;

	if (b->measured_ns == now_ns)
		return measured > 1 ? step_factor(b, feedback) : FEEDBACK_ALONE;
	held_reason = hold_or_forget(b, now_ns);
	if (!usable && held_reason != FEEDBACK_EXPIRED)
		return FEEDBACK_UNUSABLE;
	return held_reason == FEEDBACK_HELD && measured > 1 ? probe_low_weight(b, now_ns)
							    : held_reason;
}

/* Factors to a weighted mean of 1: of all, so that who goes and comes back changes nobody's. */
static void normalise(struct feedback *feedback, struct feedback_backend *b,
		      const struct feedback_window *w, size_t count)
{
	double all = 0, healthy = 0, sum = 0;

	for (size_t i = 0; i < count; i++) {
		all += w[i].weight_milli;
		healthy += w[i].usable ? w[i].weight_milli : 0;
		sum += w[i].weight_milli * b[i].factor;
	}
	feedback->fail_open = healthy < HEALTHY_MIN * all;
	for (size_t i = 0; i < count; i++) {
		if (sum > 0)
			b[i].factor = fmin(fmax(b[i].factor * all / sum, FACTOR_MIN), FACTOR_MAX);
		b[i].applied = feedback->fail_open ? 1 : b[i].factor;
	}
}

void feedback_step(struct feedback *feedback, struct feedback_backend *backends,
		   const struct feedback_window *windows, size_t count, __u64 now_ns)
{
	__u64 period_ns = feedback->stepped_ns ? now_ns - feedback->stepped_ns : FEEDBACK_PERIOD_NS;
	size_t measured;

	if (now_ns <= feedback->stepped_ns)
		return;
	feedback->stepped_ns = now_ns;
	rotate_minima(feedback, backends, count, now_ns);
	measure_latency(backends, windows, count, period_ns / 1e3);
	for (size_t i = 0; i < count; i++)
		record_latency(&backends[i], &windows[i], now_ns);
	update_lag(&feedback->ages, backends, windows, count);
	measured = target_factors(backends, windows, count, now_ns);
	feedback->saturation = median_saturation(backends, count, now_ns);
	feedback->gain = fmax(fmin(GAIN_MAX, GAIN_PART / feedback->saturation), GAIN_MIN);
	for (size_t i = 0; i < count; i++) {
		enum feedback_reason before = backends[i].reason;

		backends[i].reason =
			update_factor(&backends[i], windows[i].usable, measured, feedback);
		if (backends[i].reason != before)
			backends[i].since_ns = now_ns;
	}
	normalise(feedback, backends, windows, count);
}

__u32 feedback_factor_milli(const struct feedback_backend *backend)
{
	return lround(backend->applied * 1000);
}

const char *feedback_reason_name(enum feedback_reason reason)
{
	static const char *const names[FEEDBACK_REASON_COUNT] = {
		[FEEDBACK_NEW] = "nothing is known of it yet",
		[FEEDBACK_FOLLOWS] = "follows its latency",
		[FEEDBACK_SETTLED] = "is what its latency asks for",
		[FEEDBACK_UNCERTAIN] = "waits, as what its latency asks for may be chance",
		[FEEDBACK_LIMITED] = "follows its latency as fast as it may",
		[FEEDBACK_FLOORED] = "is as low as it may be",
		[FEEDBACK_CAPPED] = "is as high as it may be",
		[FEEDBACK_HELD] = "is held, as nothing was heard of it lately",
		[FEEDBACK_RAISED] = "is raised, so that something is heard of it",
		[FEEDBACK_EXPIRED] = "is as configured, as nothing was heard of it for long",
		[FEEDBACK_ALONE] = "is held, as nothing is known of any other",
		[FEEDBACK_UNUSABLE] = "is held while it takes no new flows",
		[FEEDBACK_FAIL_OPEN] = "counts for nothing, as too few backends are healthy",
	};

	return (unsigned int)reason < FEEDBACK_REASON_COUNT ? names[reason] : "?";
}
