/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What an engine's HTTP probes share: one multi handle of libcurl, driven by the loop. Its sockets
 * are lines.
 *
 * An easy handle runs from begin to end; its CURLOPT_PRIVATE says whose it is.
 */
#ifndef PROBE_CURL_MULTI_H
#define PROBE_CURL_MULTI_H

#include <curl/curl.h>

#include "base/epoll_set.h"
#include "base/loop.h"

struct probe_web;

/* A transfer has ended, maybe even as it began; it is not to be removed from within this. */
typedef void (*probe_web_ended)(void *owner, CURLcode code);

/* All that return int: 0 or negative errno. */
int probe_web_create(struct loop *loop, struct lines *lines, probe_web_ended ended,
		     struct probe_web **web);
void probe_web_free(struct probe_web *web);

int probe_web_begin(struct probe_web *web, CURL *easy);

/* Whether or not it has ended, or ever begun. */
void probe_web_end(struct probe_web *web, CURL *easy);

#endif
