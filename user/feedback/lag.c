// SPDX-License-Identifier: GPL-2.0-only
#include "feedback/lag.h"

#include <math.h>

#define PART	 (1.0 / 60) /* of a new period in the means of ages: 30 s */
#define AGE_MAX	 240.0 /* 2 minutes: older flows are not waited for */
#define AGES	 2.0 /* for so many: queues are as old as the traffic that filled them, and older */
#define LEAD_MAX 0.5

void lead_hear(struct lead_ages *mean, const struct lead_ages *heard)
{
	mean->requests += PART * (heard->requests - mean->requests);
	mean->periods += PART * (heard->periods - mean->periods);
}

double lead_age(const struct lead_ages *mean)
{
	if (!(mean->requests > 0))
		return 0;
	return fmin(mean->periods / mean->requests, AGE_MAX);
}

double lead_tell(double *past, double factor, double age)
{
	if (!(*past > 0))
		*past = factor;
	*past *= exp(log(factor / *past) / (1 + AGES * age));
	return fmin(fmax(log(*past / factor), -LEAD_MAX), LEAD_MAX);
}
