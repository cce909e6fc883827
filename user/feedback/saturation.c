// SPDX-License-Identifier: GPL-2.0-only
#include "feedback/saturation.h"

#include <math.h>

#define SAMPLES	    300 /* in the mean */
#define PART_MAX    0.5 /* of the mean, that one step may make */
#define TOLD_ENOUGH 0.6

void slowness_hear(struct slowness *slowness, double latency_us, double samples)
{
	double part = fmin(samples / SAMPLES, PART_MAX);

	slowness->told += part * (1 - slowness->told);
	slowness->mean_us += part / slowness->told * (latency_us - slowness->mean_us);
	if (slowness->told < TOLD_ENOUGH)
		return;
	if (!(slowness->least_us[0] > 0) || slowness->mean_us < slowness->least_us[0])
		slowness->least_us[0] = slowness->mean_us;
}

void slowness_turn(struct slowness *slowness)
{
	slowness->least_us[1] = slowness->least_us[0];
	slowness->least_us[0] = 0;
}

double slowness_tell(const struct slowness *slowness)
{
	double least_us = slowness->least_us[0];

	if (slowness->least_us[1] > 0 && (!(least_us > 0) || slowness->least_us[1] < least_us))
		least_us = slowness->least_us[1];
	return least_us > 0 ? fmax(slowness->mean_us / least_us, 1) : 0;
}
