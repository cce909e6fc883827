// SPDX-License-Identifier: GPL-2.0-only
/*
 * HTTP and HTTPS, by libcurl: one GET by a connection of its own. It passes by its status, and by
 * a text in its body where one is asked for. The body is read to its end, or as far as it
 * matters.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "address.h"
#include "probe_kind.h"
#include "probe_web.h"

#define BUFFER_BYTES	4096L
#define AUTHORITY_BYTES (CHECK_TEXT_BYTES + ENDPOINT_TEXT_BYTES)

struct request {
	CURL *easy;
	struct curl_slist *headers, *connect_to;
	size_t header_bytes, body_bytes;
	bool enough; /* we ended it: there is no need to know more */
	bool too_long; /* we ended it: the headers do not end */
	bool matched;
	int error; /* why there is no socket */
	char seam[2 * CHECK_TEXT_BYTES]; /* the end of what was read, where a match may begin */
	size_t seam_bytes;
	char words[CURL_ERROR_SIZE]; /* libcurl's, when something fails */
};

static bool found(const char *bytes, size_t length, const char *text)
{
	return memmem(bytes, length, text, strlen(text));
}

/* Looks for the text in what has come, and where that meets what came before. */
static void look(struct request *request, const char *text, const char *bytes, size_t length)
{
	size_t reach = strlen(text) - 1;
	size_t joined = length < reach ? length : reach, excess;

	memcpy(request->seam + request->seam_bytes, bytes, joined);
	request->seam_bytes += joined;
	request->matched |=
		found(request->seam, request->seam_bytes, text) || found(bytes, length, text);
	if (length > joined) {
		memcpy(request->seam, bytes + length - reach, reach);
		request->seam_bytes = reach;
	}
	excess = request->seam_bytes > reach ? request->seam_bytes - reach : 0;
	memmove(request->seam, request->seam + excess, request->seam_bytes - excess);
	request->seam_bytes -= excess;
}

/* libcurl ends a transfer whose bytes are not all taken. */
static size_t take_body(char *bytes, size_t size, size_t count, void *owner)
{
	struct probe *probe = owner;
	struct request *request = probe->own;
	size_t length = size * count;
	size_t rest = PROBE_ANSWER_BYTES - request->body_bytes;
	size_t counted = length < rest ? length : rest;

	if (probe->check->match[0] && counted)
		look(request, probe->check->match, bytes, counted);
	request->body_bytes += counted;
	request->enough = request->matched || counted == rest;
	return request->enough ? 0 : length;
}

static size_t take_header(char *bytes, size_t size, size_t count, void *owner)
{
	struct probe *probe = owner;
	struct request *request = probe->own;

	(void)bytes;
	probe->waiting = "the answer did not end";
	request->header_bytes += size * count;
	request->too_long = request->header_bytes > PROBE_ANSWER_BYTES;
	return request->too_long ? 0 : size * count;
}

static __u32 time_us(CURL *easy, CURLINFO which)
{
	curl_off_t us = 0;

	curl_easy_getinfo(easy, which, &us);
	return us;
}

/* Connected, TLS included, and about to ask. */
static int begin(void *owner, char *to, char *from, int to_port, int from_port)
{
	struct probe *probe = owner;
	struct request *request = probe->own;

	(void)to, (void)from, (void)to_port, (void)from_port;
	probe->report.connect_us = time_us(request->easy, CURLINFO_CONNECT_TIME_T);
	probe->waiting = "no answer";
	return CURL_PREREQFUNC_OK;
}

static curl_socket_t open_socket(void *owner, curlsocktype purpose, struct curl_sockaddr *address)
{
	struct probe *probe = owner;
	struct request *request = probe->own;
	struct probe_place place;
	int fd = probe_socket(probe, &place);

	(void)purpose;
	memcpy(&address->addr, &place.address, place.length);
	address->addrlen = place.length;
	request->error = fd < 0 ? fd : 0;
	return fd < 0 ? CURL_SOCKET_BAD : fd;
}

/* What failed before there was a whole answer. */
static void fail(struct probe *probe, CURLcode code)
{
	struct request *request = probe->own;
	const char *words = request->words[0] ? request->words : curl_easy_strerror(code);
	long error = 0;

	curl_easy_getinfo(request->easy, CURLINFO_OS_ERRNO, &error);
	if (request->too_long)
		probe_end(probe, false, "more than %d bytes of headers", PROBE_ANSWER_BYTES);
	else if (request->error)
		probe_fail(probe, "socket", request->error);
	else if (code == CURLE_COULDNT_CONNECT && error)
		probe_fail(probe, "connect", -error);
	else
		probe_end(probe, false, "%s: %s", check_kind_name(probe->check->kind), words);
	for (char *c = probe->report.reason; *c; c++)
		if (*c < ' ' || *c > '~')
			*c = '?';
}

