// SPDX-License-Identifier: GPL-2.0-only
#include "server.h"

#include <math.h>
#include <stdlib.h>

void line_begin(struct line *line)
{
	line->first = NULL;
	line->end = &line->first;
}

void line_add(struct line *line, struct request *request)
{
	request->next = NULL;
	*line->end = request;
	line->end = &request->next;
}

struct request *line_take(struct line *line)
{
	struct request *request = line->first;

	if (request) {
		line->first = request->next;
		if (!line->first)
			line->end = &line->first;
	}
	return request;
}

void server_begin(struct server *server, const struct scenario *scenario, int index)
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
	line_begin(&server->waiting);
}

void server_end(struct server *server)
{
	struct request *request;

	while ((request = server_drop(server, 0)))
		free(request);
	free(server->heap);
}

/* How fast each running request is worked on. */
static double rate(const struct server *server)
{
	if (server->running <= server->workers)
		return server->speed;
	return server->speed * server->workers / server->running;
}

static void work(struct server *server, double now_s)
{
	server->own_s += (now_s - server->now_s) * rate(server);
	server->now_s = now_s;
}

static void start(struct server *server, struct request *request)
{
	double end_s = server->own_s + request->demand_s;
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
	int place = 0;

	for (;;) {
		int child = 2 * place + 1;

		if (child + 1 < server->running &&
		    server->heap[child + 1].end_s < server->heap[child].end_s)
			child++;
		if (child >= server->running || server->heap[child].end_s >= last.end_s)
			break;
		server->heap[place] = server->heap[child];
		place = child;
	}
	server->heap[place] = last;
	return request;
}

void server_take(struct server *server, struct request *request, double now_s)
{
	work(server, now_s);
	server->length++;
	if (server->discipline == SHARING || server->running < server->workers)
		start(server, request);
	else
		line_add(&server->waiting, request);
}

double server_next_s(const struct server *server)
{
	double left_s;

	if (!server->running || !(server->speed > 0))
		return INFINITY;
	left_s = (server->heap[0].end_s - server->own_s) / rate(server);
	return server->now_s + (left_s > 0 ? left_s : 0);
}

struct request *server_finish(struct server *server, double now_s)
{
	struct request *request, *next;

	work(server, now_s);
	request = pop(server);
	server->length--;
	next = server->discipline == FIFO ? line_take(&server->waiting) : NULL;
	if (next)
		start(server, next);
	return request;
}

void server_set_speed(struct server *server, double speed, double now_s)
{
	work(server, now_s);
	server->speed = speed;
}

struct request *server_drop(struct server *server, double now_s)
{
	work(server, now_s);
	if (server->running) {
		server->length--;
		return pop(server);
	}
	return line_take(&server->waiting);
}
