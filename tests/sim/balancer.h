/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A simulated balancer: the fast loop, which chooses for each flow, and its controller,
 * the slow loop, which sets weights once a period.
 */
#ifndef TEST_SIM_BALANCER_H
#define TEST_SIM_BALANCER_H

#include "feedback/law.h"
#include "model/histogram.h"
#include "rig/prng.h"
#include "scenario.h"

struct balancer {
	const struct scenario *scenario;
	double step_s; /* when its controller looks next */
	double weight[BACKENDS_MAX];
	double turn[BACKENDS_MAX]; /* wrr: what each is ahead of its due */
	int flows[BACKENDS_MAX];
	int home[CONNECTIONS_MAX]; /* the backend of each connection; -1 = none yet */
	double since_s[CONNECTIONS_MAX];

	/* as lrt has it: an eighth of some of the answers */
	double response_s[BACKENDS_MAX], response_at_s[BACKENDS_MAX], response_mean_s;

	struct lb_responses responses[BACKENDS_MAX]; /* since the last look */
	struct feedback_window window[BACKENDS_MAX];
	struct feedback_backend memory[BACKENDS_MAX];
	struct feedback feedback;
	double speed[BACKENDS_MAX]; /* of the negative controls: 1/latency as last seen */
	double factor[BACKENDS_MAX];
};

/* What a controller is told from elsewhere, of each backend. */
struct look {
	bool usable[BACKENDS_MAX]; /* by health checks */
	double start[BACKENDS_MAX]; /* slow start: 0.1 to 1 */
	double probe_us[BACKENDS_MAX];
	double speed[BACKENDS_MAX]; /* the truth, for the oracle */
};

void balancer_begin(struct balancer *balancer, const struct scenario *scenario, double first_s);

/* The backend of a new flow. */
int balancer_choose(struct balancer *balancer, struct dice *dice, double now_s);

/* An answer or a failure came. */
void balancer_hear(struct balancer *balancer, struct dice *dice, int backend, double took_s,
		   bool failed, double now_s);

/* The slow loop's step. */
void balancer_step(struct balancer *balancer, const struct look *look, double now_s);

#endif
