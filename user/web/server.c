// SPDX-License-Identifier: GPL-2.0-only
#include "web/server.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/loop.h"
#include "controller/liveness.h"
#include "datapath/instance.h"
#include "store/store.h"
#include "view/print.h"
#include "view/prometheus.h"
#include "view/view.h"
#include "web/http_server.h"
#include "web/status_page.h"

#define LOCK_MS 50 /* as the controller itself waits for it */

/* For how long a document is kept: so long, or so many times what it took to make. */
#define KEEP_MS	     250
#define KEEP_LIVE_MS 1000
#define KEEP_TIMES   20

/* What came since an earlier time than this is no news. */
#define NEWS_MS 10000

#define OK	    200
#define UNAVAILABLE 503

enum paper {
	PAPER_PAGE,
	PAPER_METRICS,
	PAPER_HEALTH,
	PAPER_STATUS,
	PAPER_LIVE,
	PAPER_COUNT
};

struct site {
	const char *instance;
	struct loop *loop;
	struct http *places[SITE_PLACES_MAX];
	struct http_document *papers[PAPER_COUNT];
	__u64 keep_until_ms[PAPER_COUNT];
	struct view before; /* of its ids and counters only: its store is closed */
	__u64 before_ms; /* 0 = there is none */
	struct fitness fitness; /* the controller's */
};

static __u64 now_ms(void)
{
	return loop_clock_ns() / 1000000;
}

/* --- documents of texts -------------------------------------------------------- */

static struct http_document *apology(const char *why)
{
	struct http_document *document = NULL;
	char *text = NULL;
	int bytes = asprintf(&text, "%s\n", why);

	if (bytes >= 0)
		document =
			http_document_make(UNAVAILABLE, "text/plain; charset=utf-8", text, bytes);
	if (document)
		http_document_tell(document, "Retry-After", "1");
	return document;
}

static struct http_document *json(char *text)
{
	return text ? http_document_make(OK, "application/json", text, strlen(text)) : NULL;
}

static struct http_document *metrics(const struct site *site, const struct view *view)
{
	char *text = NULL;
	size_t bytes;
	FILE *stream = open_memstream(&text, &bytes);

	if (!stream)
		return NULL;
	metrics_print(stream, view, site->instance);
	fclose(stream);
	return http_document_make(OK, "text/plain; version=0.0.4; charset=utf-8", text, bytes);
}

/* --- documents of a view ---------------------------------------------------------- */

static struct http_document *live(struct site *site, struct view *view)
{
	__u64 now = now_ms();
	bool is_news = site->before_ms && now - site->before_ms <= NEWS_MS;
	double seconds = is_news ? (now - site->before_ms) / 1000.0 : 1;
	struct http_document *document = json(
		print_live_dump(view, is_news ? &site->before : NULL, seconds, site->instance));

	if (site->before_ms)
		view_release(&site->before);
	site->before = *view;
	site->before_ms = now;
	*view = (struct view){0};
	return document;
}

static struct http_document *make_of(struct site *site, enum paper paper, struct view *view)
{
	switch (paper) {
	case PAPER_METRICS:
		return metrics(site, view);
	case PAPER_LIVE:
		return live(site, view);
	default:
		return json(print_status_dump(view));
	}
}

static struct http_document *look(struct site *site, enum paper paper)
{
	struct http_document *document;
	struct store store;
	struct view view;
	int error = store_open(&store, site->instance, STORE_READ, LOCK_MS);

	if (error == STORE_LOCKED)
		return apology("another lbctl holds the lock of the instance");
	if (error)
		return apology("the instance's maps cannot be read");
	error = view_collect(&view, &store, site->instance);
	if (error) {
		store_close(&store);
		return apology("counters and links cannot be read");
	}
	document = make_of(site, paper, &view);
	view_release(&view);
	store_close(&store);
	return document;
}

/* --- health ------------------------------------------------------------------------- */

static bool is_attached(const struct site *site)
{
	_free_ struct datapath_interface *interfaces = NULL;
	size_t count;
	bool is_any = false;

	if (datapath_interfaces(site->instance, &interfaces, &count))
		return false;
	for (size_t i = 0; i < count; i++)
		is_any |= interfaces[i].mode != DATAPATH_DETACHED;
	return is_any;
}

static struct http_document *health(const struct site *site)
{
	const char *why = fitness_ailment(&site->fitness, now_ms(), is_attached(site));

	if (why)
		return apology(why);
	return http_document_of(OK, "text/plain; charset=utf-8", "ok\n", 3);
}

/* --- answers ------------------------------------------------------------------------- */

static struct http_document *page(void)
{
	struct http_document *document =
		http_document_of(OK, "text/html; charset=utf-8", page_text(), page_bytes());

	if (document)
		http_document_tell(document, "Content-Security-Policy", page_policy());
	return document;
}

static struct http_document *make(struct site *site, enum paper paper)
{
	switch (paper) {
	case PAPER_PAGE:
		return page();
	case PAPER_HEALTH:
		return health(site);
	default:
		return look(site, paper);
	}
}

static const struct http_document *hand_out(struct site *site, enum paper paper)
{
	__u64 keep_ms = paper == PAPER_LIVE ? KEEP_LIVE_MS : KEEP_MS, begun_ms = now_ms(), cost_ms;

	if (site->papers[paper] && begun_ms < site->keep_until_ms[paper])
		return site->papers[paper];
	http_document_free(site->papers[paper]);
	site->papers[paper] = make(site, paper);
	cost_ms = now_ms() - begun_ms;
	if (cost_ms * KEEP_TIMES > keep_ms)
		keep_ms = cost_ms * KEEP_TIMES;
	site->keep_until_ms[paper] = now_ms() + keep_ms;
	return site->papers[paper];
}

static const struct http_document *ask(void *owner, const char *path)
{
	static const char *const paths[PAPER_COUNT] = {
		[PAPER_PAGE] = "/",	     [PAPER_METRICS] = "/metrics",
		[PAPER_HEALTH] = "/healthz", [PAPER_STATUS] = "/api/status",
		[PAPER_LIVE] = "/api/live",
	};

	for (int i = 0; i < PAPER_COUNT; i++)
		if (!strcmp(path, paths[i]))
			return hand_out(owner, i);
	return NULL;
}

/* --- beginning and end ---------------------------------------------------------------- */

int site_open(struct site **site, struct loop *loop, const char *instance)
{
	struct site *made = calloc(1, sizeof(*made));

	if (!made)
		return -ENOMEM;
	made->instance = instance;
	made->loop = loop;
	*site = made;
	return 0;
}

int site_listen(struct site *site, const struct endpoint *at)
{
	for (size_t i = 0; i < SITE_PLACES_MAX; i++)
		if (!site->places[i])
			return http_open(&site->places[i], site->loop, at, ask, site);
	return -EMFILE;
}

void site_close(struct site *site)
{
	if (!site)
		return;
	for (size_t i = 0; i < SITE_PLACES_MAX; i++)
		http_close(site->places[i]);
	for (size_t i = 0; i < PAPER_COUNT; i++)
		http_document_free(site->papers[i]);
	if (site->before_ms)
		view_release(&site->before);
	free(site);
}

void site_turned(struct site *site, bool is_ready)
{
	if (site)
		fitness_turned(&site->fitness, now_ms(), is_ready);
}

void site_troubled(struct site *site, const char *what, const char *why)
{
	if (site)
		fitness_troubled(&site->fitness, now_ms(), what, why);
}
