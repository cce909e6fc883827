/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A simulated backend: so many workers, and a queue in front of them (FIFO), or on all
 * requests at once, each slower the more there are (processor sharing).
 *
 * Work is measured in a time of the backend's own, which goes as fast as each of
 * its requests is worked on: a request's end lies fixed in it when that begins, whatever the
 * backend's speed becomes.
 */
#ifndef TEST_SIM_SERVER_H
#define TEST_SIM_SERVER_H

#include "scenario.h"

struct request {
	double began_s;
	double back_s; /* when its answer, or failure, arrives at the balancer */
	double demand_s;
	int balancer, backend;
	bool failed;
	struct request *next;
};

struct queue {
	struct request *first, **end;
};

/* A request that is worked on. */
struct task {
	double end_s; /* in the server's own time */
	struct request *request;
};

struct server {
	enum discipline discipline;
	int workers;
	double speed;
	double now_s, work_s; /* up to which it has worked, in both times */
	int running, size; /* a heap of requests being worked on, by their end */
	struct task *heap;
	struct queue waiting; /* FIFO: for a worker */
	int length;
};

void server_init(struct server *server, const struct scenario *scenario, int index);
void server_free(struct server *server);
void server_enqueue(struct server *server, struct request *request, double now_s);

/* When its next request will be done; INFINITY if none. */
double server_next_s(const struct server *server);

/* That request; it is now that time. */
struct request *server_finish(struct server *server, double now_s);

void server_set_speed(struct server *server, double speed, double now_s);

/* Any request that is not done, or NULL. */
struct request *server_drop(struct server *server, double now_s);

void queue_init(struct queue *queue);
void queue_push(struct queue *queue, struct request *request);
struct request *queue_pop(struct queue *queue);

#endif
