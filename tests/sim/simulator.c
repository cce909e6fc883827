// SPDX-License-Identifier: GPL-2.0-only
#include "simulator.h"

#include <math.h>
#include <stdlib.h>

#include "balancer.h"
#include "distributions.h"
#include "server.h"

#define DETECTION_S  3.0 /* of health checks */
#define SLOW_START_S 30.0
#define REFUSAL_S    0.0005 /* until a refusal arrives */
#define PROBE_PART   (1.0 / 3) /* of the work of a mean request */

struct simulator {
	const struct scenario *scenario;
	struct results *results;
	struct prng clients; /* for clients: independent of the balancers */
	struct prng prng;
	double now_s;
	double arrival_s; /* of the next request */
	double rate; /* of requests, per second */
	struct server server[BACKENDS_MAX];
	struct queue responses[BACKENDS_MAX]; /* in flight to the balancers */
	double next_s[BACKENDS_MAX]; /* of the next event of each backend */
	struct queue refused; /* failures in flight */
	bool is_up[BACKENDS_MAX], has_errors[BACKENDS_MAX];
	double detected_s[BACKENDS_MAX]; /* when health checks detect a change */
	double recovered_s[BACKENDS_MAX]; /* 0 = was never down */
	struct observed observed;
	int changed; /* number of past changes */
	struct balancer *balancer;
	struct request *free_requests;
};

static struct request *allocate(struct simulator *simulator)
{
	struct request *request = simulator->free_requests;

	if (request)
		simulator->free_requests = request->next;
	else
		request = malloc(sizeof(*request));
	if (!request)
		abort();
	return request;
}

static void schedule(struct simulator *simulator, int i)
{
	const struct request *first = simulator->responses[i].first;

	simulator->next_s[i] = server_next_s(&simulator->server[i]);
	if (first && first->arrives_s < simulator->next_s[i])
		simulator->next_s[i] = first->arrives_s;
}

static void refuse(struct simulator *simulator, struct request *request)
{
	request->failed = true;
	request->arrives_s = simulator->now_s + REFUSAL_S;
	queue_push(&simulator->refused, request);
}

/*
 * Uses a random connection. It is reopened after its requests, or when its backend is down.
 * Returns its backend, and its start.
 */
static int connect(struct simulator *simulator, struct balancer *balancer, double *since_s)
{
	int connection = prng_below(&simulator->clients, simulator->scenario->connections);
	int *backend = &balancer->connection_backend[connection];
	bool ends = random_uniform(&simulator->clients) * simulator->scenario->requests < 1;

	*since_s = balancer->since_s[connection];
	if (*backend >= 0 && !ends && simulator->observed.usable[*backend])
		return *backend;
	if (*backend >= 0)
		balancer->flows[*backend]--;
	*backend = balancer_select(balancer, &simulator->prng, simulator->now_s);
	balancer->flows[*backend]++;
	*since_s = balancer->since_s[connection] = simulator->now_s;
	return *backend;
}

static void begin_request(struct simulator *simulator)
{
	const struct scenario *scenario = simulator->scenario;
	int k = prng_below(&simulator->clients, scenario->balancers);
	struct balancer *balancer = &simulator->balancer[k];
	struct request *request = allocate(simulator);
	double since_s = simulator->now_s;
	int i;

	if (scenario->connections) {
		i = connect(simulator, balancer, &since_s);
	} else {
		i = balancer_select(balancer, &simulator->prng, simulator->now_s);
		balancer->flows[i]++;
	}
	*request = (struct request){
		.began_s = simulator->now_s,
		.demand_s = random_demand(&simulator->clients, scenario->demand) *
			    scenario->demand_ms / 1e3,
		.balancer = k,
		.backend = i,
	};
	balancer->window[i].outstanding++;
	balancer->window[i].ages.requests++;
	balancer->window[i].ages.periods += (simulator->now_s - since_s) / STEP_S;
	if (simulator->is_up[i] && !simulator->has_errors[i])
		server_enqueue(&simulator->server[i], request, simulator->now_s);
	else
		refuse(simulator, request);
	schedule(simulator, i);
	simulator->arrival_s += random_exponential(&simulator->clients) / simulator->rate;
}

static void end_request(struct simulator *simulator, struct request *request)
{
	struct balancer *balancer = &simulator->balancer[request->balancer];
	double took_s = simulator->now_s - request->began_s;

	if (!simulator->scenario->connections)
		balancer->flows[request->backend]--;
	balancer_record(balancer, &simulator->prng, request->backend, took_s, request->failed,
			simulator->now_s);
	results_add(simulator->results, simulator->scenario, request->began_s, took_s,
		    request->failed);
	request->next = simulator->free_requests;
	simulator->free_requests = request;
}

/* The next event of a backend: a request ends, or a response arrives. */
static void serve(struct simulator *simulator, int i)
{
	struct request *first = simulator->responses[i].first;

	if (first && first->arrives_s <= simulator->now_s) {
		end_request(simulator, queue_pop(&simulator->responses[i]));
	} else {
		struct request *request = server_finish(&simulator->server[i], simulator->now_s);

		request->arrives_s = simulator->now_s + simulator->scenario->rtt_ms[i] / 1e3;
		queue_push(&simulator->responses[i], request);
	}
	schedule(simulator, i);
}

static void fail_backend(struct simulator *simulator, int i)
{
	struct request *request;

	simulator->is_up[i] = false;
	while ((request = server_drop(&simulator->server[i], simulator->now_s)))
		refuse(simulator, request);
}

