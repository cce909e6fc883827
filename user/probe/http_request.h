/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Requests: an easy handle of libcurl, and what it has been told to ask for.
 *
 * Telling it takes longer than asking a backend does, and most backends of a service
 * are asked the same. So a request that is done with is kept as it is, and the next probe of a
 * check that asks alike has only to say whom. As many are kept as run at a time, but no more than
 * REQUEST_POOL_MAX.
 *
 * A request is its probe's from take to give.
 */
#ifndef PROBE_HTTP_REQUEST_H
#define PROBE_HTTP_REQUEST_H

#include <curl/curl.h>
#include <stdbool.h>
#include <stddef.h>

#include "model/check_parse.h"

#define REQUEST_POOL_MAX 64

struct probe;

struct request {
	CURL *easy;
	struct probe *probe; /* whose it is */
	size_t header_bytes, body_bytes; /* of the answer */
	bool is_decided; /* we ended it: there is no need to know more */
	bool too_long; /* we ended it: the headers do not end */
	bool matched;
	int error; /* why there is no socket */
	char tail[2 * CHECK_TEXT_BYTES]; /* the end of what was read, where a match may begin */
	size_t tail_bytes;
	char error_text[CURL_ERROR_SIZE]; /* libcurl's, when something fails */
};

/* The functions that libcurl is to call; each is given the request. */
struct request_callbacks {
	curl_opensocket_callback open_socket;
	curl_prereq_callback connected;
	curl_write_callback receive_header, receive_body;
};

struct request_pool;

/* NULL where there is no memory. */
struct request_pool *request_pool_create(const struct request_callbacks *callbacks);
void request_pool_free(struct request_pool *request_pool);

/* One that asks what the check says, of whomever; NULL where there is no memory. */
struct request *request_acquire(struct request_pool *request_pool, const struct check *check);
void request_release(struct request_pool *request_pool, struct request *request);

/* Whom to ask: this address, by whatever name. 0, or a negative errno. */
int request_set_address(struct request *request, const __u64 address[2], __be16 port);

#endif
