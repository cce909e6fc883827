// SPDX-License-Identifier: GPL-2.0-only
#include "feedback/law.h"

#include <math.h>

#define GAIN_MAX  0.1
#define GAIN_MIN  0.01
#define GAIN_PART 0.14 /* of what is not loaded */
#define SKIP	  0.03
#define STEP_MAX  0.25

#define FACTOR_MIN 0.05
#define FACTOR_MAX 8.0

#define LIFT	 1.05
#define LIFT_MAX 0.25
#define LIFT_NS	 5000000000ULL

#define BACK_PART 3.0 /* of gain and slowness, of its lead that a factor is taken back by */
#define BACK_MAX  0.3
#define BACK_WISH 5.0 /* nothing, where it is so far from what it wants */
#define BACK_LOW  0.8 /* nor who rises from so little */

#define PENALTY_MEDIANS 10
#define PENALTY_MIN_US	1e6
#define LATENCY_MAX_US	1e9
#define CHANCE		3.0 /* deviations of what waits */

#define HEALTHY_MIN 0.5
#define HOLD_NS	    (3 * FEEDBACK_PERIOD_NS)
#define FORGET_NS   180000000000ULL
#define WHILE_NS    300000000000ULL

void feedback_begin(struct feedback_backend *backend)
{
	*backend = (struct feedback_backend){.factor = 1, .applied = 1, .wanted = 1};
}

/* Between what nobody can measure and what nobody waits for; 0 is none. */
static double time_us(double us)
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
	double waiting = (double)w->outstanding - CHANCE * sqrt(w->outstanding);

	return waiting > 0 ? time_us(waiting * period_us / fmax(w->completions, 1)) : 0;
}

/* What requests themselves tell: answers, failures, and what waits. */
static void listen(struct feedback_backend *b, const struct feedback_window *w, double penalty_us,
		   double period_us)
{
	double answered = time_us(w->latency_us) > 0 ? w->samples : 0;
	double all = answered + w->failures;
	double waiting_us = stall_us(w, period_us);

	b->signals = w->failures ? FEEDBACK_FAILURES : 0;
	b->answer_us = 0;
	if (all > 0)
		b->answer_us = (answered * time_us(w->latency_us) + w->failures * penalty_us) / all;
	if (waiting_us > b->answer_us) {
		b->answer_us = waiting_us;
		b->signals |= FEEDBACK_STALL;
		all = fmax(all, TRUST_SAMPLES);
	}
	b->answer_us = time_us(b->answer_us);
	b->evidence = all;
}

/* Where there were few answers, probes tell as well: as much longer than those as elsewhere. */
static void consult(struct feedback_backend *b, double probe_us)
{
	double part = b->evidence / TRUST_SAMPLES;

	b->value = b->answer_us;
	if (part >= 1)
		return;
	if (!(probe_us > 0)) {
		b->signals |= FEEDBACK_FEW;
		return;
	}
	b->value = part * b->answer_us + (1 - part) * probe_us;
	b->evidence = TRUST_SAMPLES;
	b->signals |= FEEDBACK_PROBES;
}

/* In `value`, each backend's latency; 0 if nothing is known. */
static void measure(struct feedback_backend *b, const struct feedback_window *w, size_t count,
		    double period_us)
{
	double penalty_us, ratio;

	for (size_t i = 0; i < count; i++)
		b[i].value = w[i].usable && w[i].samples ? time_us(w[i].latency_us) : 0;
	penalty_us = fmax(PENALTY_MIN_US, PENALTY_MEDIANS * median(b, count));
	for (size_t i = 0; i < count; i++) {
		listen(&b[i], &w[i], penalty_us, period_us);
		b[i].value = 0;
		if (w[i].usable && time_us(w[i].probe_us) > 0)
			b[i].value = b[i].answer_us / time_us(w[i].probe_us);
	}
	ratio = median(b, count);
	for (size_t i = 0; i < count; i++) {
		consult(&b[i], time_us(time_us(w[i].probe_us) * ratio));
		if (!w[i].usable)
			b[i].value = 0;
	}
}

static void remember(struct feedback_backend *b, const struct feedback_window *w, __u64 now_ns)
{
	if (!(b->value > 0))
		return;
	b->latency_us = b->value;
	b->samples = w->samples + w->failures;
	b->heard_ns = now_ns;
	slowness_hear(&b->slowness, b->latency_us, b->evidence);
}

