// SPDX-License-Identifier: GPL-2.0-only
#include "results.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

void story_begin(struct story *story, const struct scenario *scenario)
{
	*story = (struct story){
		.steps = scenario->seconds / STEP_S,
		.warm = scenario->warmup_s / STEP_S,
		.balancers = scenario->balancers,
		.backends = scenario->backends,
	};
	story->factor = calloc((size_t)story->steps * story->balancers * story->backends,
			       sizeof(*story->factor));
	if (!story->factor)
		abort();
}

void story_end(struct story *story)
{
	free(story->factor);
}

static void count(struct part *part, bool good)
{
	part->good += good;
	part->all++;
}

void story_tell(struct story *story, const struct scenario *scenario, double began_s, double took_s,
		bool failed)
{
	bool good = !failed && took_s <= GOOD_S;
	double since_s = began_s - scenario->change[0].at_s;

	if (scenario->change[0].at_s > 0 && since_s >= 0 && since_s < 2)
		count(&story->early, good);
	if (scenario->change[0].at_s > 0 && since_s >= 20)
		count(&story->late, good);
	if (began_s < scenario->warmup_s)
		return;
	count(&story->after, good);
	story->responses.count[lb_response_bucket(took_s * 1e6)]++;
	story->sum_s += took_s;
}

float *story_factor(const struct story *story, int step, int balancer, int backend)
{
	size_t place = (size_t)step * story->balancers + balancer;

	return &story->factor[place * story->backends + backend];
}

double story_mean_ms(const struct story *story)
{
	return story->sum_s / story->after.all * 1e3;
}

double story_quantile_ms(const struct story *story, double part)
{
	return histogram_quantile_us(&story->responses, part) / 1e3;
}

double story_good(const struct part *part)
{
	return part->good / part->all;
}

static int compare(const void *left, const void *right)
{
	float a = *(const float *)left, b = *(const float *)right;

	return a < b ? -1 : a > b;
}

void story_range(const struct story *story, double but, double *low, double *high)
{
	size_t width = (size_t)story->balancers * story->backends;
	size_t all = (story->steps - story->warm) * width;
	float *sorted = malloc(all * sizeof(*sorted));

	if (!sorted)
		abort();
	for (size_t i = 0; i < all; i++)
		sorted[i] = story->factor[story->warm * width + i];
	qsort(sorted, all, sizeof(*sorted), compare);
	*low = sorted[(size_t)(but / 2 * (all - 1))];
	*high = sorted[(size_t)((1 - but / 2) * (all - 1))];
	free(sorted);
}

/* For one figure of each step and balancer. */
static double *room_for_values(const struct story *story)
{
	double *values =
		calloc((size_t)(story->steps - story->warm) * story->balancers, sizeof(*values));

	if (!values)
		abort();
	return values;
}

/* Logarithms of one backend's factor less their mean; returns their variance. */
static double deviations(const struct story *story, int balancer, int backend, double *value)
{
	int length = story->steps - story->warm;
	double mean = 0, squares = 0;

	for (int t = 0; t < length; t++) {
		value[t] = log(*story_factor(story, story->warm + t, balancer, backend));
		mean += value[t] / length;
	}
	for (int t = 0; t < length; t++) {
		value[t] -= mean;
		squares += value[t] * value[t];
	}
	return squares / length;
}

double story_swing(const struct story *story)
{
	double *value = room_for_values(story), most = 0;

	for (int i = 0; i < story->balancers * story->backends; i++)
		most = fmax(most,
			    deviations(story, i / story->backends, i % story->backends, value));
	free(value);
	return sqrt(most);
}

/* A backend's autocovariance, the mean of all balancers; of lag 0 it is the variance. */
static double covariance(const struct story *story, const double *values, int lag)
{
	int length = story->steps - story->warm;
	double sum = 0;

	for (int k = 0; k < story->balancers; k++)
		for (int t = 0; t + lag < length; t++)
			sum += values[k * length + t] * values[k * length + t + lag];
	return sum / (length - lag) / story->balancers;
}

/* The highest autocovariance behind the first zero, of lags up to a quarter. */
static double revival(const struct story *story, const double *values)
{
	bool crossed = false;
	double highest = 0;

	for (int lag = 1; lag < (story->steps - story->warm) / 4; lag++) {
		double found = covariance(story, values, lag);

		crossed |= found < 0;
		if (crossed)
			highest = fmax(highest, found);
	}
	return highest;
}

double story_ring(const struct story *story)
{
	int length = story->steps - story->warm;
	double *values = room_for_values(story), most = 0;

	for (int i = 0; i < story->backends; i++) {
		double variance;

		for (int k = 0; k < story->balancers; k++)
			deviations(story, k, i, &values[k * length]);
		variance = covariance(story, values, 0);
		if (variance > 1e-9)
			most = fmax(most, revival(story, values) / sqrt(variance));
	}
	free(values);
	return most;
}

double story_factor_at(const struct story *story, int backend, double at_s)
{
	int length = 5 / STEP_S, from = at_s / STEP_S;
	double sum = 0;

	for (int t = from; t < from + length; t++)
		for (int k = 0; k < story->balancers; k++)
			sum += *story_factor(story, t, k, backend);
	return sum / length / story->balancers;
}
