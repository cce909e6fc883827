/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * HTTP requests: pool of configured libcurl easy handles.
 *
 * Configuring a handle takes longer than the request itself, and most backends of a service get
 * the same request. A released request therefore keeps its configuration, and the next
 * probe with the same request only sets the address. The pool grows to the number of
 * concurrent requests, at most REQUEST_POOL_MAX.
 *
 * A probe owns its request from request_acquire() to request_release().
 */
#ifndef PROBE_HTTP_REQUEST_H
#define PROBE_HTTP_REQUEST_H

#include <curl/curl.h>
#include <stdbool.h>
#include <stddef.h>

#include "model/check_spec.h"

#define REQUEST_POOL_MAX 64

struct probe;

struct request {
	CURL *easy;
	struct probe *probe; /* the owner */
	size_t header_bytes, body_bytes; /* received */
	bool is_decided; /* aborted by the probe: the result is known */
	bool too_long; /* aborted by the probe: the headers exceed the limit */
	bool matched;
	int error; /* negative errno of the socket; 0 = none */
	char tail[2 * CHECK_TEXT_BYTES]; /* end of the body so far, where a match may begin */
	size_t tail_bytes;
	char error_text[CURL_ERROR_SIZE]; /* libcurl's error message */
};

/* libcurl callbacks; the user pointer is the request. */
struct request_callbacks {
	curl_opensocket_callback open_socket;
	curl_prereq_callback connected;
	curl_write_callback receive_header, receive_body;
};

struct request_pool;

/* Returns NULL if out of memory. */
struct request_pool *request_pool_create(const struct request_callbacks *callbacks);
void request_pool_free(struct request_pool *request_pool);

/* Returns a request configured for the check, without an address; NULL if out of memory. */
struct request *request_acquire(struct request_pool *request_pool, const struct check *check);
void request_release(struct request_pool *request_pool, struct request *request);

/* Sets the address to connect to. The host name is unchanged. Returns 0 or a negative errno. */
int request_set_address(struct request *request, const __u64 address[2], __be16 port);

#endif