static void turn(struct feedback *feedback, struct feedback_backend *b, size_t count, __u64 now_ns)
{
	if (feedback->turned_ns && now_ns - feedback->turned_ns < WHILE_NS)
		return;
	feedback->turned_ns = now_ns;
	for (size_t i = 0; i < count; i++)
		slowness_turn(&b[i].slowness);
}

static bool is_known(const struct feedback_backend *b, __u64 now_ns)
{
	return b->heard_ns && now_ns - b->heard_ns <= HOLD_NS;
}

/* How full all are; 1 if that is not known. */
static double slowness_of(struct feedback_backend *b, size_t count, __u64 now_ns)
{
	for (size_t i = 0; i < count; i++)
		b[i].value = b[i].heard_ns == now_ns ? slowness_tell(&b[i].slowness) : 0;
	return fmax(median(b, count), 1);
}

/*
 * What those that were heard of lately want: 1/latency, so that together they keep what
 * they have. Returns how many they are.
 */
static size_t want(struct feedback_backend *b, const struct feedback_window *w, size_t count,
		   __u64 now_ns)
{
	double have = 0, sum = 0;
	size_t heard = 0;

	for (size_t i = 0; i < count; i++) {
		if (!w[i].usable || !w[i].weight_milli || !is_known(&b[i], now_ns))
			continue;
		have += w[i].weight_milli * b[i].factor;
		sum += w[i].weight_milli / b[i].latency_us;
		heard++;
	}
	for (size_t i = 0; i < count && heard > 1; i++) {
		double wanted = have / sum / b[i].latency_us;

		if (b[i].heard_ns != now_ns)
			continue;
		b[i].asked = log(wanted / b[i].factor);
		b[i].wanted = fmin(fmax(wanted, FACTOR_MIN), FACTOR_MAX);
	}
	return heard;
}

/* Where traffic is, by now. */
static void follow(struct lead_ages *mean, struct feedback_backend *b,
		   const struct feedback_window *w, size_t count)
{
	struct lead_ages heard = {0};

	for (size_t i = 0; i < count; i++) {
		heard.requests += w[i].ages.requests;
		heard.periods += w[i].ages.periods;
	}
	lead_hear(mean, &heard);
	for (size_t i = 0; i < count; i++)
		b[i].ahead = lead_tell(&b[i].past, b[i].factor, lead_age(mean));
}

/* What is taken back of a lead. */
static double back(const struct feedback_backend *b, const struct feedback *feedback)
{
	double part = fmin(BACK_PART * feedback->gain * (feedback->slowness - 1), BACK_MAX);
	double far = fabs(b->asked) / BACK_WISH;
	bool rises = b->ahead < 0 && b->asked > 0 && b->factor < BACK_LOW;

	return rises || far > 1 ? 0 : part * (1 - far) * b->ahead;
}

/* Moves a factor, and tells why as far as it did. */
static enum feedback_reason move(struct feedback_backend *b, const struct feedback *feedback)
{
	double d = log(b->wanted / b->factor);
	double trusted = trust_tell(&b->trust, d, b->evidence, feedback->slowness);
	double step = feedback->gain * trusted * d + back(b, feedback);

	if (fabs(d) < SKIP) {
		if (b->wanted <= FACTOR_MIN)
			return FEEDBACK_FLOORED;
		return b->wanted >= FACTOR_MAX ? FEEDBACK_CAPPED : FEEDBACK_SETTLED;
	}
	b->factor *= exp(fmin(fmax(step, -STEP_MAX), STEP_MAX));
	if (fabs(step) > STEP_MAX)
		return FEEDBACK_LIMITED;
	return trusted < 0.5 ? FEEDBACK_DOUBTED : FEEDBACK_FOLLOWS;
}

/* The reason of a backend that was not heard of in this step. */
static enum feedback_reason miss(struct feedback_backend *b, __u64 now_ns)
{
	if (!b->heard_ns)
		return b->reason == FEEDBACK_FORGOTTEN ? FEEDBACK_FORGOTTEN : FEEDBACK_NEW;
	if (now_ns - b->heard_ns > FORGET_NS) {
		feedback_begin(b);
		return FEEDBACK_FORGOTTEN;
	}
	return is_known(b, now_ns) ? b->reason : FEEDBACK_HELD;
}

