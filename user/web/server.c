// SPDX-License-Identifier: GPL-2.0-only
#include "web/server.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/loop.h"
#include "controller/liveness.h"
#include "datapath/attach.h"
#include "store/store.h"
#include "store/transaction.h"
#include "view/print.h"
#include "view/prometheus.h"
#include "view/view.h"
#include "web/http_server.h"
#include "web/status_page.h"

#define LOCK_MS 50 /* wait for the lock, as in the controller */

/* Cache time of a response; at least 20 times what it took to create. */
#define CACHE_MS	  250
#define CACHE_LIVE_MS	  1000
#define CACHE_COST_FACTOR 20

/* Rates are only shown over an interval of at most this. */
#define PREVIOUS_MAX_MS 10000

#define OK	    200
#define UNAVAILABLE 503

enum resource {
	RESOURCE_PAGE,
	RESOURCE_METRICS,
	RESOURCE_HEALTH,
	RESOURCE_STATUS,
	RESOURCE_LIVE,
	RESOURCE_COUNT
};

struct web_server {
	const char *instance;
	struct loop *loop;
	struct http_server *listeners[WEB_LISTEN_MAX];
	struct http_response *cache[RESOURCE_COUNT];
	__u64 expires_ms[RESOURCE_COUNT];
	struct view previous; /* only ids and counters are valid: its store is closed */
	__u64 previous_ms; /* 0 = none */
	struct liveness liveness; /* of the controller */
};

/* --- responses from text ------------------------------------------------------- */

static struct http_response *unavailable(const char *why)
{
	struct http_response *response = NULL;
	char *text = NULL;
	int bytes = asprintf(&text, "%s\n", why);

	if (bytes >= 0)
		response =
			http_response_create(UNAVAILABLE, "text/plain; charset=utf-8", text, bytes);
	if (response)
		http_response_add_header(response, "Retry-After", "1");
	return response;
}

static struct http_response *json(char *text)
{
	return text ? http_response_create(OK, "application/json", text, strlen(text)) : NULL;
}

static struct http_response *metrics(const struct web_server *web_server, const struct view *view)
{
	char *text = NULL;
	size_t bytes;
	FILE *stream = open_memstream(&text, &bytes);

	if (!stream)
		return NULL;
	prometheus_print(stream, view, web_server->instance);
	fclose(stream);
	return http_response_create(OK, "text/plain; version=0.0.4; charset=utf-8", text, bytes);
}

/* --- responses from a view -------------------------------------------------------- */

static struct http_response *live(struct web_server *web_server, struct view *view)
{
	__u64 now = clock_monotonic_ms();
	bool has_previous =
		web_server->previous_ms && now - web_server->previous_ms <= PREVIOUS_MAX_MS;
	double seconds = has_previous ? (now - web_server->previous_ms) / 1000.0 : 1;
	struct http_response *response = json(print_live_dump(
		view, has_previous ? &web_server->previous : NULL, seconds, web_server->instance));

	if (web_server->previous_ms)
		view_release(&web_server->previous);
	web_server->previous = *view;
	web_server->previous_ms = now;
	*view = (struct view){0};
	return response;
}

static struct http_response *format_view(struct web_server *web_server, enum resource resource,
					 struct view *view)
{
	switch (resource) {
	case RESOURCE_METRICS:
		return metrics(web_server, view);
	case RESOURCE_LIVE:
		return live(web_server, view);
	default:
		return json(print_status_dump(view));
	}
}

static struct http_response *read_instance(struct web_server *web_server, enum resource resource)
{
	struct http_response *response;
	struct store store;
	struct view view;
	int error = store_open(&store, web_server->instance, STORE_READ, LOCK_MS);

	if (error == STORE_LOCKED)
		return unavailable("another lbctl holds the lock of the instance");
	if (error)
		return unavailable("the instance's maps cannot be read");
	error = view_collect(&view, &store, web_server->instance);
	if (error) {
		store_close(&store);
		return unavailable("counters and XDP links cannot be read");
	}
	response = format_view(web_server, resource, &view);
	view_release(&view);
	store_close(&store);
	return response;
}

/* --- health ------------------------------------------------------------------------- */

