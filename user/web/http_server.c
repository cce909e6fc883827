// SPDX-License-Identifier: GPL-2.0-only
#include "web/http_server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <microhttpd.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/address.h"
#include "base/loop.h"

#define GUESTS_MAX	  32U
#define GUESTS_OF_ONE	  16U /* from one address */
#define GUEST_BYTES	  8192U /* for what it asks, and the head of the answer */
#define GUEST_SILENT_S	  5U
#define GUEST_STAYS_MS	  20000U
#define LOOK_AT_GUESTS_MS 1000U

/* Somebody who is connected; fd -1: nobody. */
struct guest {
	int fd;
	__u64 since_ms;
};

struct http_document {
	unsigned status;
	struct MHD_Response *response;
};

struct http {
	struct MHD_Daemon *daemon;
	struct loop_watch *watch; /* of the daemon's epoll descriptor */
	struct loop_timer *timer;
	http_ask ask;
	void *owner;
	struct http_document *unknown; /* no such path */
	struct http_document *refused; /* no such method */
	struct guest guests[GUESTS_MAX];
};

/* --- documents -------------------------------------------------------------- */

static struct http_document *make(unsigned status, const char *type, void *text, size_t bytes,
				  enum MHD_ResponseMemoryMode mode)
{
	struct http_document *document = malloc(sizeof(*document));

	if (!document)
		return NULL;
	document->status = status;
	document->response = MHD_create_response_from_buffer(bytes, text, mode);
	if (!document->response) {
		free(document);
		return NULL;
	}
	http_document_tell(document, "Content-Type", type);
	http_document_tell(document, "Cache-Control", "no-store");
	http_document_tell(document, "X-Content-Type-Options", "nosniff");
	http_document_tell(document, "Referrer-Policy", "no-referrer");
	http_document_tell(document, "Cross-Origin-Resource-Policy", "same-origin");
	http_document_tell(document, "Connection", "close");
	return document;
}

struct http_document *http_document_make(unsigned status, const char *type, char *text,
					 size_t bytes)
{
	struct http_document *document = make(status, type, text, bytes, MHD_RESPMEM_MUST_FREE);

	if (!document)
		free(text);
	return document;
}

struct http_document *http_document_of(unsigned status, const char *type, const char *text,
				       size_t bytes)
{
	return make(status, type, (void *)text, bytes, MHD_RESPMEM_PERSISTENT);
}

void http_document_tell(struct http_document *document, const char *header, const char *value)
{
	MHD_add_response_header(document->response, header, value);
}

void http_document_free(struct http_document *document)
{
	if (!document)
		return;
	MHD_destroy_response(document->response);
	free(document);
}

static struct http_document *sentence(unsigned status, const char *text)
{
	static const char *const none = "default-src 'none'; frame-ancestors 'none'";
	struct http_document *document =
		http_document_of(status, "text/plain; charset=utf-8", text, strlen(text));

	if (document)
		http_document_tell(document, "Content-Security-Policy", none);
	return document;
}

/* --- answers ------------------------------------------------------------------ */

static enum MHD_Result answer(void *owner, struct MHD_Connection *connection, const char *path,
			      const char *method, const char *version, const char *upload,
			      size_t *upload_bytes, void **request)
{
	struct http *http = owner;
	const struct http_document *document = http->refused;

	(void)version, (void)upload, (void)upload_bytes, (void)request;
	if (!strcmp(method, "GET") || !strcmp(method, "HEAD"))
		document = http->ask(http->owner, path);
	if (!document)
		document = http->unknown;
	return MHD_queue_response(connection, document->status, document->response);
}

/* --- guests --------------------------------------------------------------------- */

static __u64 now_ms(void)
{
	return loop_clock_ns() / 1000000;
}

static void receive(struct http *http, struct MHD_Connection *connection, void **place)
{
	const union MHD_ConnectionInfo *info =
		MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);

	*place = NULL;
	for (size_t i = 0; info && i < GUESTS_MAX; i++) {
		if (http->guests[i].fd >= 0)
			continue;
		http->guests[i] = (struct guest){info->connect_fd, now_ms()};
		*place = &http->guests[i];
		return;
	}
}

static void guest_came_or_went(void *owner, struct MHD_Connection *connection, void **place,
			       enum MHD_ConnectionNotificationCode what)
{
	struct guest *guest = *place;

	if (what == MHD_CONNECTION_NOTIFY_STARTED)
		receive(owner, connection, place);
	else if (guest)
		guest->fd = -1;
}

/* Hangs up on those who have been here for too long; the daemon notices, and lets them go. */
static bool look_at_guests(struct http *http)
{
	__u64 now = now_ms();
	bool is_any = false;

	for (size_t i = 0; i < GUESTS_MAX; i++) {
		const struct guest *guest = &http->guests[i];

		is_any |= guest->fd >= 0;
		if (guest->fd >= 0 && now - guest->since_ms > GUEST_STAYS_MS)
			shutdown(guest->fd, SHUT_RDWR);
	}
	return is_any;
}