/*
 * Of two drawn, the one with few flows for its weight is taken: a low weight is hardly ever.
 * So a low factor is raised while others are heard of and it is not. What was known of it is
 * old by then, and has no say in what will be heard.
 */
static enum feedback_reason lift(struct feedback_backend *b, __u64 now_ns)
{
	if (b->factor >= LIFT_MAX || now_ns - b->heard_ns < LIFT_NS)
		return FEEDBACK_HELD;
	b->factor *= LIFT;
	b->trust = (struct trust){.usual = b->trust.usual};
	return FEEDBACK_RAISED;
}

static enum feedback_reason decide(struct feedback_backend *b, bool usable, size_t heard,
				   const struct feedback *feedback)
{
	__u64 now_ns = feedback->stepped_ns;
	enum feedback_reason missed;

	if (b->heard_ns == now_ns)
		return heard > 1 ? move(b, feedback) : FEEDBACK_ALONE;
	missed = miss(b, now_ns);
	if (!usable && missed != FEEDBACK_FORGOTTEN)
		return FEEDBACK_OUT;
	return missed == FEEDBACK_HELD && heard > 1 ? lift(b, now_ns) : missed;
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
	feedback->open = healthy < HEALTHY_MIN * all;
	for (size_t i = 0; i < count; i++) {
		if (sum > 0)
			b[i].factor = fmin(fmax(b[i].factor * all / sum, FACTOR_MIN), FACTOR_MAX);
		b[i].applied = feedback->open ? 1 : b[i].factor;
	}
}

void feedback_step(struct feedback *feedback, struct feedback_backend *backends,
		   const struct feedback_window *windows, size_t count, __u64 now_ns)
{
	__u64 period_ns = feedback->stepped_ns ? now_ns - feedback->stepped_ns : FEEDBACK_PERIOD_NS;
	size_t heard;

	if (now_ns <= feedback->stepped_ns)
		return;
	feedback->stepped_ns = now_ns;
	turn(feedback, backends, count, now_ns);
	measure(backends, windows, count, period_ns / 1e3);
	for (size_t i = 0; i < count; i++)
		remember(&backends[i], &windows[i], now_ns);
	follow(&feedback->ages, backends, windows, count);
	heard = want(backends, windows, count, now_ns);
	feedback->slowness = slowness_of(backends, count, now_ns);
	feedback->gain = fmax(fmin(GAIN_MAX, GAIN_PART / feedback->slowness), GAIN_MIN);
	for (size_t i = 0; i < count; i++) {
		enum feedback_reason before = backends[i].reason;

		backends[i].reason = decide(&backends[i], windows[i].usable, heard, feedback);
		if (backends[i].reason != before)
			backends[i].since_ns = now_ns;
	}
	normalise(feedback, backends, windows, count);
}

__u32 feedback_milli(const struct feedback_backend *backend)
{
	return lround(backend->applied * 1000);
}

const char *feedback_reason_name(enum feedback_reason reason)
{
	static const char *const names[FEEDBACK_REASON_COUNT] = {
		[FEEDBACK_NEW] = "nothing is known of it yet",
		[FEEDBACK_FOLLOWS] = "follows its latency",
		[FEEDBACK_SETTLED] = "is what its latency asks for",
		[FEEDBACK_DOUBTED] = "waits, as what its latency asks for may be chance",
		[FEEDBACK_LIMITED] = "follows its latency as fast as it may",
		[FEEDBACK_FLOORED] = "is as low as it may be",
		[FEEDBACK_CAPPED] = "is as high as it may be",
		[FEEDBACK_HELD] = "is held, as nothing was heard of it lately",
		[FEEDBACK_RAISED] = "is raised, so that something is heard of it",
		[FEEDBACK_FORGOTTEN] = "is as configured, as nothing was heard of it for long",
		[FEEDBACK_ALONE] = "is held, as nothing is known of any other",
		[FEEDBACK_OUT] = "is held while it takes no new flows",
		[FEEDBACK_OPEN] = "counts for nothing, as too few backends are healthy",
	};

	return (unsigned int)reason < FEEDBACK_REASON_COUNT ? names[reason] : "?";
}