static bool is_attached(const struct web_server *web_server)
{
	_free_ struct datapath_interface *interfaces = NULL;
	size_t count;
	bool is_any = false;

	if (datapath_interfaces(web_server->instance, &interfaces, &count))
		return false;
	for (size_t i = 0; i < count; i++)
		is_any |= interfaces[i].mode != DATAPATH_DETACHED;
	return is_any;
}

static struct http_response *health(const struct web_server *web_server)
{
	const char *why = liveness_problem(&web_server->liveness, clock_monotonic_ms());

	if (why)
		return unavailable(why);
	if (!is_attached(web_server))
		return unavailable("the instance is not attached to any interface");
	return http_response_static(OK, "text/plain; charset=utf-8", "ok\n", 3);
}

/* --- requests ------------------------------------------------------------------------ */

static struct http_response *page(void)
{
	struct http_response *response = http_response_static(
		OK, "text/html; charset=utf-8", status_page_text(), status_page_bytes());

	if (response)
		http_response_add_header(response, "Content-Security-Policy", status_page_policy());
	return response;
}

static struct http_response *create(struct web_server *web_server, enum resource resource)
{
	switch (resource) {
	case RESOURCE_PAGE:
		return page();
	case RESOURCE_HEALTH:
		return health(web_server);
	default:
		return read_instance(web_server, resource);
	}
}

static const struct http_response *get_response(struct web_server *web_server,
						enum resource resource)
{
	__u64 cache_ms = resource == RESOURCE_LIVE ? CACHE_LIVE_MS : CACHE_MS,
	      begun_ms = clock_monotonic_ms(), cost_ms;

	if (web_server->cache[resource] && begun_ms < web_server->expires_ms[resource])
		return web_server->cache[resource];
	http_response_free(web_server->cache[resource]);
	web_server->cache[resource] = create(web_server, resource);
	cost_ms = clock_monotonic_ms() - begun_ms;
	if (cost_ms * CACHE_COST_FACTOR > cache_ms)
		cache_ms = cost_ms * CACHE_COST_FACTOR;
	web_server->expires_ms[resource] = clock_monotonic_ms() + cache_ms;
	return web_server->cache[resource];
}

static const struct http_response *handle_request(void *owner, const char *path)
{
	static const char *const paths[RESOURCE_COUNT] = {
		[RESOURCE_PAGE] = "/",		[RESOURCE_METRICS] = "/metrics",
		[RESOURCE_HEALTH] = "/healthz", [RESOURCE_STATUS] = "/api/status",
		[RESOURCE_LIVE] = "/api/live",
	};

	for (int i = 0; i < RESOURCE_COUNT; i++)
		if (!strcmp(path, paths[i]))
			return get_response(owner, i);
	return NULL;
}

/* --- start and end -------------------------------------------------------------------- */

int web_server_open(struct web_server **web_server, struct loop *loop, const char *instance)
{
	struct web_server *made = calloc(1, sizeof(*made));

	if (!made)
		return -ENOMEM;
	made->instance = instance;
	made->loop = loop;
	*web_server = made;
	return 0;
}

int web_server_listen(struct web_server *web_server, const struct endpoint *at)
{
	for (size_t i = 0; i < WEB_LISTEN_MAX; i++)
		if (!web_server->listeners[i])
			return http_server_open(&web_server->listeners[i], web_server->loop, at,
						handle_request, web_server);
	return -EMFILE;
}

void web_server_close(struct web_server *web_server)
{
	if (!web_server)
		return;
	for (size_t i = 0; i < WEB_LISTEN_MAX; i++)
		http_server_close(web_server->listeners[i]);
	for (size_t i = 0; i < RESOURCE_COUNT; i++)
		http_response_free(web_server->cache[i]);
	if (web_server->previous_ms)
		view_release(&web_server->previous);
	free(web_server);
}

void web_server_ticked(struct web_server *web_server, bool is_ready)
{
	if (web_server)
		liveness_ticked(&web_server->liveness, clock_monotonic_ms(), is_ready);
}

void web_server_failed(struct web_server *web_server, const char *failure)
{
	if (web_server)
		liveness_failed(&web_server->liveness, clock_monotonic_ms(), failure);
}
