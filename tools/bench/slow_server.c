// SPDX-License-Identifier: GPL-2.0-only
/*
 * Server with a given service time that uses no CPU: a queue and workers that sleep instead of
 * serving. Service times are exponentially distributed, so that the queue grows with load
 * (M/M/c).
 *
 *	slow_server PORT WORKERS MEAN_US READY
 *
 * The server creates the file READY when it listens. Requests are BENCH_MESSAGE_BYTES long; the
 * response is the same bytes. SIGUSR1 makes the server five times slower, permanently.
 */
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

#include "bench_net.h"
#include "core/prng.h"
#include "core/process.h"

#define SLOW_FACTOR 5
#define EVENTS	    64
#define BACKLOG	    4096

/* The reader and each request hold a reference; the last to release it closes the socket. */
struct connection {
	int fd;
	unsigned int references;
	unsigned char request[BENCH_MESSAGE_BYTES];
	size_t received;
};

struct job {
	struct connection *connection;
	unsigned char request[BENCH_MESSAGE_BYTES];
	__u64 arrival_ns;
	struct job *next;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t job_queued = PTHREAD_COND_INITIALIZER;
static struct job *first, **last = &first;
static double mean_us;
static volatile sig_atomic_t slow_factor = 1;

static void slow_down(int signal)
{
	(void)signal;
	slow_factor = SLOW_FACTOR;
}

static void release(struct connection *connection)
{
	bool done;

	pthread_mutex_lock(&lock);
	done = --connection->references == 0;
	pthread_mutex_unlock(&lock);
	if (!done)
		return;
	close(connection->fd);
	free(connection);
}

static void enqueue(struct connection *connection)
{
	struct job *job = calloc(1, sizeof(*job));

	if (!job)
		process_bail("out of memory");
	job->connection = connection;
	job->arrival_ns = bench_now_ns();
	memcpy(job->request, connection->request, sizeof(job->request));
	pthread_mutex_lock(&lock);
	connection->references++;
	*last = job;
	last = &job->next;
	pthread_cond_signal(&job_queued);
	pthread_mutex_unlock(&lock);
}

static struct job *dequeue(void)
{
	struct job *job;

	pthread_mutex_lock(&lock);
	while (!first)
		pthread_cond_wait(&job_queued, &lock);
	job = first;
	first = job->next;
	if (!first)
		last = &first;
	pthread_mutex_unlock(&lock);
	return job;
}

static void sleep_until(__u64 ns)
{
	const struct timespec time = {.tv_sec = ns / 1000000000, .tv_nsec = ns % 1000000000};

	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &time, NULL) == EINTR)
		;
}

static void *run_worker(void *argument)
{
	struct prng prng = {.state = bench_now_ns() + (size_t)argument};
	__u64 done_ns = 0;

	prctl(PR_SET_TIMERSLACK, 1);
	for (;;) {
		struct job *job = dequeue();

		/* A worker that woke late on a busy machine still starts the next job in time. */
		if (done_ns < job->arrival_ns)
			done_ns = job->arrival_ns;
		done_ns += bench_exponential(&prng, mean_us * slow_factor * 1000);
		sleep_until(done_ns);
		/* The client may have closed the connection. */
		send(job->connection->fd, job->request, sizeof(job->request), MSG_NOSIGNAL);
		release(job->connection);
		free(job);
	}
	return NULL;
}

static void add_to_epoll(int epoll, int fd, void *context)
{
	struct epoll_event event = {.events = EPOLLIN, .data.ptr = context};

	if (epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event))
		process_bail("epoll: %s", strerror(errno));
}

static void accept_connection(int epoll, int listener)
{
	struct connection *connection;
	int on = 1, fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);

	if (fd < 0)
		return;
	connection = calloc(1, sizeof(*connection));
	if (!connection)
		process_bail("out of memory");
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	connection->fd = fd;
	connection->references = 1;
	add_to_epoll(epoll, fd, connection);
}

static void receive(int epoll, struct connection *connection)
{
	ssize_t received = recv(connection->fd, connection->request + connection->received,
				BENCH_MESSAGE_BYTES - connection->received, MSG_DONTWAIT);

	if (received < 0 && errno == EAGAIN)
		return;
	if (received <= 0) {
		epoll_ctl(epoll, EPOLL_CTL_DEL, connection->fd, NULL);
		release(connection);
		return;
	}
	connection->received += received;
	if (connection->received < BENCH_MESSAGE_BYTES)
		return;
	connection->received = 0;
	enqueue(connection);
}

static int listen_on(int port)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
	int on = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) ||
	    bind(fd, (struct sockaddr *)&address, sizeof(address)) || listen(fd, BACKLOG))
		process_bail("port %d: %s", port, strerror(errno));
	return fd;
}

static void serve(int listener)
{
	struct epoll_event events[EVENTS];
	int epoll = epoll_create1(EPOLL_CLOEXEC);

	add_to_epoll(epoll, listener, NULL);
	for (;;) {
		int count = epoll_wait(epoll, events, EVENTS, -1);

		for (int i = 0; i < count; i++) {
			if (events[i].data.ptr)
				receive(epoll, events[i].data.ptr);
			else
				accept_connection(epoll, listener);
		}
	}
}

int main(int argc, char **argv)
{
	struct sigaction slower = {.sa_handler = slow_down, .sa_flags = SA_RESTART};
	int listener;

	if (argc != 5)
		return 2;
	bench_raise_file_limit();
	sigaction(SIGUSR1, &slower, NULL);
	mean_us = atof(argv[3]);
	listener = listen_on(atoi(argv[1]));
	for (size_t i = 0; i < (size_t)atoi(argv[2]); i++) {
		pthread_t thread;

		if (pthread_create(&thread, NULL, run_worker, (void *)i))
			process_bail("cannot create a thread");
	}
	close(creat(argv[4], 0644));
	serve(listener);
}
