// SPDX-License-Identifier: GPL-2.0-only
/*
 * A client that asks in an open loop: requests come by chance (Poisson), and none waits
 * for another's answer. A request's time begins when it is due, and holds the making of its
 * connection.
 *
 *	asker --rate PER-SECOND --seconds S [--connections N --requests M]
 *	      [--event SECONDS,SIGNAL,PROCESS] ADDRESS PORT
 *
 * Each request has a connection of its own; with --connections it takes any of N, which
 * are replaced after M requests each, and waits there until those before it are answered:
 * many clients, each with a connection that it keeps. The event is a signal, which servers are told by what
 * shall happen. Writes a line for each request: when it was due, and how long it took, in
 * microseconds; -1 for a failed one. What is unanswered some time after the end took that
 * long.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <getopt.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "bench_net.h"
#include "rig/process.h"

#define EVENTS	    64
#define PATIENCE_NS 3000000000ULL /* after the last request was due */
#define NEVER	    (~0ULL)
#define POOL_MAX    4096

/* A request's number is what is sent. */
struct request {
	__u64 due_ns;
	__u64 end_ns; /* 0: not answered yet, NEVER: failed */
	struct request *next; /* of its connection */
};

struct connection {
	int fd;
	bool open;
	unsigned int used;
	int place; /* in the pool; -1: takes no more requests */
	struct request *first, **last; /* in line; the first is sent when it is open */
	unsigned char answer[ASKING_BYTES];
	size_t got;
};

struct asker {
	struct sockaddr_in to;
	double rate, seconds;
	unsigned int pool_size, limit;
	double event_s;
	int signal;
	pid_t process;

	int epoll;
	struct dice dice;
	__u64 begin_ns;
	struct request *requests;
	__u64 count, room, waiting;
	struct connection *pool[POOL_MAX];
};

static void drop(struct asker *asker, struct connection *connection)
{
	if (connection->place >= 0)
		asker->pool[connection->place] = NULL;
	close(connection->fd);
	free(connection);
}

static void fail(struct asker *asker, struct connection *connection)
{
	for (struct request *request = connection->first; request; request = request->next) {
		request->end_ns = NEVER;
		asker->waiting--;
	}
	drop(asker, connection);
}

/* The first in line. A connection that is reset says so by the next event. */
static void send_first(struct asker *asker, struct connection *connection)
{
	__u64 number = connection->first - asker->requests;

	send(connection->fd, &number, ASKING_BYTES, MSG_NOSIGNAL);
}

static void opened(struct asker *asker, struct connection *connection)
{
	struct epoll_event event = {.events = EPOLLIN, .data.ptr = connection};

	connection->open = true;
	epoll_ctl(asker->epoll, EPOLL_CTL_MOD, connection->fd, &event);
	if (connection->first)
		send_first(asker, connection);
}

static struct connection *connect_anew(struct asker *asker, int place)
{
	struct connection *connection = calloc(1, sizeof(*connection));
	struct epoll_event event = {.events = EPOLLOUT, .data.ptr = connection};
	int on = 1;

	if (!connection)
		process_bail("out of memory");
	connection->place = place;
	connection->last = &connection->first;
	connection->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	setsockopt(connection->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	if (connection->fd < 0 ||
	    (connect(connection->fd, (struct sockaddr *)&asker->to, sizeof(asker->to)) &&
	     errno != EINPROGRESS) ||
	    epoll_ctl(asker->epoll, EPOLL_CTL_ADD, connection->fd, &event))
		process_bail("connect: %s", strerror(errno));
	return connection;
}

/* One of the pool, or one of its own. */
static struct connection *connection_for_next(struct asker *asker)
{
	struct connection **place, *connection;

