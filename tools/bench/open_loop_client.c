// SPDX-License-Identifier: GPL-2.0-only
/*
 * Open-loop client: requests arrive as a Poisson process and do not wait for the responses to
 * others. The response time of a request starts when it is due, and includes connecting.
 *
 *	open_loop_client --rate PER-SECOND --seconds S [--connections N --requests M]
 *	      [--event SECONDS,SIGNAL,PROCESS] ADDRESS PORT
 *
 * Each request has a connection of its own. With --connections, each uses one of N persistent
 * connections at random, which is replaced after M requests, and queues there behind earlier
 * requests. --event sends a signal to a server after SECONDS.
 *
 * The output has one line per request: due time and response time in us, -1 for a failed
 * request. If there is no response 3 s after the end, the time waited until then counts.
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
#include "core/process.h"

#define EVENTS		    64
#define RESPONSE_TIMEOUT_NS 3000000000ULL /* after the last request was due */
#define NEVER		    (~0ULL)
#define POOL_MAX	    4096

/* The request's number is its message. */
struct request {
	__u64 due_ns;
	__u64 end_ns; /* 0: no response yet, NEVER: failed */
	struct request *next; /* on the same connection */
};

struct connection {
	int fd;
	bool is_open;
	unsigned int used;
	int slot; /* in the pool; -1: accepts no more requests */
	struct request *first, **last; /* queue; the first is sent once the connection is open */
	unsigned char response[BENCH_MESSAGE_BYTES];
	size_t received;
};

struct client {
	struct sockaddr_in server;
	double rate, seconds;
	unsigned int pool_size, requests_max;
	double event_s;
	int signal;
	pid_t process;

	int epoll;
	struct prng prng;
	__u64 begin_ns;
	struct request *requests;
	__u64 count, capacity, pending;
	struct connection *pool[POOL_MAX];
};

static void close_connection(struct client *client, struct connection *connection)
{
	if (connection->slot >= 0)
		client->pool[connection->slot] = NULL;
	close(connection->fd);
	free(connection);
}

static void fail_connection(struct client *client, struct connection *connection)
{
	for (struct request *request = connection->first; request; request = request->next) {
		request->end_ns = NEVER;
		client->pending--;
	}
	close_connection(client, connection);
}

/* Sends the first of the queue. The next event reports a connection that was reset. */
static void send_first(struct client *client, struct connection *connection)
{
	__u64 number = connection->first - client->requests;

	send(connection->fd, &number, BENCH_MESSAGE_BYTES, MSG_NOSIGNAL);
}

static void handle_connected(struct client *client, struct connection *connection)
{
	struct epoll_event event = {.events = EPOLLIN, .data.ptr = connection};

	connection->is_open = true;
	epoll_ctl(client->epoll, EPOLL_CTL_MOD, connection->fd, &event);
	if (connection->first)
		send_first(client, connection);
}

static struct connection *open_connection(struct client *client, int slot)
{
	struct connection *connection = calloc(1, sizeof(*connection));
	struct epoll_event event = {.events = EPOLLOUT, .data.ptr = connection};
	int on = 1;

	if (!connection)
		process_bail("out of memory");
	connection->slot = slot;
	connection->last = &connection->first;
	connection->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	setsockopt(connection->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	if (connection->fd < 0 ||
	    (connect(connection->fd, (struct sockaddr *)&client->server, sizeof(client->server)) &&
	     errno != EINPROGRESS) ||
	    epoll_ctl(client->epoll, EPOLL_CTL_ADD, connection->fd, &event))
		process_bail("connect: %s", strerror(errno));
	return connection;
}

/* A random connection of the pool, or a new one without a pool. */
static struct connection *select_connection(struct client *client)
{
	struct connection **slot, *connection;

