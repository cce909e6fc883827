// SPDX-License-Identifier: GPL-2.0-only
/*
 * HTTP and HTTPS, by libcurl: one GET by a connection of its own. It passes by its status, and by
 * a text in its body where one is asked for. The body is read to its end, or as far as it
 * matters.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>

#include "probe/curl_lazy.h"
#include "probe/curl_multi.h"
#include "probe/http_request.h"
#include "probe/kind.h"

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
	struct request *request = owner;
	struct probe *probe = request->probe;
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
	struct request *request = owner;
	struct probe *probe = request->probe;

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
	struct request *request = owner;
	struct probe *probe = request->probe;

	(void)to, (void)from, (void)to_port, (void)from_port;
	probe->report.connect_us = time_us(request->easy, CURLINFO_CONNECT_TIME_T);
	probe->waiting = "no answer";
	return CURL_PREREQFUNC_OK;
}

/* That it is connected is told to the other side by the request, not by a packet of its own. */
static void save_packet(int fd)
{
	int at_once = 0;

	setsockopt(fd, IPPROTO_TCP, TCP_QUICKACK, &at_once, sizeof(at_once));
}

static curl_socket_t open_socket(void *owner, curlsocktype purpose, struct curl_sockaddr *address)
{
	struct request *request = owner;
	struct probe *probe = request->probe;
	struct probe_place place;
	int fd = probe_socket(probe, &place);

	(void)purpose;
	if (fd >= 0)
		save_packet(fd);
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
	struct request *request = owner;
	struct probe *probe = request->probe;
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

static const struct request_functions functions = {
	.open_socket = open_socket,
	.begin = begin,
	.take_header = take_header,
	.take_body = take_body,
};

/* What probes share, when the first needs it. */
static int equip(struct probe_engine *engine)
{
	int error = engine->web
			    ? 0
			    : probe_web_create(engine->loop, engine->lines, judge, &engine->web);

	if (!error && !engine->requests) {
		engine->requests = requests_create(&functions);
		error = engine->requests ? 0 : -ENOMEM;
	}
	return error;
}

static int ask(struct probe *probe)
{
	struct probe_engine *engine = probe->engine;
	const struct check *check = probe->check;
	struct request *request;
	int error = equip(engine);

	if (error)
		return error;
	request = request_take(engine->requests, check);
	if (!request)
		return -ENOMEM;
	request->probe = probe;
	probe->own = request;
	error = request_aim(request, probe->goal,
			    check->port ? htons(check->port) : probe->target.port);
	return error ? error : probe_web_begin(engine->web, request->easy);
}

static void start(struct probe *probe)
{
	int error;

	probe->waiting = probe->check->kind == CHECK_HTTPS ? "connect or TLS" : "connect";
	error = ask(probe);
	if (error)
		probe_fail(probe, check_kind_name(probe->check->kind), error);
}

static void stop(struct probe *probe)
{
	struct request *request = probe->own;

	if (!request)
		return;
	probe_web_end(probe->engine->web, request->easy);
	request_give(probe->engine->requests, request);
}

const struct probe_kind probe_http = {.start = start, .stop = stop};
