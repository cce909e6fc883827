// SPDX-License-Identifier: GPL-2.0-only
#include "feedback/saturation.h"

#include <math.h>

/*
 * Constant		unit		derivation or source
 * MEAN_SAMPLES		samples		in the mean, which makes its minimum hardly lower than the mean
 * STEP_PART_MAX	1/step		of one step in the mean
 * FILLED_ENOUGH	1		weight of samples in a mean that counts as a minimum
 */
#define MEAN_SAMPLES  300
#define STEP_PART_MAX 0.5
#define FILLED_ENOUGH 0.6

void saturation_update(struct saturation *saturation, double latency_us, double samples)
{
	double part = fmin(samples / MEAN_SAMPLES, STEP_PART_MAX);

	saturation->filled += part * (1 - saturation->filled);
	saturation->mean_us += part / saturation->filled * (latency_us - saturation->mean_us);
	if (saturation->filled < FILLED_ENOUGH)
		return;
	if (!(saturation->min_us[0] > 0) || saturation->mean_us < saturation->min_us[0])
		saturation->min_us[0] = saturation->mean_us;
}

void saturation_rotate(struct saturation *saturation)
{
	saturation->min_us[1] = saturation->min_us[0];
	saturation->min_us[0] = 0;
}

double saturation_estimate(const struct saturation *saturation)
{
	double min_us = saturation->min_us[0];

	if (saturation->min_us[1] > 0 && (!(min_us > 0) || saturation->min_us[1] < min_us))
		min_us = saturation->min_us[1];
	return min_us > 0 ? fmax(saturation->mean_us / min_us, 1) : 0;
}
