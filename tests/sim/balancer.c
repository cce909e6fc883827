// SPDX-License-Identifier: GPL-2.0-only
#include "balancer.h"

#include <string.h>

#include "distributions.h"

#define SAMPLE_ONE_IN	 16 /* lrt times one of so many */
#define SAMPLE_AGE_S	 0.5 /* or whom it has not heard of for so long */
#define RESPONSE_VALID_S 8.0 /* and knows it for so long */
#define FACTOR_FLOOR	 0.05 /* of the negative controls too */
#define SPEED_ERROR	 0.02

void balancer_init(struct balancer *balancer, const struct scenario *scenario, double first_s)
{
	*balancer = (struct balancer){.scenario = scenario, .step_s = first_s};
	for (int i = 0; i < scenario->backends; i++) {
		balancer->weight[i] = scenario->weight_policy == ORACLE ? scenario->speed[i] : 1;
		feedback_reset(&balancer->law_state[i]);
	}
	for (int i = 0; i < CONNECTIONS_MAX; i++)
		balancer->connection_backend[i] = -1;
}

/* The slot table's order: smooth weighted round robin. */
static int select_wrr(struct balancer *balancer)
{
	double sum = 0;
	int best = -1;

	for (int i = 0; i < balancer->scenario->backends; i++) {
		if (!(balancer->weight[i] > 0))
			continue;
		sum += balancer->weight[i];
		balancer->current_weight[i] += balancer->weight[i];
		if (best < 0 || balancer->current_weight[i] > balancer->current_weight[best])
			best = i;
	}
	if (best < 0)
		return 0;
	balancer->current_weight[best] -= sum;
	return best;
}

static int select_random(const struct balancer *balancer, struct prng *prng)
{
	int count = balancer->scenario->backends;
	double sum = 0, target;

	for (int i = 0; i < count; i++)
		sum += balancer->weight[i];
	target = dist_uniform(prng) * sum;
	for (int i = 0; i < count - 1; i++) {
		target -= balancer->weight[i];
		if (target < 0)
			return i;
	}
	return count - 1;
}

static double response_time_s(const struct balancer *balancer, int i, double now_s)
{
	bool known = balancer->response_s[i] > 0 &&
		     now_s - balancer->response_at_s[i] < RESPONSE_VALID_S;

	return known ? balancer->response_s[i] : balancer->response_mean_s;
}

/* What one more flow would make of a backend. */
static double cost(const struct balancer *balancer, int i, double now_s)
{
	double flows = (balancer->flows[i] + 1) / balancer->weight[i];

	if (balancer->scenario->scheduler == LRT)
		return flows * response_time_s(balancer, i, now_s);
	return flows;
}

static int select_least(const struct balancer *balancer, int best, double now_s)
{
	for (int i = 0; i < balancer->scenario->backends; i++)
		if (balancer->weight[i] > 0 &&
		    cost(balancer, i, now_s) < cost(balancer, best, now_s))
			best = i;
	return best;
}

int balancer_select(struct balancer *balancer, struct prng *prng, double now_s)
{
	int a, b;

	if (balancer->scenario->scheduler == WRR)
		return select_wrr(balancer);
	a = select_random(balancer, prng);
	if (balancer->scenario->scheduler == LC)
		return select_least(balancer, a, now_s);
	b = select_random(balancer, prng);
	return cost(balancer, b, now_s) < cost(balancer, a, now_s) ? b : a;
}

/* As bpf/flow/latency.h does it. */
static void update_response(struct balancer *balancer, int i, double took_s, double now_s)
{
	double mean_s = balancer->response_mean_s;

	if (balancer->response_s[i] > 0 && now_s - balancer->response_at_s[i] < RESPONSE_VALID_S)
		balancer->response_s[i] += (took_s - balancer->response_s[i]) / 8;
	else
		balancer->response_s[i] = took_s;
	balancer->response_at_s[i] = now_s;
	balancer->response_mean_s = mean_s > 0 ? mean_s + (took_s - mean_s) / 8 : took_s;
}

void balancer_complete(struct balancer *balancer, struct prng *prng, int backend, double took_s,
		       bool failed, double now_s)
{
	struct feedback_window *window = &balancer->window[backend];

	window->outstanding--;
	if (failed) {
		window->failures++;
		return;
	}
	window->completions++;
	if (dist_uniform(prng) < balancer->scenario->sampled)
		balancer->responses[backend].count[lb_response_bucket(took_s * 1e6)]++;
	if (prng_one_in(prng, SAMPLE_ONE_IN) ||
	    now_s - balancer->response_at_s[backend] > SAMPLE_AGE_S)
		update_response(balancer, backend, took_s, now_s);
}

/* The negative controls, by the same latencies, failures and stalls as the law goes by. */
static void negative_control(struct balancer *balancer, double *factor)
{
	int count = balancer->scenario->backends, best = 0;
	double sum = 0;

	for (int i = 0; i < count; i++) {
		if (balancer->law_state[i].answer_us > 0)
			balancer->speed[i] = 1 / balancer->law_state[i].answer_us;
		sum += balancer->speed[i];
		if (balancer->speed[i] > balancer->speed[best])
			best = i;
	}
	for (int i = 0; i < count; i++) {
		if (balancer->scenario->weight_policy == FASTEST)
			factor[i] = i == best ? 1 : FACTOR_FLOOR / count;
		else
			factor[i] =
				sum > 0 ? fmax(balancer->speed[i] / sum, FACTOR_FLOOR / count) : 1;
	}
}

static void weight_policy(struct balancer *balancer, const struct observation *observation,
			  double *factor)
{
	for (int i = 0; i < balancer->scenario->backends; i++) {
		factor[i] = 1;
		if (balancer->scenario->weight_policy == LAW)
			factor[i] = balancer->law_state[i].applied;
		if (balancer->scenario->weight_policy == ORACLE)
			factor[i] = observation->speed[i];
		if (balancer->scenario->weight_policy == ROUGH)
			factor[i] =
				observation->speed[i] * (1 + (i % 2 ? SPEED_ERROR : -SPEED_ERROR));
	}
	if (balancer->scenario->weight_policy == FASTEST ||
	    balancer->scenario->weight_policy == UNDAMPED)
		negative_control(balancer, factor);
}

/* What was counted since the last look, and is counted anew. */
static void collect(struct balancer *balancer, const struct observation *observation, int i)
{
	struct feedback_window *window = &balancer->window[i];

	window->weight_milli = 1000;
	window->usable = observation->usable[i];
	window->samples = histogram_count(&balancer->responses[i]);
	window->latency_us = histogram_clipped_mean_us(&balancer->responses[i], 0.05);
	window->probe_us = observation->probe_us[i];
	memset(&balancer->responses[i], 0, sizeof(balancer->responses[i]));
}

void balancer_step(struct balancer *balancer, const struct observation *observation, double now_s)
{
	int count = balancer->scenario->backends;
	double factor[BACKENDS_MAX], sum = 0;

	for (int i = 0; i < count; i++)
		collect(balancer, observation, i);
	feedback_step(&balancer->feedback, balancer->law_state, balancer->window, count,
		      now_s * 1e9);
	weight_policy(balancer, observation, factor);
	for (int i = 0; i < count; i++)
		sum += factor[i];
	for (int i = 0; i < count; i++) {
		balancer->factor[i] = factor[i] * count / sum;
		balancer->weight[i] =
			observation->usable[i] ? balancer->factor[i] * observation->start[i] : 0;
		balancer->window[i].failures = balancer->window[i].completions = 0;
		balancer->window[i].ages = (struct lag_ages){0};
	}
}
