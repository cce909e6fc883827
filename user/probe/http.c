// SPDX-License-Identifier: GPL-2.0-only
/*
 * HTTP and HTTPS probe over libcurl: one GET on a new connection. It passes if the status is in
 * the expected range and, if the check has a match, the body contains its text. The body is
 * read to its end, or until the result is known.
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
#include "probe/kinds.h"

static bool contains(const char *bytes, size_t length, const char *text)
{
	return memmem(bytes, length, text, strlen(text));
}

/* Searches new bytes for the text, and the boundary between them and the earlier ones. */
static void search_body(struct request *request, const char *text, const char *bytes, size_t length)
{
	size_t overlap = strlen(text) - 1;
	size_t appended = length < overlap ? length : overlap, excess;

	memcpy(request->tail + request->tail_bytes, bytes, appended);
	request->tail_bytes += appended;
	request->matched |=
		contains(request->tail, request->tail_bytes, text) || contains(bytes, length, text);
	if (length > appended) {
		memcpy(request->tail, bytes + length - overlap, overlap);
		request->tail_bytes = overlap;
	}
	excess = request->tail_bytes > overlap ? request->tail_bytes - overlap : 0;
	memmove(request->tail, request->tail + excess, request->tail_bytes - excess);
	request->tail_bytes -= excess;
}

/* CURLOPT_WRITEFUNCTION. Returning less than `length` aborts the transfer. */
static size_t receive_body(char *bytes, size_t size, size_t count, void *owner)
{
	struct request *request = owner;
	struct probe *probe = request->probe;
	size_t length = size * count;
	size_t remaining = PROBE_RESPONSE_BYTES - request->body_bytes;
	size_t counted = length < remaining ? length : remaining;

	if (probe->check->match[0] && counted)
		search_body(request, probe->check->match, bytes, counted);
	request->body_bytes += counted;
	request->is_decided = request->matched || counted == remaining;
	return request->is_decided ? 0 : length;
}

static size_t receive_header(char *bytes, size_t size, size_t count, void *owner)
{
	struct request *request = owner;
	struct probe *probe = request->probe;

	(void)bytes;
	probe->timeout_reason = "the answer did not end";
	request->header_bytes += size * count;
	request->too_long = request->header_bytes > PROBE_RESPONSE_BYTES;
	return request->too_long ? 0 : size * count;
}

static __u32 time_us(CURL *easy, CURLINFO which)
{
	curl_off_t us = 0;

	curl_easy_getinfo(easy, which, &us);
	return us;
}

/* CURLOPT_PREREQFUNCTION: connected, including TLS, before the request is sent. */
static int connected(void *owner, char *to, char *from, int to_port, int from_port)
{
	struct request *request = owner;
	struct probe *probe = request->probe;

	(void)to, (void)from, (void)to_port, (void)from_port;
	probe->report.connect_us = time_us(request->easy, CURLINFO_CONNECT_TIME_T);
	probe->timeout_reason = "no answer";
	return CURL_PREREQFUNC_OK;
}

/* Lets the request carry the last ACK of the handshake instead of a separate packet. */
static void disable_quickack(int fd)
{
	int off = 0;

	setsockopt(fd, IPPROTO_TCP, TCP_QUICKACK, &off, sizeof(off));
}

static curl_socket_t open_socket(void *owner, curlsocktype purpose, struct curl_sockaddr *address)
{
	struct request *request = owner;
	struct probe *probe = request->probe;
	struct socket_address dest;
	int fd = probe_socket(probe, &dest);

	(void)purpose;
	if (fd >= 0)
		disable_quickack(fd);
	memcpy(&address->addr, &dest.any, dest.length);
	address->addrlen = dest.length;
	request->error = fd < 0 ? fd : 0;
	return fd < 0 ? CURL_SOCKET_BAD : fd;
}

/* Reports a transfer that ended before a complete response. */
static void fail(struct probe *probe, CURLcode code)
{
	struct request *request = probe->priv;
	const char *error_text =
		request->error_text[0] ? request->error_text : curl_easy_strerror(code);
	long error = 0;

	curl_easy_getinfo(request->easy, CURLINFO_OS_ERRNO, &error);
	if (request->too_long)
		probe_end(probe, false, "more than %d bytes of headers", PROBE_RESPONSE_BYTES);
	else if (request->error)
		probe_fail(probe, "socket", request->error);
	else if (code == CURLE_COULDNT_CONNECT && error)
		probe_fail(probe, "connect", -error);
	else
		probe_end(probe, false, "%s: %s", check_kind_name(probe->check->kind), error_text);
	for (char *c = probe->report.reason; *c; c++)
		if (*c < ' ' || *c > '~')
			*c = '?';
}

static void evaluate(void *owner, CURLcode code)
{
	struct request *request = owner;
	struct probe *probe = request->probe;
	const struct check *check = probe->check;
	const char *kind = check_kind_name(check->kind);
	bool expected;
	long status = 0;

	probe->report.first_byte_us = time_us(request->easy, CURLINFO_STARTTRANSFER_TIME_T);
	if (code != CURLE_OK && !request->is_decided) {
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

static const struct request_callbacks callbacks = {
	.open_socket = open_socket,
	.connected = connected,
	.receive_header = receive_header,
	.receive_body = receive_body,
};

/* Creates what the probes of an engine share. Returns 0 or a negative errno. */
static int ensure_shared(struct probe_engine *engine)
{
	int error = engine->multi ? 0
				  : probe_multi_create(engine->loop, engine->epoll_set, evaluate,
						       &engine->multi);

	if (!error && !engine->request_pool) {
		engine->request_pool = request_pool_create(&callbacks);
		error = engine->request_pool ? 0 : -ENOMEM;
	}
	return error;
}

static int send_request(struct probe *probe)
{
	struct probe_engine *engine = probe->engine;
	const struct check *check = probe->check;
	struct request *request;
	int error = ensure_shared(engine);

	if (error)
		return error;
	request = request_acquire(engine->request_pool, check);
	if (!request)
		return -ENOMEM;
	request->probe = probe;
	probe->priv = request;
	error = request_set_address(request, probe->dest_address,
				    check->port ? htons(check->port) : probe->target.port);
	return error ? error : probe_multi_add(engine->multi, request->easy);
}

static void start(struct probe *probe)
{
	int error;

	probe->timeout_reason = probe->check->kind == CHECK_HTTPS ? "connect or TLS" : "connect";
	error = send_request(probe);
	if (error)
		probe_fail(probe, check_kind_name(probe->check->kind), error);
}

static void stop(struct probe *probe)
{
	struct request *request = probe->priv;

	if (!request)
		return;
	probe_multi_remove(probe->engine->multi, request->easy);
	request_release(probe->engine->request_pool, request);
}

const struct probe_kind probe_http = {.uses_vip = true, .start = start, .stop = stop};
