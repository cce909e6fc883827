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

struct probe_multi;

/* A transfer has ended, maybe even as it began; it is not to be removed from within this. */
typedef void (*probe_multi_done)(void *owner, CURLcode code);

/* All that return int: 0 or negative errno. */
int probe_multi_create(struct loop *loop, struct epoll_set *epoll_set, probe_multi_done done,
		       struct probe_multi **multi);
void probe_multi_free(struct probe_multi *multi);

int probe_multi_add(struct probe_multi *multi, CURL *easy);

/* Whether or not it has ended, or ever begun. */
void probe_multi_remove(struct probe_multi *multi, CURL *easy);

#endif
