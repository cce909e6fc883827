/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What came of a simulation: how long answers took, and how factors went.
 *
 * A limit cycle is told by two figures of the logarithms of factors after the warm-up:
 * `swing`, their standard deviation, and `ring`, that times the highest autocorrelation
 * behind its first zero. Noise that is damped has no such second peak: but that of a short while,
 * by chance. So a backend's autocorrelation is the mean of all balancers', in which a
 * period is seen that they share, whatever the phases, and chance is not.
 */
#ifndef TEST_SIM_RESULTS_H
#define TEST_SIM_RESULTS_H

#include <stddef.h>

#include "model/histogram.h"
#include "scenario.h"

#define STEP_S 0.5
#define GOOD_S 0.1

struct fraction {
	double good, all; /* answered within 100 ms, and altogether */
};

struct results {
	struct lb_responses responses; /* after the warm-up */
	double sum_s;
	struct fraction after; /* the warm-up */
	struct fraction early, late; /* in the first 2 s after the first change; after 20 s */
	int steps, balancers, backends, warm; /* warm: the first step that counts */
	float *factor; /* by step, balancer and backend */
};

void results_init(struct results *results, const struct scenario *scenario);
void results_free(struct results *results);

/* An answer, or a failure, of a request that began then. */
void results_add(struct results *results, const struct scenario *scenario, double began_s,
		 double took_s, bool failed);

float *results_factor(const struct results *results, int step, int balancer, int backend);

double results_mean_ms(const struct results *results);
double results_quantile_ms(const struct results *results, double fraction);
double results_good_fraction(const struct fraction *fraction);

/* The least and the greatest factor after the warm-up, for all but `but` of the time. */
void results_factor_range(const struct results *results, double outliers, double *low,
			  double *high);

/* Of the worst factor, and of the worst backend. */
double results_swing(const struct results *results);
double results_ring(const struct results *results);

/* A backend's factor at a time, the mean of balancers and of 5 s. */
double results_factor_at(const struct results *results, int backend, double at_s);

#endif
