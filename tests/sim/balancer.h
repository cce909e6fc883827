/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Simulated balancer: the fast loop, which selects a backend per flow, and its controller, the
 * slow loop, which sets weights once per period.
 */
#ifndef TEST_SIM_BALANCER_H
#define TEST_SIM_BALANCER_H

#include "core/prng.h"
#include "feedback/law.h"
#include "model/histogram.h"
#include "scenario.h"

struct balancer {
	const struct scenario *scenario;
	double step_s; /* of the next step of the controller */
	double weight[BACKENDS_MAX];
	double credit[BACKENDS_MAX]; /* of wrr */
	int flows[BACKENDS_MAX];
	int connection_backend[CONNECTIONS_MAX]; /* -1 = none yet */
	double since_s[CONNECTIONS_MAX]; /* start of each connection */

	/* lrt: smoothed response times of sampled requests */
	double response_s[BACKENDS_MAX], response_at_s[BACKENDS_MAX], response_mean_s;

	struct lb_responses responses[BACKENDS_MAX]; /* since the last step */
	struct feedback_window window[BACKENDS_MAX];
	struct feedback_backend law[BACKENDS_MAX];
	struct feedback feedback;
	double speed[BACKENDS_MAX]; /* negative controls: 1/latency of the last measurement */
	double factor[BACKENDS_MAX];
};

/* Inputs of a controller per backend, besides responses. */
struct observed {
	bool usable[BACKENDS_MAX]; /* health */
	double start[BACKENDS_MAX]; /* slow start factor, 0.1 to 1 */
	double probe_us[BACKENDS_MAX];
	double speed[BACKENDS_MAX]; /* the true speed, for the oracle */
};

void balancer_init(struct balancer *balancer, const struct scenario *scenario, double first_s);

/* Returns the backend of a new flow. */
int balancer_select(struct balancer *balancer, struct prng *prng, double now_s);

/* Records a response or a failure. */
void balancer_record(struct balancer *balancer, struct prng *prng, int backend, double took_s,
		     bool failed, double now_s);

/* One step of the slow loop. */
void balancer_step(struct balancer *balancer, const struct observed *observed, double now_s);

#endif
