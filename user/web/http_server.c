// SPDX-License-Identifier: GPL-2.0-only
#include "web/http_server.h"

#include <errno.h>
#include <microhttpd.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/address.h"
#include "base/clock.h"
#include "base/loop.h"
#include "base/socket_address.h"

#define CLIENTS_MAX	    32U
#define CLIENTS_PER_ADDRESS 16U
#define CLIENT_BYTES	    8192U /* request and response headers */
#define CLIENT_IDLE_S	    5U
#define CLIENT_MAX_MS	    20000U
#define CLIENTS_SCAN_MS	    1000U

/* A connected client; fd -1 = unused. */
struct client {
	int fd;
	__u64 since_ms;
};

struct http_response {
	unsigned status;
	struct MHD_Response *mhd_response;
};

struct http_server {
	struct MHD_Daemon *daemon;
	struct loop_watch *watch; /* of the daemon's epoll descriptor */
	struct loop_timer *timer;
	http_handler handler;
	void *owner;
	struct http_response *not_found; /* no such path */
	struct http_response *not_allowed; /* no such method */
	struct client clients[CLIENTS_MAX];
};

/* --- responses -------------------------------------------------------------- */

static struct http_response *create(unsigned status, const char *type, void *text, size_t bytes,
				    enum MHD_ResponseMemoryMode mode)
{
	struct http_response *response = malloc(sizeof(*response));

	if (!response)
		return NULL;
	response->status = status;
	response->mhd_response = MHD_create_response_from_buffer(bytes, text, mode);
	if (!response->mhd_response) {
		free(response);
		return NULL;
	}
	http_response_add_header(response, "Content-Type", type);
	http_response_add_header(response, "Cache-Control", "no-store");
	http_response_add_header(response, "X-Content-Type-Options", "nosniff");
	http_response_add_header(response, "Referrer-Policy", "no-referrer");
	http_response_add_header(response, "Cross-Origin-Resource-Policy", "same-origin");
	http_response_add_header(response, "Connection", "close");
	return response;
}

struct http_response *http_response_create(unsigned status, const char *type, char *text,
					   size_t bytes)
{
	struct http_response *response = create(status, type, text, bytes, MHD_RESPMEM_MUST_FREE);

	if (!response)
		free(text);
	return response;
}

struct http_response *http_response_static(unsigned status, const char *type, const char *text,
					   size_t bytes)
{
	return create(status, type, (void *)text, bytes, MHD_RESPMEM_PERSISTENT);
}

void http_response_add_header(struct http_response *response, const char *header, const char *value)
{
	MHD_add_response_header(response->mhd_response, header, value);
}

void http_response_free(struct http_response *response)
{
	if (!response)
		return;
	MHD_destroy_response(response->mhd_response);
	free(response);
}

static struct http_response *text_response(unsigned status, const char *text)
{
	static const char *const none = "default-src 'none'; frame-ancestors 'none'";
	struct http_response *response =
		http_response_static(status, "text/plain; charset=utf-8", text, strlen(text));

	if (response)
		http_response_add_header(response, "Content-Security-Policy", none);
	return response;
}

/* --- requests ------------------------------------------------------------------ */

static enum MHD_Result handle_request(void *owner, struct MHD_Connection *connection,
				      const char *path, const char *method, const char *version,
				      const char *upload, size_t *upload_bytes, void **request)
{
	struct http_server *http_server = owner;
	const struct http_response *response = http_server->not_allowed;

	(void)version, (void)upload, (void)upload_bytes, (void)request;
	if (!strcmp(method, "GET") || !strcmp(method, "HEAD"))
		response = http_server->handler(http_server->owner, path);
	if (!response)
		response = http_server->not_found;
	return MHD_queue_response(connection, response->status, response->mhd_response);
}

/* --- clients -------------------------------------------------------------------- */

static void add_client(struct http_server *http_server, struct MHD_Connection *connection,
		       void **storage)
{
	const union MHD_ConnectionInfo *info =
		MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);

	*storage = NULL;
	for (size_t i = 0; info && i < CLIENTS_MAX; i++) {
		if (http_server->clients[i].fd >= 0)
			continue;
		http_server->clients[i] = (struct client){info->connect_fd, clock_monotonic_ms()};
		*storage = &http_server->clients[i];
		return;
	}
}

static void connection_changed(void *owner, struct MHD_Connection *connection, void **storage,
			       enum MHD_ConnectionNotificationCode what)
{
	struct client *client = *storage;

	if (what == MHD_CONNECTION_NOTIFY_STARTED)
		add_client(owner, connection, storage);
	else if (client)
		client->fd = -1;
}

/*
 * Shuts down connections older than CLIENT_MAX_MS; the daemon then closes them. Returns true if a
 * client is connected.
 */
