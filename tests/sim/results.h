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

struct part {
	double good, all; /* answered within 100 ms, and altogether */
};

struct story {
	struct lb_responses responses; /* after the warm-up */
	double sum_s;
	struct part after; /* the warm-up */
	struct part early, late; /* in the first 2 s after the first change; after 20 s */
	int steps, balancers, backends, warm; /* warm: the first step that counts */
	float *factor; /* by step, balancer and backend */
};

void story_begin(struct story *story, const struct scenario *scenario);
void story_end(struct story *story);

/* An answer, or a failure, of a request that began then. */
void story_tell(struct story *story, const struct scenario *scenario, double began_s, double took_s,
		bool failed);

float *story_factor(const struct story *story, int step, int balancer, int backend);

double story_mean_ms(const struct story *story);
double story_quantile_ms(const struct story *story, double part);
double story_good(const struct part *part);

/* The least and the greatest factor after the warm-up, for all but `but` of the time. */
void story_range(const struct story *story, double but, double *low, double *high);

/* Of the worst factor, and of the worst backend. */
double story_swing(const struct story *story);
double story_ring(const struct story *story);

/* A backend's factor at a time, the mean of balancers and of 5 s. */
double story_factor_at(const struct story *story, int backend, double at_s);

#endif