static void judge(void *owner, CURLcode code)
{
	struct probe *probe = owner;
	struct request *request = probe->own;
	const struct check *check = probe->check;
	const char *kind = check_kind_name(check->kind);
	bool expected;
	long status = 0;

	probe->report.first_byte_us = time_us(request->easy, CURLINFO_STARTTRANSFER_TIME_T);
	if (code != CURLE_OK && !request->enough) {
		fail(probe, code);
		return;
	}
	curl_easy_getinfo(request->easy, CURLINFO_RESPONSE_CODE, &status);
	expected = status >= check->expect_low && status <= check->expect_high;
	if (!expected || !check->match[0] || request->matched)
		probe_end(probe, expected, "%s %ld", kind, status);
	else
		probe_end(probe, false, "%s %ld, no match", kind, status);
}

/* The name that TLS is to know: SNI's, or the host's without its port; "" = the address itself. */
static void tls_name(const struct check *check, char name[CHECK_TEXT_BYTES])
{
	strcpy(name, check->sni[0] ? check->sni : check->host);
	name[strcspn(name, ":[")] = '\0';
}

static void add(struct curl_slist **list, const char *format, const char *text)
{
	char line[CHECK_TEXT_BYTES + ENDPOINT_TEXT_BYTES];
	struct curl_slist *longer;

	snprintf(line, sizeof(line), format, text);
	longer = curl_slist_append(*list, line);
	if (longer)
		*list = longer;
}

/* Whom to ask: always this address, by whatever name. */
static void set_place(const struct probe *probe, struct request *request)
{
	const struct check *check = probe->check;
	const struct probe_target *target = &probe->target;
	__be16 port = check->port ? htons(check->port) : target->port;
	char endpoint[ENDPOINT_TEXT_BYTES], name[CHECK_TEXT_BYTES] = "";
	char url[sizeof("https://") + AUTHORITY_BYTES];

	endpoint_format(probe->goal, port, endpoint, sizeof(endpoint));
	if (check->kind == CHECK_HTTPS)
		tls_name(check, name);
	if (name[0]) {
		snprintf(url, sizeof(url), "https://%s:%u", name, ntohs(port));
		add(&request->connect_to, "::%s", endpoint);
	} else {
		snprintf(url, sizeof(url), "%s://%s", check_kind_name(check->kind), endpoint);
	}
	curl_easy_setopt(request->easy, CURLOPT_URL, url);
	curl_easy_setopt(request->easy, CURLOPT_CONNECT_TO, request->connect_to);
}

static void set_request(const struct probe *probe, struct request *request)
{
	const struct check *check = probe->check;
	CURL *easy = request->easy;

	add(&request->headers, "Connection: %s", "close");
	if (check->host[0])
		add(&request->headers, "Host: %s", check->host);
	curl_easy_setopt(easy, CURLOPT_HTTPHEADER, request->headers);
	curl_easy_setopt(easy, CURLOPT_REQUEST_TARGET, check->what);
	curl_easy_setopt(easy, CURLOPT_USERAGENT, "lbctl");
	curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	curl_easy_setopt(easy, CURLOPT_PROXY, "");
	curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(easy, CURLOPT_FORBID_REUSE, 1L);
	curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, 1L);
	curl_easy_setopt(easy, CURLOPT_DNS_CACHE_TIMEOUT, 0L);
	curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(easy, CURLOPT_BUFFERSIZE, BUFFER_BYTES);
	if (check->ca[0])
		curl_easy_setopt(easy, CURLOPT_CAINFO, check->ca);
	if (check->insecure) {
		curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 0L);
		curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 0L);
	}
}

static void set_functions(struct probe *probe, struct request *request)
{
	CURL *easy = request->easy;

	curl_easy_setopt(easy, CURLOPT_PRIVATE, probe);
	curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, request->words);
	curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, open_socket);
	curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, probe);
	curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, begin);
	curl_easy_setopt(easy, CURLOPT_PREREQDATA, probe);
	curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, take_header);
	curl_easy_setopt(easy, CURLOPT_HEADERDATA, probe);
	curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take_body);
	curl_easy_setopt(easy, CURLOPT_WRITEDATA, probe);
}

static int ask(struct probe *probe, struct request *request)
{
	struct probe_engine *engine = probe->engine;
	int error = engine->web ? 0 : probe_web_create(engine->loop, judge, &engine->web);

	if (!error)
		error = probe_web_take(engine->web, &request->easy);
	if (error)
		return error;
	set_place(probe, request);
	set_request(probe, request);
	set_functions(probe, request);
	return probe_web_begin(engine->web, request->easy);
}

static void start(struct probe *probe)
{
	struct request *request = calloc(1, sizeof(*request));
	int error = -ENOMEM;

	probe->own = request;
	probe->waiting = probe->check->kind == CHECK_HTTPS ? "connect or TLS" : "connect";
	if (request)
		error = ask(probe, request);
	if (error)
		probe_fail(probe, check_kind_name(probe->check->kind), error);
}

static void stop(struct probe *probe)
{
	struct request *request = probe->own;

	if (!request)
		return;
	if (request->easy)
		probe_web_give(probe->engine->web, request->easy);
	curl_slist_free_all(request->headers);
	curl_slist_free_all(request->connect_to);
	free(request);
}

const struct probe_kind probe_http = {.start = start, .stop = stop};
