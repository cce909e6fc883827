// SPDX-License-Identifier: GPL-2.0-only
#include "feedback/measure.h"

#include <math.h>

#include "feedback/confidence.h"

/*
 * Constant	     unit	derivation or source
 * PENALTY_MEDIANS   medians	choice: a failure is worse than any usual response
 * PENALTY_MIN_US    us		choice: the same for a service that responds fast
 * LATENCY_MIN_US    us		shorter times cannot be measured
 * LATENCY_MAX_US    us		longer than any client waits; keeps sums finite
 * STALL_DEVIATIONS  sqrt(n)	of a Poisson count n, standard deviations that may be noise
 * MEDIAN_HALVINGS   1		of the range: precise to 2^-50 of it (a double has 53 bits)
 */
#define PENALTY_MEDIANS	 10
#define PENALTY_MIN_US	 1e6
#define LATENCY_MIN_US	 1
#define LATENCY_MAX_US	 1e9
#define STALL_DEVIATIONS 3.0
#define MEDIAN_HALVINGS	 50

/* Limits a time to the valid range; 0 = unknown. */
static double clamp_us(double us)
{
	if (!(us > 0))
		return 0;
	return fmin(fmax(us, LATENCY_MIN_US), LATENCY_MAX_US);
}

/* By bisection of the range, which needs neither sorting nor memory. */
double median(const double *values, size_t count)
{
	double low = INFINITY, high = 0;
	size_t all = 0;

	for (size_t i = 0; i < count; i++) {
		if (!(values[i] > 0))
			continue;
		low = fmin(low, values[i]);
		high = fmax(high, values[i]);
		all++;
	}
	for (int i = 0; i < MEDIAN_HALVINGS && low < high; i++) {
		double middle = low + (high - low) / 2;
		size_t below = 0;

		for (size_t k = 0; k < count; k++)
			below += values[k] > 0 && values[k] <= middle;
		if (2 * below >= all)
			high = middle;
		else
			low = middle;
	}
	return high;
}

/* The latency that waiting requests imply; 0 if their number may be noise. */
static double stall_us(const struct feedback_window *w, double period_us)
{
	double waiting = (double)w->outstanding - STALL_DEVIATIONS * sqrt(w->outstanding);

	return waiting > 0 ? clamp_us(waiting * period_us / fmax(w->completions, 1)) : 0;
}

/* From requests alone: responses, failures, stalls. */
static struct measurement measure_answers(const struct feedback_window *w, double penalty_us,
					  double period_us)
{
	double answered = clamp_us(w->latency_us) > 0 ? w->samples : 0;
	double all = answered + w->failures;
	double waiting_us = stall_us(w, period_us);
	struct measurement m = {.signals = w->failures ? FEEDBACK_FAILURES : 0};

	if (all > 0)
		m.answer_us = (answered * clamp_us(w->latency_us) + w->failures * penalty_us) / all;
	if (waiting_us > m.answer_us) {
		m.answer_us = waiting_us;
		m.signals |= FEEDBACK_STALL;
		all = fmax(all, CONFIDENCE_SAMPLES);
	}
	m.answer_us = clamp_us(m.answer_us);
	m.evidence = all;
	return m;
}

/* Replaces missing samples by the scaled probe. `probe_us` 0: there is no probe. */
static void blend_probes(struct measurement *m, double probe_us)
{
	double part = m->evidence / CONFIDENCE_SAMPLES;

	m->latency_us = m->answer_us;
	if (part >= 1)
		return;
	if (!(probe_us > 0)) {
		m->signals |= FEEDBACK_FEW_SAMPLES;
		return;
	}
	m->latency_us = part * m->answer_us + (1 - part) * probe_us;
	m->evidence = CONFIDENCE_SAMPLES;
	m->signals |= FEEDBACK_PROBES;
}

/* The penalty of a failure: relative to the median response time of the service. */
static double failure_penalty_us(const struct feedback_window *windows, double *latencies,
				 size_t count)
{
	for (size_t i = 0; i < count; i++)
		latencies[i] = windows[i].usable && windows[i].samples
				       ? clamp_us(windows[i].latency_us)
				       : 0;
	return fmax(PENALTY_MIN_US, PENALTY_MEDIANS * median(latencies, count));
}

/* The median ratio of response time to probe; 0 if no backend has both. */
static double probe_scale(const struct measurement *measurements,
			  const struct feedback_window *windows, double *ratios, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		double probe_us = windows[i].usable ? clamp_us(windows[i].probe_us) : 0;

		ratios[i] = probe_us > 0 ? measurements[i].answer_us / probe_us : 0;
	}
	return median(ratios, count);
}

void measure_latency(struct measurement *measurements, const struct feedback_window *windows,
		     double *scratch, size_t count, double period_us)
{
	double penalty_us = failure_penalty_us(windows, scratch, count), scale;

	for (size_t i = 0; i < count; i++)
		measurements[i] = measure_answers(&windows[i], penalty_us, period_us);
	scale = probe_scale(measurements, windows, scratch, count);
	for (size_t i = 0; i < count; i++) {
		blend_probes(&measurements[i], clamp_us(clamp_us(windows[i].probe_us) * scale));
		if (!windows[i].usable)
			measurements[i].latency_us = 0;
	}
}
