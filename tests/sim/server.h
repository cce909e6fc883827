/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Simulated backend: workers with a queue in front (FIFO), or processor sharing.
 *
 * Work is measured in virtual time, which runs at the rate at which each request is processed.
 * The end of a request in virtual time is therefore known when it starts, whatever the speed of
 * the backend becomes.
 */
#ifndef TEST_SIM_SERVER_H
#define TEST_SIM_SERVER_H

#include "scenario.h"

struct request {
	double began_s;
	double arrives_s; /* when its response, or its failure, arrives at the balancer */
	double demand_s;
	int balancer, backend;
	bool failed;
	struct request *next;
};

struct queue {
	struct request *first, **end;
};

/* A request in progress. */
struct task {
	double end_s; /* in virtual time */
	struct request *request;
};

struct server {
	enum discipline discipline;
	int workers;
	double speed;
	double now_s, virtual_s; /* processed up to here: real and virtual time */
	int running, size; /* of the heap of requests in progress, by their end */
	struct task *heap;
	struct queue waiting; /* FIFO: requests without a worker */
	int length; /* requests, waiting or in progress */
};

void server_init(struct server *server, const struct scenario *scenario, int index);
void server_release(struct server *server);
void server_enqueue(struct server *server, struct request *request, double now_s);

/* Returns when the next request ends; INFINITY if there is none. */
double server_next_s(const struct server *server);

/* Ends the next request at its time, and returns it. */
struct request *server_finish(struct server *server, double now_s);

void server_set_speed(struct server *server, double speed, double now_s);

/* Removes an unfinished request, and returns it; NULL if there is none. */
struct request *server_drop(struct server *server, double now_s);

void queue_init(struct queue *queue);
void queue_push(struct queue *queue, struct request *request);
struct request *queue_pop(struct queue *queue);

#endif
