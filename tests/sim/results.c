// SPDX-License-Identifier: GPL-2.0-only
#include "results.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

void results_init(struct results *results, const struct scenario *scenario)
{
	*results = (struct results){
		.steps = scenario->seconds / STEP_S,
		.warm = scenario->warmup_s / STEP_S,
		.balancers = scenario->balancers,
		.backends = scenario->backends,
	};
	results->factor = calloc((size_t)results->steps * results->balancers * results->backends,
				 sizeof(*results->factor));
	if (!results->factor)
		abort();
}

void results_release(struct results *results)
{
	free(results->factor);
}

static void count(struct successes *successes, bool good)
{
	successes->good += good;
	successes->all++;
}

void results_add(struct results *results, const struct scenario *scenario, double began_s,
		 double took_s, bool failed)
{
	bool good = !failed && took_s <= GOOD_S;
	double since_s = began_s - scenario->change[0].at_s;

	if (scenario->change[0].at_s > 0 && since_s >= 0 && since_s < 2)
		count(&results->early, good);
	if (scenario->change[0].at_s > 0 && since_s >= 20)
		count(&results->late, good);
	if (began_s < scenario->warmup_s)
		return;
	count(&results->after, good);
	results->responses.count[lb_response_bucket(took_s * 1e6)]++;
	results->sum_s += took_s;
}

float *results_factor(const struct results *results, int step, int balancer, int backend)
{
	size_t row = (size_t)step * results->balancers + balancer;

	return &results->factor[row * results->backends + backend];
}

double results_mean_ms(const struct results *results)
{
	return results->sum_s / results->after.all * 1e3;
}

double results_quantile_ms(const struct results *results, double fraction)
{
	return histogram_quantile_us(&results->responses, fraction) / 1e3;
}

double good_fraction(const struct successes *successes)
{
	return successes->good / successes->all;
}

static int compare(const void *left, const void *right)
{
	float a = *(const float *)left, b = *(const float *)right;

	return a < b ? -1 : a > b;
}

void results_range(const struct results *results, double excluded, double *low, double *high)
{
	size_t width = (size_t)results->balancers * results->backends;
	size_t all = (results->steps - results->warm) * width;
	float *sorted = malloc(all * sizeof(*sorted));

	if (!sorted)
		abort();
	for (size_t i = 0; i < all; i++)
		sorted[i] = results->factor[results->warm * width + i];
	qsort(sorted, all, sizeof(*sorted), compare);
	*low = sorted[(size_t)(excluded / 2 * (all - 1))];
	*high = sorted[(size_t)((1 - excluded / 2) * (all - 1))];
	free(sorted);
}

/* One value per step and balancer. */
static double *allocate_values(const struct results *results)
{
	double *values = calloc((size_t)(results->steps - results->warm) * results->balancers,
				sizeof(*values));

	if (!values)
		abort();
	return values;
}

/* Logarithms of one backend's factor minus their mean. Returns their variance. */
static double deviations(const struct results *results, int balancer, int backend, double *value)
{
	int length = results->steps - results->warm;
	double mean = 0, squares = 0;

	for (int t = 0; t < length; t++) {
		value[t] = log(*results_factor(results, results->warm + t, balancer, backend));
		mean += value[t] / length;
	}
	for (int t = 0; t < length; t++) {
		value[t] -= mean;
		squares += value[t] * value[t];
	}
	return squares / length;
}

double results_swing(const struct results *results)
{
	double *value = allocate_values(results), most = 0;

	for (int i = 0; i < results->balancers * results->backends; i++)
		most = fmax(most, deviations(results, i / results->backends, i % results->backends,
					     value));
	free(value);
	return sqrt(most);
}

/* Returns the autocovariance of a backend, averaged over balancers. At lag 0: the variance. */
static double covariance(const struct results *results, const double *values, int lag)
{
	int length = results->steps - results->warm;
	double sum = 0;

	for (int k = 0; k < results->balancers; k++)
		for (int t = 0; t + lag < length; t++)
			sum += values[k * length + t] * values[k * length + t + lag];
	return sum / (length - lag) / results->balancers;
}

/* Returns the highest autocovariance beyond the first zero, of lags up to a quarter. */
static double second_peak(const struct results *results, const double *values)
{
	bool crossed = false;
	double highest = 0;

	for (int lag = 1; lag < (results->steps - results->warm) / 4; lag++) {
		double found = covariance(results, values, lag);

		crossed |= found < 0;
		if (crossed)
			highest = fmax(highest, found);
	}
	return highest;
}

double results_ring(const struct results *results)
{
	int length = results->steps - results->warm;
	double *values = allocate_values(results), most = 0;

	for (int i = 0; i < results->backends; i++) {
		double variance;

		for (int k = 0; k < results->balancers; k++)
			deviations(results, k, i, &values[k * length]);
		variance = covariance(results, values, 0);
		if (variance > 1e-9)
			most = fmax(most, second_peak(results, values) / sqrt(variance));
	}
	free(values);
	return most;
}

double results_factor_at(const struct results *results, int backend, double at_s)
{
	int length = 5 / STEP_S, from = at_s / STEP_S;
	double sum = 0;

	for (int t = from; t < from + length; t++)
		for (int k = 0; k < results->balancers; k++)
			sum += *results_factor(results, t, k, backend);
	return sum / length / results->balancers;
}
