// SPDX-License-Identifier: GPL-2.0-only
#include "server.h"

#include <math.h>
#include <stdlib.h>

void queue_init(struct queue *queue)
{
	queue->first = NULL;
	queue->end = &queue->first;
}

void queue_push(struct queue *queue, struct request *request)
{
	request->next = NULL;
	*queue->end = request;
	queue->end = &request->next;
}

struct request *queue_pop(struct queue *queue)
{
	struct request *request = queue->first;

	if (request) {
		queue->first = request->next;
		if (!queue->first)
			queue->end = &queue->first;
	}
	return request;
}

void server_init(struct server *server, const struct scenario *scenario, int index)
{
	*server = (struct server){
		.discipline = scenario->discipline,
		.workers = scenario->workers,
		.speed = scenario->speed[index],
		.size = 64,
	};
	server->heap = calloc(server->size, sizeof(*server->heap));
	if (!server->heap)
		abort();
	queue_init(&server->waiting);
}

void server_release(struct server *server)
{
	struct request *request;

	while ((request = server_drop(server, 0)))
		free(request);
	free(server->heap);
}

/* Returns the rate of virtual time. */
static double rate(const struct server *server)
{
	if (server->running <= server->workers)
		return server->speed;
	return server->speed * server->workers / server->running;
}

static void advance(struct server *server, double now_s)
{
	server->virtual_s += (now_s - server->now_s) * rate(server);
	server->now_s = now_s;
}

static void start(struct server *server, struct request *request)
{
	double end_s = server->virtual_s + request->demand_s;
	int child = server->running++;

	if (server->running > server->size) {
		server->size *= 2;
		server->heap = realloc(server->heap, server->size * sizeof(*server->heap));
		if (!server->heap)
			abort();
	}
	while (child && server->heap[(child - 1) / 2].end_s > end_s) {
		server->heap[child] = server->heap[(child - 1) / 2];
		child = (child - 1) / 2;
	}
	server->heap[child].end_s = end_s;
	server->heap[child].request = request;
}

static struct request *pop(struct server *server)
{
	struct request *request = server->heap[0].request;
	struct task last = server->heap[--server->running];
	int hole = 0;

	for (;;) {
		int child = 2 * hole + 1;

		if (child + 1 < server->running &&
		    server->heap[child + 1].end_s < server->heap[child].end_s)
			child++;
		if (child >= server->running || server->heap[child].end_s >= last.end_s)
			break;
		server->heap[hole] = server->heap[child];
		hole = child;
	}
	server->heap[hole] = last;
	return request;
}

void server_enqueue(struct server *server, struct request *request, double now_s)
{
	advance(server, now_s);
	server->length++;
	if (server->discipline == SHARING || server->running < server->workers)
		start(server, request);
	else
		queue_push(&server->waiting, request);
}

double server_next_s(const struct server *server)
{
	double left_s;

	if (!server->running || !(server->speed > 0))
		return INFINITY;
	left_s = (server->heap[0].end_s - server->virtual_s) / rate(server);
	return server->now_s + (left_s > 0 ? left_s : 0);
}

struct request *server_finish(struct server *server, double now_s)
{
	struct request *request, *next;

	advance(server, now_s);
	request = pop(server);
	server->length--;
	next = server->discipline == FIFO ? queue_pop(&server->waiting) : NULL;
	if (next)
		start(server, next);
	return request;
}

void server_set_speed(struct server *server, double speed, double now_s)
{
	advance(server, now_s);
	server->speed = speed;
}

struct request *server_drop(struct server *server, double now_s)
{
	advance(server, now_s);
	if (server->running) {
		server->length--;
		return pop(server);
	}
	return queue_pop(&server->waiting);
}
