// SPDX-License-Identifier: GPL-2.0-only
#include "simulator.h"

#include <math.h>
#include <stdlib.h>

#include "balancer.h"
#include "distributions.h"
#include "server.h"

#define NOTICED_S    3.0 /* by health checks */
#define SLOW_START_S 30.0
#define REFUSAL_S    0.0005 /* until a refused request is known to be */
#define PROBE_PART   (1.0 / 3) /* of a mean request */

struct world {
	const struct scenario *scenario;
	struct story *story;
	struct dice clients; /* what they do: the same, whatever balancers do */
	struct dice dice;
	double now_s;
	double arrival_s; /* of the next request */
	double rate; /* of requests, per second */
	struct server server[BACKENDS_MAX];
	struct line back[BACKENDS_MAX]; /* answers on their way */
	double next_s[BACKENDS_MAX]; /* when something is done, or arrives */
	struct line refused; /* failures on their way */
	bool alive[BACKENDS_MAX], errs[BACKENDS_MAX];
	double noticed_s[BACKENDS_MAX]; /* when health checks will have noticed */
	double back_s[BACKENDS_MAX]; /* since when it is back; 0 = was never out */
	struct look look;
	int changed; /* changes that have been */
	struct balancer *balancer;
	struct request *spare;
};

static struct request *allocate(struct world *world)
{
	struct request *request = world->spare;

	if (request)
		world->spare = request->next;
	else
		request = malloc(sizeof(*request));
	if (!request)
		abort();
	return request;
}

static void schedule(struct world *world, int i)
{
	const struct request *first = world->back[i].first;

	world->next_s[i] = server_next_s(&world->server[i]);
	if (first && first->back_s < world->next_s[i])
		world->next_s[i] = first->back_s;
}

static void refuse(struct world *world, struct request *request)
{
	request->failed = true;
	request->back_s = world->now_s + REFUSAL_S;
	line_add(&world->refused, request);
}

/*
 * A connection is closed after a while, or when its backend is down, and opened anew. Returns
 * its backend, and since when it is there.
 */
static int connect(struct world *world, struct balancer *balancer, double *since_s)
{
	int connection = dice_below(&world->clients, world->scenario->connections);
	int *home = &balancer->home[connection];
	bool ends = chance(&world->clients) * world->scenario->requests < 1;

	*since_s = balancer->since_s[connection];
	if (*home >= 0 && !ends && world->look.usable[*home])
		return *home;
	if (*home >= 0)
		balancer->flows[*home]--;
	*home = balancer_choose(balancer, &world->dice, world->now_s);
	balancer->flows[*home]++;
	*since_s = balancer->since_s[connection] = world->now_s;
	return *home;
}

static void arrive(struct world *world)
{
	const struct scenario *scenario = world->scenario;
	int k = dice_below(&world->clients, scenario->balancers);
	struct balancer *balancer = &world->balancer[k];
	struct request *request = allocate(world);
	double since_s = world->now_s;
	int i;

	if (scenario->connections) {
		i = connect(world, balancer, &since_s);
	} else {
		i = balancer_choose(balancer, &world->dice, world->now_s);
		balancer->flows[i]++;
	}
	*request = (struct request){
		.began_s = world->now_s,
		.demand_s = chance_demand(&world->clients, scenario->demand) * scenario->demand_ms /
			    1e3,
		.balancer = k,
		.backend = i,
	};
	balancer->window[i].outstanding++;
	balancer->window[i].ages.requests++;
	balancer->window[i].ages.periods += (world->now_s - since_s) / STEP_S;
	if (world->alive[i] && !world->errs[i])
		server_take(&world->server[i], request, world->now_s);
	else
		refuse(world, request);
	schedule(world, i);
	world->arrival_s += chance_exponential(&world->clients) / world->rate;
}

static void answer(struct world *world, struct request *request)
{
	struct balancer *balancer = &world->balancer[request->balancer];
	double took_s = world->now_s - request->began_s;

	if (!world->scenario->connections)
		balancer->flows[request->backend]--;
	balancer_hear(balancer, &world->dice, request->backend, took_s, request->failed,
		      world->now_s);
	story_tell(world->story, world->scenario, request->began_s, took_s, request->failed);
	request->next = world->spare;
	world->spare = request;
}

/* A backend has done a request, or its answer arrives. */
static void serve(struct world *world, int i)
{
	struct request *first = world->back[i].first;

	if (first && first->back_s <= world->now_s) {
		answer(world, line_take(&world->back[i]));
	} else {
		struct request *request = server_finish(&world->server[i], world->now_s);

		request->back_s = world->now_s + world->scenario->rtt_ms[i] / 1e3;
		line_add(&world->back[i], request);
	}
	schedule(world, i);
}

static void die(struct world *world, int i)
{
	struct request *request;

	world->alive[i] = false;
	while ((request = server_drop(&world->server[i], world->now_s)))
		refuse(world, request);
}

