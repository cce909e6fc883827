// SPDX-License-Identifier: GPL-2.0-only
#include "probe/http_request.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/address.h"
#include "probe/curl_lazy.h"

/*
 * Receive buffer. Most responses to a check fit. libcurl allocates one per transfer, and malloc()
 * caches blocks up to this size.
 */
#define BUFFER_BYTES 1024L

/* TLS send buffer. libcurl's default is 64 KiB, and a request is small. */
#define UPLOAD_BYTES 16384L

struct pooled {
	struct request request; /* first: to_pooled() */
	struct pooled *next;
	struct check check; /* that the handle is configured for */
	char tls_name[CHECK_TEXT_BYTES]; /* SNI and certificate name; "" = the address */
	CURLU *url;
	__be16 port; /* in the URL */
	struct curl_slist *headers, *connect_to;
};

_Static_assert(offsetof(struct pooled, request) == 0, "a request is the start of its pool entry");

static struct pooled *to_pooled(struct request *request)
{
	return (struct pooled *)request;
}

struct request_pool {
	struct request_callbacks callbacks;
	struct pooled *first;
	size_t count;
};

struct request_pool *request_pool_create(const struct request_callbacks *callbacks)
{
	struct request_pool *made = calloc(1, sizeof(*made));

	if (made)
		made->callbacks = *callbacks;
	return made;
}

static void discard(struct pooled *pooled)
{
	if (!pooled)
		return;
	if (pooled->request.easy)
		curl_easy_cleanup(pooled->request.easy);
	curl_url_cleanup(pooled->url);
	curl_slist_free_all(pooled->headers);
	curl_slist_free_all(pooled->connect_to);
	free(pooled);
}

void request_pool_free(struct request_pool *request_pool)
{
	struct pooled *next;

	if (!request_pool)
		return;
	for (struct pooled *pooled = request_pool->first; pooled; pooled = next) {
		next = pooled->next;
		discard(pooled);
	}
	free(request_pool);
}

static int append(struct curl_slist **list, const char *format, const char *text)
{
	char line[CHECK_TEXT_BYTES + ENDPOINT_TEXT_BYTES];
	struct curl_slist *longer;

	snprintf(line, sizeof(line), format, text);
	longer = curl_slist_append(*list, line);
	if (!longer)
		return -ENOMEM;
	*list = longer;
	return 0;
}

static int set_part(struct pooled *pooled, CURLUPart what, const char *part)
{
	return curl_url_set(pooled->url, what, part, 0) ? -ENOMEM : 0;
}

/* The check's SNI, or its host without the port. */
static void set_tls_name(struct pooled *pooled)
{
	const struct check *check = &pooled->check;

	if (check->kind != CHECK_HTTPS)
		return;
	strcpy(pooled->tls_name, check->sni[0] ? check->sni : check->host);
	pooled->tls_name[strcspn(pooled->tls_name, ":[")] = '\0';
}

/* Sets scheme and host; request_set_address() sets the rest. */
static int init_url(struct pooled *pooled)
{
	int error;

	set_tls_name(pooled);
	pooled->url = curl_url();
	error = pooled->url
			? set_part(pooled, CURLUPART_SCHEME, check_kind_name(pooled->check.kind))
			: -ENOMEM;
	if (!error && pooled->tls_name[0])
		error = set_part(pooled, CURLUPART_HOST, pooled->tls_name);
	curl_easy_setopt(pooled->request.easy, CURLOPT_CURLU, pooled->url);
	return error;
}

/* Options that libcurl copies, which can fail. */
static int set_strings(CURL *easy, const struct check *check)
{
	bool accepted = !curl_easy_setopt(easy, CURLOPT_USERAGENT, "lbctl") &&
			!curl_easy_setopt(easy, CURLOPT_PROXY, "") &&
			!curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https") &&
			!curl_easy_setopt(easy, CURLOPT_REQUEST_TARGET, check->argument);

	if (accepted && check->ca[0])
		accepted = !curl_easy_setopt(easy, CURLOPT_CAINFO, check->ca);
	return accepted ? 0 : -ENOMEM;
}

static void set_limits(CURL *easy)
{
	curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	curl_easy_setopt(easy, CURLOPT_FORBID_REUSE, 1L);
	curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, 1L);
	curl_easy_setopt(easy, CURLOPT_DNS_CACHE_TIMEOUT, 0L);
	curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(easy, CURLOPT_BUFFERSIZE, BUFFER_BYTES);
	curl_easy_setopt(easy, CURLOPT_UPLOAD_BUFFERSIZE, UPLOAD_BYTES);
}

/*
 * Verifies the certificate each time: TLS sessions are not resumed. TLS sends several segments
 * before it gets a response, so Nagle's algorithm is off; HTTP sends one.
 */
static void set_security(CURL *easy, const struct check *check)
{
	curl_easy_setopt(easy, CURLOPT_SSL_SESSIONID_CACHE, 0L);
	curl_easy_setopt(easy, CURLOPT_TCP_NODELAY, check->kind == CHECK_HTTPS ? 1L : 0L);
	if (check->insecure) {
		curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 0L);
		curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 0L);
	}
}

