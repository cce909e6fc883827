/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A simulated balancer: the fast loop, which chooses for each flow, and its controller,
 * the slow loop, which sets weights once a period.
 */
#ifndef TEST_SIM_BALANCER_H
#define TEST_SIM_BALANCER_H

#include "core/prng.h"
#include "feedback/law.h"
#include "model/histogram.h"
#include "scenario.h"

struct balancer {
	const struct scenario *scenario;
	double step_s; /* when its controller looks next */
	double weight[BACKENDS_MAX];
	double current_weight[BACKENDS_MAX]; /* wrr: what each is ahead of its due */
	int flows[BACKENDS_MAX];
	int connection_backend[CONNECTIONS_MAX]; /* the backend of each connection; -1 = none yet */
	double opened_s[CONNECTIONS_MAX];

	/* as lrt has it: an eighth of some of the answers */
	double response_s[BACKENDS_MAX], response_at_s[BACKENDS_MAX], response_mean_s;

	struct lb_responses responses[BACKENDS_MAX]; /* since the last look */
	struct feedback_window window[BACKENDS_MAX];
	struct feedback_backend law_state[BACKENDS_MAX];
	struct feedback feedback;
	double speed[BACKENDS_MAX]; /* of the negative controls: 1/latency as last seen */
	double factor[BACKENDS_MAX];
};

/* What a controller is told from elsewhere, of each backend. */
struct observation {
	bool usable[BACKENDS_MAX]; /* by health checks */
	double start[BACKENDS_MAX]; /* slow start: 0.1 to 1 */
	double probe_us[BACKENDS_MAX];
	double speed[BACKENDS_MAX]; /* the truth, for the oracle */
};

void balancer_init(struct balancer *balancer, const struct scenario *scenario, double first_s);

/* The backend of a new flow. */
int balancer_select(struct balancer *balancer, struct prng *prng, double now_s);

/* An answer or a failure came. */
void balancer_complete(struct balancer *balancer, struct prng *prng, int backend, double took_s,
		       bool failed, double now_s);

/* The slow loop's step. */
void balancer_step(struct balancer *balancer, const struct observation *observation, double now_s);

#endif
