/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Results of a simulation: response times, and the course of factors.
 *
 * Two figures of the logarithms of factors after the warm-up detect a limit cycle: `swing`, the
 * standard deviation, and `ring`, that times the highest autocorrelation beyond its first zero.
 * Damped noise has no such second peak, except randomly in a short time. The autocorrelation
 * of a backend is therefore the mean over all balancers: a common period remains in it,
 * whatever the phases, and noise averages out.
 */
#ifndef TEST_SIM_RESULTS_H
#define TEST_SIM_RESULTS_H

#include <stddef.h>

#include "model/histogram.h"
#include "scenario.h"

#define STEP_S 0.5
#define GOOD_S 0.1

struct successes {
	double good, all; /* requests answered within 100 ms, and all requests */
};

struct results {
	struct lb_responses responses; /* after the warm-up */
	double sum_s;
	struct successes after; /* the warm-up */
	struct successes early, late; /* 0 to 2 s after the first change; from 20 s after it */
	int steps, balancers, backends, warm; /* warm: first step after the warm-up */
	float *factor; /* indexed by step, balancer and backend */
};

void results_init(struct results *results, const struct scenario *scenario);
void results_release(struct results *results);

/* Adds a response or a failure of a request that began at `began_s`. */
void results_add(struct results *results, const struct scenario *scenario, double began_s,
		 double took_s, bool failed);

float *results_factor(const struct results *results, int step, int balancer, int backend);

double results_mean_ms(const struct results *results);
double results_quantile_ms(const struct results *results, double fraction);
double good_fraction(const struct successes *successes);

/* The range of factors after the warm-up, without the part `excluded` of extreme ones. */
void results_range(const struct results *results, double excluded, double *low, double *high);

/* Of the factor, and of the backend, with the largest value. */
double results_swing(const struct results *results);
double results_ring(const struct results *results);

/* Returns the mean factor of a backend over all balancers and 5 s. */
double results_factor_at(const struct results *results, int backend, double at_s);

#endif
