// SPDX-License-Identifier: GPL-2.0-only
#include "balancer.h"

#include <string.h>

#include "distributions.h"

#define LISTENED   16 /* lrt times one of so many */
#define UNHEARD_S  0.5 /* or whom it has not heard of for so long */
#define RESPONSE_S 8.0 /* and knows it for so long */
#define FLOOR	   0.05 /* of the negative controls too */
#define ROUGHNESS  0.02

void balancer_begin(struct balancer *balancer, const struct scenario *scenario, double first_s)
{
	*balancer = (struct balancer){.scenario = scenario, .step_s = first_s};
	for (int i = 0; i < scenario->backends; i++) {
		balancer->weight[i] = scenario->steer == ORACLE ? scenario->speed[i] : 1;
		feedback_reset(&balancer->memory[i]);
	}
	for (int i = 0; i < CONNECTIONS_MAX; i++)
		balancer->home[i] = -1;
}

/* The slot table's order: smooth weighted round robin. */
static int next(struct balancer *balancer)
{
	double sum = 0;
	int best = -1;

	for (int i = 0; i < balancer->scenario->backends; i++) {
		if (!(balancer->weight[i] > 0))
			continue;
		sum += balancer->weight[i];
		balancer->turn[i] += balancer->weight[i];
		if (best < 0 || balancer->turn[i] > balancer->turn[best])
			best = i;
	}
	if (best < 0)
		return 0;
	balancer->turn[best] -= sum;
	return best;
}

static int draw(const struct balancer *balancer, struct dice *dice)
{
	int count = balancer->scenario->backends;
	double sum = 0, place;

	for (int i = 0; i < count; i++)
		sum += balancer->weight[i];
	place = chance(dice) * sum;
	for (int i = 0; i < count - 1; i++) {
		place -= balancer->weight[i];
		if (place < 0)
			return i;
	}
	return count - 1;
}

static double response(const struct balancer *balancer, int i, double now_s)
{
	bool known = balancer->response_s[i] > 0 && now_s - balancer->response_at_s[i] < RESPONSE_S;

	return known ? balancer->response_s[i] : balancer->response_mean_s;
}

/* What one more flow would make of a backend. */
static double price(const struct balancer *balancer, int i, double now_s)
{
	double flows = (balancer->flows[i] + 1) / balancer->weight[i];

	if (balancer->scenario->pick == LRT)
		return flows * response(balancer, i, now_s);
	return flows;
}

static int least(const struct balancer *balancer, int best, double now_s)
{
	for (int i = 0; i < balancer->scenario->backends; i++)
		if (balancer->weight[i] > 0 &&
		    price(balancer, i, now_s) < price(balancer, best, now_s))
			best = i;
	return best;
}

int balancer_choose(struct balancer *balancer, struct dice *dice, double now_s)
{
	int a, b;

	if (balancer->scenario->pick == WRR)
		return next(balancer);
	a = draw(balancer, dice);
	if (balancer->scenario->pick == LC)
		return least(balancer, a, now_s);
	b = draw(balancer, dice);
	return price(balancer, b, now_s) < price(balancer, a, now_s) ? b : a;
}

/* As bpf/flow/latency.h does it. */
static void smooth(struct balancer *balancer, int i, double took_s, double now_s)
{
	double mean_s = balancer->response_mean_s;

	if (balancer->response_s[i] > 0 && now_s - balancer->response_at_s[i] < RESPONSE_S)
		balancer->response_s[i] += (took_s - balancer->response_s[i]) / 8;
	else
		balancer->response_s[i] = took_s;
	balancer->response_at_s[i] = now_s;
	balancer->response_mean_s = mean_s > 0 ? mean_s + (took_s - mean_s) / 8 : took_s;
}

void balancer_hear(struct balancer *balancer, struct dice *dice, int backend, double took_s,
		   bool failed, double now_s)
{
	struct feedback_window *window = &balancer->window[backend];

	window->outstanding--;
	if (failed) {
		window->failures++;
		return;
	}
	window->completions++;
	if (chance(dice) < balancer->scenario->sampled)
		balancer->responses[backend].count[lb_response_bucket(took_s * 1e6)]++;
	if (dice_one_in(dice, LISTENED) || now_s - balancer->response_at_s[backend] > UNHEARD_S)
		smooth(balancer, backend, took_s, now_s);
}

/* The negative controls, by the same latencies, failures and stalls as the law goes by. */
static void misguide(struct balancer *balancer, double *factor)
{
	int count = balancer->scenario->backends, best = 0;
	double sum = 0;

	for (int i = 0; i < count; i++) {
		if (balancer->memory[i].answer_us > 0)
			balancer->speed[i] = 1 / balancer->memory[i].answer_us;
		sum += balancer->speed[i];
		if (balancer->speed[i] > balancer->speed[best])
			best = i;
	}
	for (int i = 0; i < count; i++) {
		if (balancer->scenario->steer == FASTEST)
			factor[i] = i == best ? 1 : FLOOR / count;
		else
			factor[i] = sum > 0 ? fmax(balancer->speed[i] / sum, FLOOR / count) : 1;
	}
}

static void steer(struct balancer *balancer, const struct look *look, double *factor)
{
	for (int i = 0; i < balancer->scenario->backends; i++) {
		factor[i] = 1;
		if (balancer->scenario->steer == LAW)
			factor[i] = balancer->memory[i].applied;
		if (balancer->scenario->steer == ORACLE)
			factor[i] = look->speed[i];
		if (balancer->scenario->steer == ROUGH)
			factor[i] = look->speed[i] * (1 + (i % 2 ? ROUGHNESS : -ROUGHNESS));
	}
	if (balancer->scenario->steer == FASTEST || balancer->scenario->steer == UNDAMPED)
		misguide(balancer, factor);
}

/* What was counted since the last look, and is counted anew. */
static void collect(struct balancer *balancer, const struct look *look, int i)
{
	struct feedback_window *window = &balancer->window[i];

	window->weight_milli = 1000;
	window->usable = look->usable[i];
	window->samples = histogram_count(&balancer->responses[i]);
	window->latency_us = histogram_clipped_mean_us(&balancer->responses[i], 0.05);
	window->probe_us = look->probe_us[i];
	memset(&balancer->responses[i], 0, sizeof(balancer->responses[i]));
}

void balancer_step(struct balancer *balancer, const struct look *look, double now_s)
{
	int count = balancer->scenario->backends;
	double factor[BACKENDS_MAX], sum = 0;

	for (int i = 0; i < count; i++)
		collect(balancer, look, i);
	feedback_step(&balancer->feedback, balancer->memory, balancer->window, count, now_s * 1e9);
	steer(balancer, look, factor);
	for (int i = 0; i < count; i++)
		sum += factor[i];
	for (int i = 0; i < count; i++) {
		balancer->factor[i] = factor[i] * count / sum;
		balancer->weight[i] = look->usable[i] ? balancer->factor[i] * look->start[i] : 0;
		balancer->window[i].failures = balancer->window[i].completions = 0;
		balancer->window[i].ages = (struct lag_ages){0};
	}
}
