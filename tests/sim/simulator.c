// SPDX-License-Identifier: GPL-2.0-only
#include "simulator.h"

#include <math.h>
#include <stdlib.h>

#include "balancer.h"
#include "distributions.h"
#include "server.h"

#define DETECTION_S    3.0 /* by health checks */
#define SLOW_START_S   30.0
#define REFUSAL_S      0.0005 /* until a refused request is known to be */
#define PROBE_FRACTION (1.0 / 3) /* of a mean request */

struct sim {
	const struct scenario *scenario;
	struct results *results;
	struct prng clients; /* what they do: the same, whatever balancers do */
	struct prng prng;
	double now_s;
	double arrival_s; /* of the next request */
	double rate; /* of requests, per second */
	struct server server[BACKENDS_MAX];
	struct queue in_flight[BACKENDS_MAX]; /* answers on their way */
	double next_s[BACKENDS_MAX]; /* when something is done, or arrives */
	struct queue refused; /* failures on their way */
	bool alive[BACKENDS_MAX], has_errors[BACKENDS_MAX];
	double detected_s[BACKENDS_MAX]; /* when health checks will have noticed */
	double recovered_s[BACKENDS_MAX]; /* since when it is back; 0 = was never out */
	struct observation observation;
	int changes_done; /* changes that have been */
	struct balancer *balancer;
	struct request *free_requests;
};

static struct request *allocate(struct sim *sim)
{
	struct request *request = sim->free_requests;

	if (request)
		sim->free_requests = request->next;
	else
		request = malloc(sizeof(*request));
	if (!request)
		abort();
	return request;
}

static void schedule(struct sim *sim, int i)
{
	const struct request *first = sim->in_flight[i].first;

	sim->next_s[i] = server_next_s(&sim->server[i]);
	if (first && first->back_s < sim->next_s[i])
		sim->next_s[i] = first->back_s;
}

static void refuse(struct sim *sim, struct request *request)
{
	request->failed = true;
	request->back_s = sim->now_s + REFUSAL_S;
	queue_push(&sim->refused, request);
}

/*
 * A connection is closed after a while, or when its backend is down, and opened anew. Returns
 * its backend, and since when it is there.
 */
static int use_connection(struct sim *sim, struct balancer *balancer, double *opened_s)
{
	int connection = prng_below(&sim->clients, sim->scenario->connections);
	int *connection_backend = &balancer->connection_backend[connection];
	bool is_closed = dist_uniform(&sim->clients) * sim->scenario->requests < 1;

	*opened_s = balancer->opened_s[connection];
	if (*connection_backend >= 0 && !is_closed && sim->observation.usable[*connection_backend])
		return *connection_backend;
	if (*connection_backend >= 0)
		balancer->flows[*connection_backend]--;
	*connection_backend = balancer_select(balancer, &sim->prng, sim->now_s);
	balancer->flows[*connection_backend]++;
	*opened_s = balancer->opened_s[connection] = sim->now_s;
	return *connection_backend;
}

static void arrive(struct sim *sim)
{
	const struct scenario *scenario = sim->scenario;
	int k = prng_below(&sim->clients, scenario->balancers);
	struct balancer *balancer = &sim->balancer[k];
	struct request *request = allocate(sim);
	double opened_s = sim->now_s;
	int i;

	if (scenario->connections) {
		i = use_connection(sim, balancer, &opened_s);
	} else {
		i = balancer_select(balancer, &sim->prng, sim->now_s);
		balancer->flows[i]++;
	}
	*request = (struct request){
		.began_s = sim->now_s,
		.demand_s =
			dist_demand(&sim->clients, scenario->demand) * scenario->demand_ms / 1e3,
		.balancer = k,
		.backend = i,
	};
	balancer->window[i].outstanding++;
	balancer->window[i].ages.requests++;
	balancer->window[i].ages.periods += (sim->now_s - opened_s) / STEP_S;
	if (sim->alive[i] && !sim->has_errors[i])
		server_enqueue(&sim->server[i], request, sim->now_s);
	else
		refuse(sim, request);
	schedule(sim, i);
	sim->arrival_s += dist_exponential(&sim->clients) / sim->rate;
}

static void complete(struct sim *sim, struct request *request)
{
	struct balancer *balancer = &sim->balancer[request->balancer];
	double took_s = sim->now_s - request->began_s;

	if (!sim->scenario->connections)
		balancer->flows[request->backend]--;
	balancer_complete(balancer, &sim->prng, request->backend, took_s, request->failed,
			  sim->now_s);
	results_add(sim->results, sim->scenario, request->began_s, took_s, request->failed);
	request->next = sim->free_requests;
	sim->free_requests = request;
}

/* A backend has done a request, or its answer arrives. */
static void serve(struct sim *sim, int i)
{
	struct request *first = sim->in_flight[i].first;

	if (first && first->back_s <= sim->now_s) {
		complete(sim, queue_pop(&sim->in_flight[i]));
	} else {
		struct request *request = server_finish(&sim->server[i], sim->now_s);

		request->back_s = sim->now_s + sim->scenario->rtt_ms[i] / 1e3;
		queue_push(&sim->in_flight[i], request);
	}
	schedule(sim, i);
}

static void go_down(struct sim *sim, int i)
{
	struct request *request;

	sim->alive[i] = false;
	while ((request = server_drop(&sim->server[i], sim->now_s)))
		refuse(sim, request);
}