/* Whatever the daemon has to do, and when it has to be asked again at the latest. */
static void turn(struct http *http)
{
	unsigned long long wait_ms = LOOK_AT_GUESTS_MS;
	bool is_any = look_at_guests(http);

	MHD_run(http->daemon);
	if (MHD_get_timeout(http->daemon, &wait_ms) == MHD_YES || is_any)
		loop_timer_start(http->timer,
				 wait_ms < LOOK_AT_GUESTS_MS ? wait_ms : LOOK_AT_GUESTS_MS);
}

static void turn_in_time(void *owner)
{
	turn(owner);
}

static void turn_for_events(void *owner, int events)
{
	(void)events;
	turn(owner);
}

/* --- beginning and end ------------------------------------------------------------ */

static socklen_t place_of(const struct endpoint *at, struct sockaddr_storage *place)
{
	struct sockaddr_in *ipv4 = (struct sockaddr_in *)place;
	struct sockaddr_in6 *ipv6 = (struct sockaddr_in6 *)place;

	*place = (struct sockaddr_storage){0};
	if (address_is_ipv4(at->address)) {
		ipv4->sin_family = AF_INET;
		ipv4->sin_port = at->port;
		ipv4->sin_addr.s_addr = address_to_ipv4(at->address);
		return sizeof(*ipv4);
	}
	ipv6->sin6_family = AF_INET6;
	ipv6->sin6_port = at->port;
	memcpy(&ipv6->sin6_addr, at->address, sizeof(ipv6->sin6_addr));
	return sizeof(*ipv6);
}

/* [::] is IPv6 only, so that 0.0.0.0 may have the same port. */
static int open_socket(const struct endpoint *at)
{
	struct sockaddr_storage place;
	socklen_t bytes = place_of(at, &place);
	int fd = socket(place.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	int yes = 1, error;

	if (fd < 0)
		return -errno;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
	if (place.ss_family == AF_INET6)
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &yes, sizeof(yes));
	if (!bind(fd, (struct sockaddr *)&place, bytes) && !listen(fd, GUESTS_MAX))
		return fd;
	error = -errno;
	close(fd);
	return error;
}

/* The socket is the daemon's then. */
static int start_daemon(struct http *http, int fd)
{
	http->daemon = MHD_start_daemon(
		MHD_USE_EPOLL, 0, NULL, NULL, answer, http, MHD_OPTION_LISTEN_SOCKET, fd,
		MHD_OPTION_CONNECTION_LIMIT, GUESTS_MAX, MHD_OPTION_PER_IP_CONNECTION_LIMIT,
		GUESTS_OF_ONE, MHD_OPTION_CONNECTION_TIMEOUT, GUEST_SILENT_S,
		MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)GUEST_BYTES,
		MHD_OPTION_NOTIFY_CONNECTION, guest_came_or_went, http, MHD_OPTION_END);
	if (http->daemon)
		return 0;
	close(fd);
	return -ENOMEM;
}

static int listen_at(struct http *http, struct loop *loop, const struct endpoint *at)
{
	const union MHD_DaemonInfo *info;
	int fd = open_socket(at), error;

	if (fd < 0)
		return fd;
	error = start_daemon(http, fd);
	if (!error)
		error = loop_timer_create(loop, turn_in_time, http, &http->timer);
	if (error)
		return error;
	info = MHD_get_daemon_info(http->daemon, MHD_DAEMON_INFO_EPOLL_FD);
	error = info ? loop_watch_create(loop, info->epoll_fd, turn_for_events, http, &http->watch)
		     : -ENOTSUP;
	if (!error)
		loop_watch_for(http->watch, LOOP_READ);
	return error;
}

int http_open(struct http **http, struct loop *loop, const struct endpoint *at, http_ask ask,
	      void *owner)
{
	struct http *made = calloc(1, sizeof(*made));
	int error;

	if (!made)
		return -ENOMEM;
	made->ask = ask;
	made->owner = owner;
	for (size_t i = 0; i < GUESTS_MAX; i++)
		made->guests[i].fd = -1;
	made->unknown = sentence(MHD_HTTP_NOT_FOUND, "there is nothing at this path\n");
	made->refused = sentence(MHD_HTTP_METHOD_NOT_ALLOWED, "only GET and HEAD\n");
	error = made->unknown && made->refused ? listen_at(made, loop, at) : -ENOMEM;
	if (error) {
		http_close(made);
		return error;
	}
	http_document_tell(made->refused, "Allow", "GET, HEAD");
	*http = made;
	return 0;
}

void http_close(struct http *http)
{
	if (!http)
		return;
	loop_watch_free(http->watch);
	loop_timer_free(http->timer);
	if (http->daemon)
		MHD_stop_daemon(http->daemon);
	http_document_free(http->unknown);
	http_document_free(http->refused);
	free(http);
}