	if (!client->pool_size)
		return open_connection(client, -1);
	slot = &client->pool[prng_below(&client->prng, client->pool_size)];
	if (!*slot)
		*slot = open_connection(client, slot - client->pool);
	connection = *slot;
	if (++connection->used >= client->requests_max) {
		*slot = NULL;
		connection->slot = -1;
	}
	return connection;
}

static void issue_request(struct client *client, __u64 due_ns)
{
	struct connection *connection = select_connection(client);
	struct request *request = &client->requests[client->count++];

	*request = (struct request){.due_ns = due_ns};
	*connection->last = request;
	connection->last = &request->next;
	client->pending++;
	if (connection->is_open && connection->first == request)
		send_first(client, connection);
}

static void handle_response(struct client *client, struct connection *connection)
{
	struct request *request = connection->first;
	__u64 number;

	memcpy(&number, connection->response, sizeof(number));
	connection->received = 0;
	if (!request || request != &client->requests[number])
		process_bail("response without a request");
	request->end_ns = bench_now_ns();
	client->pending--;
	connection->first = request->next;
	if (connection->first)
		send_first(client, connection);
	else if (connection->slot < 0)
		close_connection(client, connection);
	else
		connection->last = &connection->first;
}

static void receive(struct client *client, struct connection *connection)
{
	ssize_t received = recv(connection->fd, connection->response + connection->received,
				BENCH_MESSAGE_BYTES - connection->received, MSG_DONTWAIT);

	if (received < 0 && errno == EAGAIN)
		return;
	if (received <= 0) {
		fail_connection(client, connection);
		return;
	}
	connection->received += received;
	if (connection->received == BENCH_MESSAGE_BYTES)
		handle_response(client, connection);
}

static void poll_until(struct client *client, __u64 until_ns)
{
	struct epoll_event events[EVENTS];
	__u64 now = bench_now_ns(), left = until_ns > now ? until_ns - now : 0;
	const struct timespec timeout = {.tv_sec = left / 1000000000, .tv_nsec = left % 1000000000};
	int count = epoll_pwait2(client->epoll, events, EVENTS, &timeout, NULL);

	for (int i = 0; i < count; i++) {
		struct connection *connection = events[i].data.ptr;

		if (connection->is_open)
			receive(client, connection);
		else if (events[i].events & (EPOLLERR | EPOLLHUP))
			fail_connection(client, connection);
		else
			handle_connected(client, connection);
	}
}

/* The first connections get random ages, so that they do not all end at once. */
static void open_pool(struct client *client)
{
	for (unsigned int i = 0; i < client->pool_size; i++) {
		client->pool[i] = open_connection(client, i);
		client->pool[i]->used = prng_below(&client->prng, client->requests_max);
	}
}

static void run(struct client *client)
{
	__u64 due = client->begin_ns, end = due + client->seconds * 1e9;
	__u64 event = client->event_s ? client->begin_ns + client->event_s * 1e9 : NEVER;

	while (due < end && client->count < client->capacity) {
		poll_until(client, due);
		for (; due <= bench_now_ns() && due < end && client->count < client->capacity;
		     due += bench_exponential(&client->prng, 1e9 / client->rate))
			issue_request(client, due);
		if (event <= bench_now_ns()) {
			kill(client->process, client->signal);
			event = NEVER;
		}
	}
	while (client->pending && bench_now_ns() < end + RESPONSE_TIMEOUT_NS)
		poll_until(client, end + RESPONSE_TIMEOUT_NS);
}

static void print_requests(const struct client *client)
{
	__u64 now = bench_now_ns();

	for (const struct request *request = client->requests;
	     request < client->requests + client->count; request++) {
		__u64 end = request->end_ns ? request->end_ns : now;

		printf("%llu ", (request->due_ns - client->begin_ns) / 1000);
		if (end == NEVER)
			puts("-1");
		else
			printf("%llu\n", (end - request->due_ns) / 1000);
	}
}

static int parse(struct client *client, int argc, char **argv)
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
			client->rate = atof(optarg);
		else if (option == 's')
			client->seconds = atof(optarg);
		else if (option == 'c')
			client->pool_size = atoi(optarg);
		else if (option == 'n')
			client->requests_max = atoi(optarg);
		else if (option != 'e' || sscanf(optarg, "%lf,%d,%d", &client->event_s,
						 &client->signal, &client->process) != 3)
			return -1;
	}
	if (argc - optind != 2 || client->rate <= 0 || client->pool_size > POOL_MAX ||
	    inet_pton(AF_INET, argv[optind], &client->server.sin_addr) != 1)
		return -1;
	client->server.sin_family = AF_INET;
	client->server.sin_port = htons(atoi(argv[optind + 1]));
	return 0;
}

int main(int argc, char **argv)
{
	static struct client client = {.requests_max = 100};

	if (parse(&client, argc, argv))
		return 2;
	bench_raise_file_limit();
	client.prng.state = bench_now_ns();
	client.epoll = epoll_create1(EPOLL_CLOEXEC);
	client.capacity = client.rate * client.seconds * 2 + 1000;
	client.requests = calloc(client.capacity, sizeof(*client.requests));
	if (client.epoll < 0 || !client.requests)
		process_bail("%s", strerror(errno));
	open_pool(&client);
	client.begin_ns = bench_now_ns();
	run(&client);
	print_requests(&client);
	free(client.requests);
	return 0;
}
