// SPDX-License-Identifier: GPL-2.0-only
#include "balancer.h"

#include <string.h>

#include "distributions.h"

#define SAMPLE_ONE_IN	 16 /* requests: one is sampled for lrt */
#define SAMPLE_AFTER_S	 0.5 /* or any request of a backend with an older sample */
#define RESPONSE_VALID_S 8.0 /* validity of a sample */
#define FACTOR_MIN	 0.05 /* of the law, and of the negative controls */
#define ROUGHNESS	 0.02

void balancer_init(struct balancer *balancer, const struct scenario *scenario, double first_s)
{
	*balancer = (struct balancer){.scenario = scenario, .step_s = first_s};
	for (int i = 0; i < scenario->backends; i++) {
		balancer->weight[i] = scenario->policy == ORACLE ? scenario->speed[i] : 1;
		feedback_reset(&balancer->law[i]);
	}
	for (int i = 0; i < CONNECTIONS_MAX; i++)
		balancer->connection_backend[i] = -1;
}

/* Smooth weighted round robin, the order of slot tables. */
static int next_in_order(struct balancer *balancer)
{
	double sum = 0;
	int best = -1;

	for (int i = 0; i < balancer->scenario->backends; i++) {
		if (!(balancer->weight[i] > 0))
			continue;
		sum += balancer->weight[i];
		balancer->credit[i] += balancer->weight[i];
		if (best < 0 || balancer->credit[i] > balancer->credit[best])
			best = i;
	}
	if (best < 0)
		return 0;
	balancer->credit[best] -= sum;
	return best;
}

static int select_random(const struct balancer *balancer, struct prng *prng)
{
	int count = balancer->scenario->backends;
	double sum = 0, position;

	for (int i = 0; i < count; i++)
		sum += balancer->weight[i];
	position = random_uniform(prng) * sum;
	for (int i = 0; i < count - 1; i++) {
		position -= balancer->weight[i];
		if (position < 0)
			return i;
	}
	return count - 1;
}

static double response(const struct balancer *balancer, int i, double now_s)
{
	bool known = balancer->response_s[i] > 0 &&
		     now_s - balancer->response_at_s[i] < RESPONSE_VALID_S;

	return known ? balancer->response_s[i] : balancer->response_mean_s;
}

/* Returns the load of a backend with one more flow. */
static double load_after(const struct balancer *balancer, int i, double now_s)
{
	double flows = (balancer->flows[i] + 1) / balancer->weight[i];

	if (balancer->scenario->pick == LRT)
		return flows * response(balancer, i, now_s);
	return flows;
}

static int select_least(const struct balancer *balancer, int best, double now_s)
{
	for (int i = 0; i < balancer->scenario->backends; i++)
		if (balancer->weight[i] > 0 &&
		    load_after(balancer, i, now_s) < load_after(balancer, best, now_s))
			best = i;
	return best;
}

int balancer_select(struct balancer *balancer, struct prng *prng, double now_s)
{
	int a, b;

	if (balancer->scenario->pick == WRR)
		return next_in_order(balancer);
	a = select_random(balancer, prng);
	if (balancer->scenario->pick == LC)
		return select_least(balancer, a, now_s);
	b = select_random(balancer, prng);
	return load_after(balancer, b, now_s) < load_after(balancer, a, now_s) ? b : a;
}

/* As in bpf/flow/latency.h. */
static void smooth(struct balancer *balancer, int i, double took_s, double now_s)
{
	double mean_s = balancer->response_mean_s;

	if (balancer->response_s[i] > 0 && now_s - balancer->response_at_s[i] < RESPONSE_VALID_S)
		balancer->response_s[i] += (took_s - balancer->response_s[i]) / 8;
	else
		balancer->response_s[i] = took_s;
	balancer->response_at_s[i] = now_s;
	balancer->response_mean_s = mean_s > 0 ? mean_s + (took_s - mean_s) / 8 : took_s;
}

void balancer_record(struct balancer *balancer, struct prng *prng, int backend, double took_s,
		     bool failed, double now_s)
{
	struct feedback_window *window = &balancer->window[backend];

	window->outstanding--;
	if (failed) {
		window->failures++;
		return;
	}
	window->completions++;
	if (random_uniform(prng) < balancer->scenario->sampled)
		balancer->responses[backend].count[lb_response_bucket(took_s * 1e6)]++;
	if (prng_one_in(prng, SAMPLE_ONE_IN) ||
	    now_s - balancer->response_at_s[backend] > SAMPLE_AFTER_S)
		smooth(balancer, backend, took_s, now_s);
}

/* The negative controls, from the same latencies, failures and stalls as the law. */
static void control_factors(struct balancer *balancer, double *factor)
{
	int count = balancer->scenario->backends, best = 0;
	double sum = 0;

	for (int i = 0; i < count; i++) {
		if (balancer->law[i].answer_us > 0)
			balancer->speed[i] = 1 / balancer->law[i].answer_us;
		sum += balancer->speed[i];
		if (balancer->speed[i] > balancer->speed[best])
			best = i;
	}
	for (int i = 0; i < count; i++) {
		if (balancer->scenario->policy == FASTEST)
			factor[i] = i == best ? 1 : FACTOR_MIN / count;
		else
			factor[i] =
				sum > 0 ? fmax(balancer->speed[i] / sum, FACTOR_MIN / count) : 1;
	}
}

static void policy_factors(struct balancer *balancer, const struct observed *observed,
			   double *factor)
{
	for (int i = 0; i < balancer->scenario->backends; i++) {
		factor[i] = 1;
		if (balancer->scenario->policy == LAW)
			factor[i] = balancer->law[i].applied;
		if (balancer->scenario->policy == ORACLE)
			factor[i] = observed->speed[i];
		if (balancer->scenario->policy == ROUGH)
			factor[i] = observed->speed[i] * (1 + (i % 2 ? ROUGHNESS : -ROUGHNESS));
	}
	if (balancer->scenario->policy == FASTEST || balancer->scenario->policy == UNDAMPED)
		control_factors(balancer, factor);
}

/* Takes the counters since the last step, and resets them. */
static void collect(struct balancer *balancer, const struct observed *observed, int i)
{
	struct feedback_window *window = &balancer->window[i];

	window->weight_milli = 1000;
	window->usable = observed->usable[i];
	window->samples = histogram_count(&balancer->responses[i]);
	window->latency_us = histogram_clipped_mean_us(&balancer->responses[i], 0.05);
	window->probe_us = observed->probe_us[i];
	memset(&balancer->responses[i], 0, sizeof(balancer->responses[i]));
}

void balancer_step(struct balancer *balancer, const struct observed *observed, double now_s)
{
	int count = balancer->scenario->backends;
	double factor[BACKENDS_MAX], sum = 0;

	for (int i = 0; i < count; i++)
		collect(balancer, observed, i);
	feedback_step(&balancer->feedback, balancer->law, balancer->window, count, now_s * 1e9);
	policy_factors(balancer, observed, factor);
	for (int i = 0; i < count; i++)
		sum += factor[i];
	for (int i = 0; i < count; i++) {
		balancer->factor[i] = factor[i] * count / sum;
		balancer->weight[i] =
			observed->usable[i] ? balancer->factor[i] * observed->start[i] : 0;
		balancer->window[i].failures = balancer->window[i].completions = 0;
		balancer->window[i].ages = (struct lag_ages){0};
	}
}