	if (!asker->pool_size)
		return connect_anew(asker, -1);
	place = &asker->pool[dice_below(&asker->dice, asker->pool_size)];
	if (!*place)
		*place = connect_anew(asker, place - asker->pool);
	connection = *place;
	if (++connection->used >= asker->limit) {
		*place = NULL;
		connection->place = -1;
	}
	return connection;
}

static void ask(struct asker *asker, __u64 due_ns)
{
	struct connection *connection = connection_for_next(asker);
	struct request *request = &asker->requests[asker->count++];

	*request = (struct request){.due_ns = due_ns};
	*connection->last = request;
	connection->last = &request->next;
	asker->waiting++;
	if (connection->open && connection->first == request)
		send_first(asker, connection);
}

static void answered(struct asker *asker, struct connection *connection)
{
	struct request *request = connection->first;
	__u64 number;

	memcpy(&number, connection->answer, sizeof(number));
	connection->got = 0;
	if (!request || request != &asker->requests[number])
		process_bail("an answer to what was not asked");
	request->end_ns = asking_now_ns();
	asker->waiting--;
	connection->first = request->next;
	if (connection->first)
		send_first(asker, connection);
	else if (connection->place < 0)
		drop(asker, connection);
	else
		connection->last = &connection->first;
}

static void hear(struct asker *asker, struct connection *connection)
{
	ssize_t got = recv(connection->fd, connection->answer + connection->got,
			   ASKING_BYTES - connection->got, MSG_DONTWAIT);

	if (got < 0 && errno == EAGAIN)
		return;
	if (got <= 0) {
		fail(asker, connection);
		return;
	}
	connection->got += got;
	if (connection->got == ASKING_BYTES)
		answered(asker, connection);
}

static void listen_until(struct asker *asker, __u64 until_ns)
{
	struct epoll_event events[EVENTS];
	__u64 now = asking_now_ns(), left = until_ns > now ? until_ns - now : 0;
	const struct timespec timeout = {.tv_sec = left / 1000000000, .tv_nsec = left % 1000000000};
	int count = epoll_pwait2(asker->epoll, events, EVENTS, &timeout, NULL);

	for (int i = 0; i < count; i++) {
		struct connection *connection = events[i].data.ptr;

		if (connection->open)
			hear(asker, connection);
		else if (events[i].events & (EPOLLERR | EPOLLHUP))
			fail(asker, connection);
		else
			opened(asker, connection);
	}
}

/* The pool's first connections end one after the other, as if it had been used for long. */
static void open_pool(struct asker *asker)
{
	for (unsigned int i = 0; i < asker->pool_size; i++) {
		asker->pool[i] = connect_anew(asker, i);
		asker->pool[i]->used = dice_below(&asker->dice, asker->limit);
	}
}

static void run(struct asker *asker)
{
	__u64 due = asker->begin_ns, end = due + asker->seconds * 1e9;
	__u64 event = asker->event_s ? asker->begin_ns + asker->event_s * 1e9 : NEVER;

	while (due < end && asker->count < asker->room) {
		listen_until(asker, due);
		for (; due <= asking_now_ns() && due < end && asker->count < asker->room;
		     due += asking_draw(&asker->dice, 1e9 / asker->rate))
			ask(asker, due);
		if (event <= asking_now_ns()) {
			kill(asker->process, asker->signal);
			event = NEVER;
		}
	}
	while (asker->waiting && asking_now_ns() < end + PATIENCE_NS)
		listen_until(asker, end + PATIENCE_NS);
}

static void tell(const struct asker *asker)
{
	__u64 now = asking_now_ns();

	for (const struct request *request = asker->requests;
	     request < asker->requests + asker->count; request++) {
		__u64 end = request->end_ns ? request->end_ns : now;

		printf("%llu ", (request->due_ns - asker->begin_ns) / 1000);
		if (end == NEVER)
			puts("-1");
		else
			printf("%llu\n", (end - request->due_ns) / 1000);
	}
}

static int parse(struct asker *asker, int argc, char **argv)
{
	static const struct option options[] = {{"rate", required_argument, NULL, 'r'},
						{"seconds", required_argument, NULL, 's'},
						{"connections", required_argument, NULL, 'c'},
						{"requests", required_argument, NULL, 'n'},
						{"event", required_argument, NULL, 'e'},
						{0}};
	int option;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (option == 'r')
			asker->rate = atof(optarg);
		else if (option == 's')
			asker->seconds = atof(optarg);
		else if (option == 'c')
			asker->pool_size = atoi(optarg);
		else if (option == 'n')
			asker->limit = atoi(optarg);
		else if (option != 'e' || sscanf(optarg, "%lf,%d,%d", &asker->event_s,
						 &asker->signal, &asker->process) != 3)
			return -1;
	}
	if (argc - optind != 2 || asker->rate <= 0 || asker->pool_size > POOL_MAX ||
	    inet_pton(AF_INET, argv[optind], &asker->to.sin_addr) != 1)
		return -1;
	asker->to.sin_family = AF_INET;
	asker->to.sin_port = htons(atoi(argv[optind + 1]));
	return 0;
}

int main(int argc, char **argv)
{
	static struct asker asker = {.limit = 100};

	if (parse(&asker, argc, argv))
		return 2;
	asking_prepare();
	asker.dice.state = asking_now_ns();
	asker.epoll = epoll_create1(EPOLL_CLOEXEC);
	asker.room = asker.rate * asker.seconds * 2 + 1000;
	asker.requests = calloc(asker.room, sizeof(*asker.requests));
	if (asker.epoll < 0 || !asker.requests)
		process_bail("%s", strerror(errno));
	open_pool(&asker);
	asker.begin_ns = asking_now_ns();
	run(&asker);
	tell(&asker);
	free(asker.requests);
	return 0;
}