static void change(struct simulator *simulator)
{
	const struct change *change = &simulator->scenario->change[simulator->changed++];
	int i = change->backend;

	switch (change->event) {
	case SPEED_CHANGES:
		server_set_speed(&simulator->server[i], change->speed, simulator->now_s);
		break;
	case FAILS:
		fail_backend(simulator, i);
		simulator->detected_s[i] = simulator->now_s + DETECTION_S;
		break;
	case RECOVERS:
		simulator->is_up[i] = true;
		simulator->detected_s[i] = simulator->now_s + DETECTION_S;
		break;
	case ERRORS_BEGIN:
	case ERRORS_END:
		simulator->has_errors[i] = change->event == ERRORS_BEGIN;
		break;
	}
	schedule(simulator, i);
}

/* Returns the response time of a probe that is sent now; 0 if it fails. */
static double probe_us(const struct simulator *simulator, int i)
{
	const struct server *server = &simulator->server[i];
	double ahead = server->length + 1 - server->workers;
	double work_ms = simulator->scenario->demand_ms * PROBE_PART;

	if (!simulator->is_up[i] || !(server->speed > 0))
		return 0;
	if (ahead > 0)
		work_ms += ahead / server->workers * simulator->scenario->demand_ms;
	return (work_ms / server->speed + simulator->scenario->rtt_ms[i]) * 1e3;
}

static void observe(struct simulator *simulator)
{
	for (int i = 0; i < simulator->scenario->backends; i++) {
		if (simulator->now_s >= simulator->detected_s[i]) {
			simulator->detected_s[i] = INFINITY;
			simulator->observed.usable[i] = simulator->is_up[i];
			simulator->recovered_s[i] = simulator->is_up[i] ? simulator->now_s : 0;
		}
		simulator->observed.start[i] = 1;
		if (simulator->recovered_s[i] > 0)
			simulator->observed.start[i] = fmin(
				fmax((simulator->now_s - simulator->recovered_s[i]) / SLOW_START_S,
				     0.1),
				1);
		simulator->observed.probe_us[i] =
			simulator->scenario->probes ? probe_us(simulator, i) : 0;
		simulator->observed.speed[i] = simulator->server[i].speed;
	}
}

static void step(struct simulator *simulator, int k)
{
	struct balancer *balancer = &simulator->balancer[k];
	int t = simulator->now_s / STEP_S;

	observe(simulator);
	balancer_step(balancer, &simulator->observed, simulator->now_s);
	for (int i = 0; i < simulator->scenario->backends; i++)
		*results_factor(simulator->results, t, k, i) = balancer->factor[i];
	balancer->step_s += STEP_S;
}

static void init(struct simulator *simulator)
{
	const struct scenario *scenario = simulator->scenario;
	double capacity = 0;

	simulator->clients.state = scenario->seed + 20240607ULL;
	simulator->prng.state = ~simulator->clients.state;
	simulator->balancer = calloc(scenario->balancers, sizeof(*simulator->balancer));
	if (!simulator->balancer)
		abort();
	queue_init(&simulator->refused);
	for (int i = 0; i < scenario->backends; i++) {
		server_init(&simulator->server[i], scenario, i);
		queue_init(&simulator->responses[i]);
		simulator->is_up[i] = simulator->observed.usable[i] = true;
		simulator->detected_s[i] = simulator->next_s[i] = INFINITY;
		capacity += scenario->speed[i] * scenario->workers;
	}
	simulator->rate = scenario->load * capacity / scenario->demand_ms * 1e3;
	for (int k = 0; k < scenario->balancers; k++)
		balancer_init(&simulator->balancer[k], scenario,
			      STEP_S * random_uniform(&simulator->prng));
}

/* Finds the next event of all, and runs it. */
static void run_next_event(struct simulator *simulator)
{
	const struct scenario *scenario = simulator->scenario;
	const struct change *coming = &scenario->change[simulator->changed];
	double arrival_s = simulator->arrival_s, next_s = arrival_s;
	int backend = -1, balancer = -1;

	for (int i = 0; i < scenario->backends; i++)
		if (simulator->next_s[i] < next_s) {
			next_s = simulator->next_s[i];
			backend = i;
		}
	for (int k = 0; k < scenario->balancers; k++)
		if (simulator->balancer[k].step_s < next_s) {
			next_s = simulator->balancer[k].step_s;
			balancer = k;
		}
	simulator->now_s = next_s;
	if (simulator->changed < CHANGES_MAX && coming->at_s > 0 && coming->at_s <= next_s) {
		simulator->now_s = coming->at_s;
		change(simulator);
	} else if (simulator->refused.first && simulator->refused.first->arrives_s <= next_s) {
		simulator->now_s = simulator->refused.first->arrives_s;
		end_request(simulator, queue_pop(&simulator->refused));
	} else if (balancer >= 0) {
		step(simulator, balancer);
	} else if (backend >= 0) {
		serve(simulator, backend);
	} else {
		begin_request(simulator);
	}
}

static void release_queue(struct queue *queue)
{
	struct request *request;

	while ((request = queue_pop(queue)))
		free(request);
}

static void release(struct simulator *simulator)
{
	for (int i = 0; i < simulator->scenario->backends; i++) {
		server_release(&simulator->server[i]);
		release_queue(&simulator->responses[i]);
	}
	release_queue(&simulator->refused);
	for (struct request *next, *free_requests = simulator->free_requests; free_requests;
	     free_requests = next) {
		next = free_requests->next;
		free(free_requests);
	}
	free(simulator->balancer);
}

void simulator_run(const struct scenario *scenario, struct results *results)
{
	struct simulator simulator = {.scenario = scenario, .results = results};

	results_init(results, scenario);
	init(&simulator);
	while (simulator.now_s < scenario->seconds - STEP_S / 100)
		run_next_event(&simulator);
	release(&simulator);
}