static void change(struct sim *sim)
{
	const struct change *change = &sim->scenario->change[sim->changes_done++];
	int i = change->backend;

	switch (change->event) {
	case SPEED_CHANGES:
		server_set_speed(&sim->server[i], change->speed, sim->now_s);
		break;
	case GOES_DOWN:
		go_down(sim, i);
		sim->detected_s[i] = sim->now_s + DETECTION_S;
		break;
	case COMES_UP:
		sim->alive[i] = true;
		sim->detected_s[i] = sim->now_s + DETECTION_S;
		break;
	case ERRORS_BEGIN:
	case ERRORS_END:
		sim->has_errors[i] = change->event == ERRORS_BEGIN;
		break;
	}
	schedule(sim, i);
}

/* How long a probe would take that were sent now. */
static double probe_us(const struct sim *sim, int i)
{
	const struct server *server = &sim->server[i];
	double ahead = server->length + 1 - server->workers;
	double work_ms = sim->scenario->demand_ms * PROBE_FRACTION;

	if (!sim->alive[i] || !(server->speed > 0))
		return 0;
	if (ahead > 0)
		work_ms += ahead / server->workers * sim->scenario->demand_ms;
	return (work_ms / server->speed + sim->scenario->rtt_ms[i]) * 1e3;
}

static void observe(struct sim *sim)
{
	for (int i = 0; i < sim->scenario->backends; i++) {
		if (sim->now_s >= sim->detected_s[i]) {
			sim->detected_s[i] = INFINITY;
			sim->observation.usable[i] = sim->alive[i];
			sim->recovered_s[i] = sim->alive[i] ? sim->now_s : 0;
		}
		sim->observation.start[i] = 1;
		if (sim->recovered_s[i] > 0)
			sim->observation.start[i] = fmin(
				fmax((sim->now_s - sim->recovered_s[i]) / SLOW_START_S, 0.1), 1);
		sim->observation.probe_us[i] = sim->scenario->probes ? probe_us(sim, i) : 0;
		sim->observation.speed[i] = sim->server[i].speed;
	}
}

static void step(struct sim *sim, int k)
{
	struct balancer *balancer = &sim->balancer[k];
	int t = sim->now_s / STEP_S;

	observe(sim);
	balancer_step(balancer, &sim->observation, sim->now_s);
	for (int i = 0; i < sim->scenario->backends; i++)
		*results_factor(sim->results, t, k, i) = balancer->factor[i];
	balancer->step_s += STEP_S;
}

static void init_sim(struct sim *sim)
{
	const struct scenario *scenario = sim->scenario;
	double capacity = 0;

	sim->clients.state = scenario->seed + 20240607ULL;
	sim->prng.state = ~sim->clients.state;
	sim->balancer = calloc(scenario->balancers, sizeof(*sim->balancer));
	if (!sim->balancer)
		abort();
	queue_init(&sim->refused);
	for (int i = 0; i < scenario->backends; i++) {
		server_init(&sim->server[i], scenario, i);
		queue_init(&sim->in_flight[i]);
		sim->alive[i] = sim->observation.usable[i] = true;
		sim->detected_s[i] = sim->next_s[i] = INFINITY;
		capacity += scenario->speed[i] * scenario->workers;
	}
	sim->rate = scenario->load * capacity / scenario->demand_ms * 1e3;
	for (int k = 0; k < scenario->balancers; k++)
		balancer_init(&sim->balancer[k], scenario, STEP_S * dist_uniform(&sim->prng));
}

/* The next event of all. */
static void next_event(struct sim *sim)
{
	const struct scenario *scenario = sim->scenario;
	const struct change *next_change = &scenario->change[sim->changes_done];
	double arrival_s = sim->arrival_s, next_s = arrival_s;
	int backend = -1, balancer = -1;

	for (int i = 0; i < scenario->backends; i++)
		if (sim->next_s[i] < next_s) {
			next_s = sim->next_s[i];
			backend = i;
		}
	for (int k = 0; k < scenario->balancers; k++)
		if (sim->balancer[k].step_s < next_s) {
			next_s = sim->balancer[k].step_s;
			balancer = k;
		}
	sim->now_s = next_s;
	if (sim->changes_done < CHANGES_MAX && next_change->at_s > 0 &&
	    next_change->at_s <= next_s) {
		sim->now_s = next_change->at_s;
		change(sim);
	} else if (sim->refused.first && sim->refused.first->back_s <= next_s) {
		sim->now_s = sim->refused.first->back_s;
		complete(sim, queue_pop(&sim->refused));
	} else if (balancer >= 0) {
		step(sim, balancer);
	} else if (backend >= 0) {
		serve(sim, backend);
	} else {
		arrive(sim);
	}
}

static void free_queue(struct queue *queue)
{
	struct request *request;

	while ((request = queue_pop(queue)))
		free(request);
}

static void free_sim(struct sim *sim)
{
	for (int i = 0; i < sim->scenario->backends; i++) {
		server_free(&sim->server[i]);
		free_queue(&sim->in_flight[i]);
	}
	free_queue(&sim->refused);
	for (struct request *next, *free_requests = sim->free_requests; free_requests;
	     free_requests = next) {
		next = free_requests->next;
		free(free_requests);
	}
	free(sim->balancer);
}

void sim_run(const struct scenario *scenario, struct results *results)
{
	struct sim sim = {.scenario = scenario, .results = results};

	results_init(results, scenario);
	init_sim(&sim);
	while (sim.now_s < scenario->seconds - STEP_S / 100)
		next_event(&sim);
	free_sim(&sim);
}
