/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Lag: the logarithm by which the traffic of a backend is behind its weight factor.
 *
 * A factor acts on new flows only. If flows live long, traffic follows as old flows end. A law
 * that continues meanwhile goes too far and returns too late: it oscillates. The law takes part
 * of the lag back.
 *
 * Traffic follows the factor at the time when its flows began, which is about the mean of the
 * factor over their age. Sampled requests give that age, averaged over all backends and half a
 * minute. With one flow per request it is 0, and so is the lag.
 *
 * This is a model. It does not measure the share of traffic that a backend has, because one of
 * many balancers sees too little of it to separate it from noise, or the effect of other
 * balancers from its own.
 *
 * Pure: the caller owns the memory, and calls once per period.
 */
#ifndef FEEDBACK_LAG_H
#define FEEDBACK_LAG_H

/* Sampled requests of a service in a period, and the ages of their flows. Begins as zero. */
struct lag_ages {
	double requests;
	double periods; /* sum of ages, in periods */
};

/* Adds the sample of a period to the mean. */
void lag_update(struct lag_ages *mean, const struct lag_ages *sample);

/* Returns the mean age of a request's flow, in periods; 0 if it is unknown. */
double lag_age(const struct lag_ages *mean);

/*
 * Updates the mean of a factor, which begins as 0, and returns the lag, from -0.5 to 0.5: the
 * logarithm by which to move the factor to where traffic is.
 */
double lag_estimate(double *mean_factor, double factor, double age);

#endif