static bool close_expired(struct http_server *http_server)
{
	__u64 now = clock_monotonic_ms();
	bool has_clients = false;

	for (size_t i = 0; i < CLIENTS_MAX; i++) {
		const struct client *client = &http_server->clients[i];

		has_clients |= client->fd >= 0;
		if (client->fd >= 0 && now - client->since_ms > CLIENT_MAX_MS)
			shutdown(client->fd, SHUT_RDWR);
	}
	return has_clients;
}

/* Runs the daemon and starts the timer for its next run. */
static void run_daemon(struct http_server *http_server)
{
	unsigned long long wait_ms = CLIENTS_SCAN_MS;
	bool has_clients = close_expired(http_server);

	MHD_run(http_server->daemon);
	if (MHD_get_timeout(http_server->daemon, &wait_ms) == MHD_YES || has_clients)
		loop_timer_start(http_server->timer,
				 wait_ms < CLIENTS_SCAN_MS ? wait_ms : CLIENTS_SCAN_MS);
}

static void timer_expired(void *owner)
{
	run_daemon(owner);
}

static void events_ready(void *owner, int events)
{
	(void)events;
	run_daemon(owner);
}

/* --- start and end ---------------------------------------------------------------- */

/*
 * Returns a listening socket, or a negative errno. [::] is IPv6 only, so that 0.0.0.0 can use the
 * same port.
 */
static int open_socket(const struct endpoint *at)
{
	struct socket_address address;
	int fd, yes = 1, error;

	socket_address_set(&address, at->address, at->port);
	fd = socket(address.any.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
	if (address.any.sa_family == AF_INET6)
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &yes, sizeof(yes));
	if (!bind(fd, &address.any, address.length) && !listen(fd, CLIENTS_MAX))
		return fd;
	error = -errno;
	close(fd);
	return error;
}

/* Takes ownership of the socket. Returns 0 or -ENOMEM. */
static int start_daemon(struct http_server *http_server, int fd)
{
	http_server->daemon = MHD_start_daemon(
		MHD_USE_EPOLL, 0, NULL, NULL, handle_request, http_server, MHD_OPTION_LISTEN_SOCKET,
		fd, MHD_OPTION_CONNECTION_LIMIT, CLIENTS_MAX, MHD_OPTION_PER_IP_CONNECTION_LIMIT,
		CLIENTS_PER_ADDRESS, MHD_OPTION_CONNECTION_TIMEOUT, CLIENT_IDLE_S,
		MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)CLIENT_BYTES,
		MHD_OPTION_NOTIFY_CONNECTION, connection_changed, http_server, MHD_OPTION_END);
	if (http_server->daemon)
		return 0;
	close(fd);
	return -ENOMEM;
}

static int listen_at(struct http_server *http_server, struct loop *loop, const struct endpoint *at)
{
	const union MHD_DaemonInfo *info;
	int fd = open_socket(at), error;

	if (fd < 0)
		return fd;
	error = start_daemon(http_server, fd);
	if (!error)
		error = loop_timer_create(loop, timer_expired, http_server, &http_server->timer);
	if (error)
		return error;
	info = MHD_get_daemon_info(http_server->daemon, MHD_DAEMON_INFO_EPOLL_FD);
	error = info ? loop_watch_create(loop, info->epoll_fd, events_ready, http_server,
					 &http_server->watch)
		     : -ENOTSUP;
	if (!error)
		loop_watch_set_events(http_server->watch, LOOP_READ);
	return error;
}

int http_server_open(struct http_server **http_server, struct loop *loop, const struct endpoint *at,
		     http_handler handler, void *owner)
{
	struct http_server *made = calloc(1, sizeof(*made));
	int error;

	if (!made)
		return -ENOMEM;
	made->handler = handler;
	made->owner = owner;
	for (size_t i = 0; i < CLIENTS_MAX; i++)
		made->clients[i].fd = -1;
	made->not_found = text_response(MHD_HTTP_NOT_FOUND, "not found\n");
	made->not_allowed =
		text_response(MHD_HTTP_METHOD_NOT_ALLOWED, "method not allowed: use GET or HEAD\n");
	error = made->not_found && made->not_allowed ? listen_at(made, loop, at) : -ENOMEM;
	if (error) {
		http_server_close(made);
		return error;
	}
	http_response_add_header(made->not_allowed, "Allow", "GET, HEAD");
	*http_server = made;
	return 0;
}

void http_server_close(struct http_server *http_server)
{
	if (!http_server)
		return;
	loop_watch_free(http_server->watch);
	loop_timer_free(http_server->timer);
	if (http_server->daemon)
		MHD_stop_daemon(http_server->daemon);
	http_response_free(http_server->not_found);
	http_response_free(http_server->not_allowed);
	free(http_server);
}