static void set_callbacks(struct request *request, const struct request_callbacks *callbacks)
{
	CURL *easy = request->easy;

	curl_easy_setopt(easy, CURLOPT_PRIVATE, request);
	curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, request->error_text);
	curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, callbacks->open_socket);
	curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, request);
	curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, callbacks->connected);
	curl_easy_setopt(easy, CURLOPT_PREREQDATA, request);
	curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, callbacks->receive_header);
	curl_easy_setopt(easy, CURLOPT_HEADERDATA, request);
	curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, callbacks->receive_body);
	curl_easy_setopt(easy, CURLOPT_WRITEDATA, request);
}

/* Sets every option that does not depend on the address. */
static int configure(struct pooled *pooled, const struct request_callbacks *callbacks)
{
	const struct check *check = &pooled->check;
	CURL *easy = pooled->request.easy;
	int error = append(&pooled->headers, "Connection: %s", "close");

	if (!error && check->host[0])
		error = append(&pooled->headers, "Host: %s", check->host);
	if (!error)
		error = init_url(pooled);
	if (!error)
		error = set_strings(easy, check);
	if (error)
		return error;
	curl_easy_setopt(easy, CURLOPT_HTTPHEADER, pooled->headers);
	set_limits(easy);
	set_security(easy, check);
	set_callbacks(&pooled->request, callbacks);
	return 0;
}

static struct pooled *create(const struct request_pool *request_pool, const struct check *check)
{
	struct pooled *made = calloc(1, sizeof(*made));

	if (!made)
		return NULL;
	made->check = *check;
	made->request.easy = curl_easy_init();
	if (made->request.easy && !configure(made, &request_pool->callbacks))
		return made;
	discard(made);
	return NULL;
}

static bool is_same_request(const struct check *a, const struct check *b)
{
	return a->kind == b->kind && a->insecure == b->insecure &&
	       !strcmp(a->argument, b->argument) && !strcmp(a->host, b->host) &&
	       !strcmp(a->sni, b->sni) && !strcmp(a->ca, b->ca);
}

static struct pooled *take_pooled(struct request_pool *request_pool, const struct check *check)
{
	struct pooled **entry = &request_pool->first, *found;

	while (*entry && !is_same_request(&(*entry)->check, check))
		entry = &(*entry)->next;
	found = *entry;
	if (found) {
		*entry = found->next;
		request_pool->count--;
	}
	return found;
}

struct request *request_acquire(struct request_pool *request_pool, const struct check *check)
{
	struct pooled *pooled = take_pooled(request_pool, check);

	if (!pooled)
		pooled = create(request_pool, check);
	return pooled ? &pooled->request : NULL;
}

static void reset(struct request *request)
{
	request->probe = NULL;
	request->header_bytes = request->body_bytes = request->tail_bytes = 0;
	request->is_decided = request->too_long = request->matched = false;
	request->error = 0;
	request->error_text[0] = '\0';
}

/* Frees the least recently used request. */
static void evict_oldest(struct request_pool *request_pool)
{
	struct pooled **entry = &request_pool->first;

	while ((*entry)->next)
		entry = &(*entry)->next;
	discard(*entry);
	*entry = NULL;
	request_pool->count--;
}

void request_release(struct request_pool *request_pool, struct request *request)
{
	struct pooled *pooled = to_pooled(request);

	reset(request);
	if (request_pool->count == REQUEST_POOL_MAX)
		evict_oldest(request_pool);
	pooled->next = request_pool->first;
	request_pool->first = pooled;
	request_pool->count++;
}

static int set_port(struct pooled *pooled, __be16 port)
{
	char text[sizeof("65535")];
	int error;

	if (pooled->port == port)
		return 0;
	snprintf(text, sizeof(text), "%u", ntohs(port));
	error = set_part(pooled, CURLUPART_PORT, text);
	if (!error)
		pooled->port = port;
	return error;
}

static int set_address(struct pooled *pooled, const __u64 address[2])
{
	char text[ENDPOINT_TEXT_BYTES];

	endpoint_format(address, 0, text, sizeof(text));
	*strrchr(text, ':') = '\0';
	return set_part(pooled, CURLUPART_HOST, text);
}

/* The URL has a host name: redirects the connection to the address. */
static int set_connect_to(struct pooled *pooled, const __u64 address[2], __be16 port)
{
	char endpoint[ENDPOINT_TEXT_BYTES];

	endpoint_format(address, port, endpoint, sizeof(endpoint));
	curl_slist_free_all(pooled->connect_to);
	pooled->connect_to = NULL;
	if (append(&pooled->connect_to, "::%s", endpoint))
		return -ENOMEM;
	curl_easy_setopt(pooled->request.easy, CURLOPT_CONNECT_TO, pooled->connect_to);
	return 0;
}

int request_set_address(struct request *request, const __u64 address[2], __be16 port)
{
	struct pooled *pooled = to_pooled(request);
	int error = set_port(pooled, port);

	if (!error && pooled->tls_name[0])
		error = set_connect_to(pooled, address, port);
	else if (!error)
		error = set_address(pooled, address);
	return error;
}