static void change(struct world *world)
{
	const struct change *change = &world->scenario->change[world->changed++];
	int i = change->backend;

	switch (change->event) {
	case TURNS:
		server_set_speed(&world->server[i], change->speed, world->now_s);
		break;
	case DIES:
		die(world, i);
		world->noticed_s[i] = world->now_s + NOTICED_S;
		break;
	case RETURNS:
		world->alive[i] = true;
		world->noticed_s[i] = world->now_s + NOTICED_S;
		break;
	case ERRS:
	case MENDS:
		world->errs[i] = change->event == ERRS;
		break;
	}
	schedule(world, i);
}

/* How long a probe would take that were sent now. */
static double probe_us(const struct world *world, int i)
{
	const struct server *server = &world->server[i];
	double ahead = server->length + 1 - server->workers;
	double work_ms = world->scenario->demand_ms * PROBE_PART;

	if (!world->alive[i] || !(server->speed > 0))
		return 0;
	if (ahead > 0)
		work_ms += ahead / server->workers * world->scenario->demand_ms;
	return (work_ms / server->speed + world->scenario->rtt_ms[i]) * 1e3;
}

static void see(struct world *world)
{
	for (int i = 0; i < world->scenario->backends; i++) {
		if (world->now_s >= world->noticed_s[i]) {
			world->noticed_s[i] = INFINITY;
			world->look.usable[i] = world->alive[i];
			world->back_s[i] = world->alive[i] ? world->now_s : 0;
		}
		world->look.start[i] = 1;
		if (world->back_s[i] > 0)
			world->look.start[i] = fmin(
				fmax((world->now_s - world->back_s[i]) / SLOW_START_S, 0.1), 1);
		world->look.probe_us[i] = world->scenario->probes ? probe_us(world, i) : 0;
		world->look.speed[i] = world->server[i].speed;
	}
}

static void step(struct world *world, int k)
{
	struct balancer *balancer = &world->balancer[k];
	int t = world->now_s / STEP_S;

	see(world);
	balancer_step(balancer, &world->look, world->now_s);
	for (int i = 0; i < world->scenario->backends; i++)
		*story_factor(world->story, t, k, i) = balancer->factor[i];
	balancer->step_s += STEP_S;
}

static void begin(struct world *world)
{
	const struct scenario *scenario = world->scenario;
	double capacity = 0;

	world->clients.state = scenario->seed + 20240607ULL;
	world->dice.state = ~world->clients.state;
	world->balancer = calloc(scenario->balancers, sizeof(*world->balancer));
	if (!world->balancer)
		abort();
	line_begin(&world->refused);
	for (int i = 0; i < scenario->backends; i++) {
		server_begin(&world->server[i], scenario, i);
		line_begin(&world->back[i]);
		world->alive[i] = world->look.usable[i] = true;
		world->noticed_s[i] = world->next_s[i] = INFINITY;
		capacity += scenario->speed[i] * scenario->workers;
	}
	world->rate = scenario->load * capacity / scenario->demand_ms * 1e3;
	for (int k = 0; k < scenario->balancers; k++)
		balancer_begin(&world->balancer[k], scenario, STEP_S * chance(&world->dice));
}

/* The next event of all. */
static void pass(struct world *world)
{
	const struct scenario *scenario = world->scenario;
	const struct change *coming = &scenario->change[world->changed];
	double arrival_s = world->arrival_s, next_s = arrival_s;
	int backend = -1, balancer = -1;

	for (int i = 0; i < scenario->backends; i++)
		if (world->next_s[i] < next_s) {
			next_s = world->next_s[i];
			backend = i;
		}
	for (int k = 0; k < scenario->balancers; k++)
		if (world->balancer[k].step_s < next_s) {
			next_s = world->balancer[k].step_s;
			balancer = k;
		}
	world->now_s = next_s;
	if (world->changed < CHANGES_MAX && coming->at_s > 0 && coming->at_s <= next_s) {
		world->now_s = coming->at_s;
		change(world);
	} else if (world->refused.first && world->refused.first->back_s <= next_s) {
		world->now_s = world->refused.first->back_s;
		answer(world, line_take(&world->refused));
	} else if (balancer >= 0) {
		step(world, balancer);
	} else if (backend >= 0) {
		serve(world, backend);
	} else {
		arrive(world);
	}
}

static void end_line(struct line *line)
{
	struct request *request;

	while ((request = line_take(line)))
		free(request);
}

static void end(struct world *world)
{
	for (int i = 0; i < world->scenario->backends; i++) {
		server_end(&world->server[i]);
		end_line(&world->back[i]);
	}
	end_line(&world->refused);
	for (struct request *next, *spare = world->spare; spare; spare = next) {
		next = spare->next;
		free(spare);
	}
	free(world->balancer);
}

void world_run(const struct scenario *scenario, struct story *story)
{
	struct world world = {.scenario = scenario, .story = story};

	story_begin(story, scenario);
	begin(&world);
	while (world.now_s < scenario->seconds - STEP_S / 100)
		pass(&world);
	end(&world);
}
