// SPDX-License-Identifier: GPL-2.0-only
#include "feedback/lag.h"

#include <math.h>

/*
 * Constant	unit		derivation or source
 * MEAN_PART	1/period	of a new sample in the mean of ages: 30 s
 * AGE_MAX	periods		2 minutes; the lag of older flows is not corrected
 * AGES		ages		of flows, in the mean of the factor: queues are at least as old as the
 *				traffic that filled them
 * LAG_MAX	ln		limit of the model
 */
#define MEAN_PART (1.0 / 60)
#define AGE_MAX	  240.0
#define AGES	  2.0
#define LAG_MAX	  0.5

void lag_update(struct lag_ages *mean, const struct lag_ages *sample)
{
	mean->requests += MEAN_PART * (sample->requests - mean->requests);
	mean->periods += MEAN_PART * (sample->periods - mean->periods);
}

double lag_age(const struct lag_ages *mean)
{
	if (!(mean->requests > 0))
		return 0;
	return fmin(mean->periods / mean->requests, AGE_MAX);
}

double lag_estimate(double *mean_factor, double factor, double age)
{
	if (!(*mean_factor > 0))
		*mean_factor = factor;
	*mean_factor *= exp(log(factor / *mean_factor) / (1 + AGES * age));
	return fmin(fmax(log(*mean_factor / factor), -LAG_MAX), LAG_MAX);
}
