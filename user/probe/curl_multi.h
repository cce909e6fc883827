/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * libcurl multi handle of an engine's HTTP probes, driven by the loop and an epoll set.
 *
 * An easy handle is in the multi handle from probe_multi_add() to probe_multi_remove(). Its
 * CURLOPT_PRIVATE is the owner that `done` gets.
 */
#ifndef PROBE_CURL_MULTI_H
#define PROBE_CURL_MULTI_H

#include <curl/curl.h>

#include "base/epoll_set.h"
#include "base/loop.h"

struct probe_multi;

/*
 * Called when a transfer has ended, possibly from within probe_multi_add(). It must not call
 * probe_multi_remove().
 */
typedef void (*probe_multi_done)(void *owner, CURLcode code);

/* Returns 0 or a negative errno. The loop and the epoll set must outlive it. */
int probe_multi_create(struct loop *loop, struct epoll_set *epoll_set, probe_multi_done done,
		       struct probe_multi **multi);

/* NULL is allowed. */
void probe_multi_free(struct probe_multi *multi);

/* Starts a transfer. Returns 0 or a negative errno. */
int probe_multi_add(struct probe_multi *multi, CURL *easy);

/* Valid in every state: running, ended, or never added. */
void probe_multi_remove(struct probe_multi *multi, CURL *easy);

#endif
