/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What an engine's HTTP probes share, because it is dear: one multi handle of libcurl, which the
 * loop drives, and easy handles that are used over and over.
 *
 * An easy handle is the probe's from take to give; its CURLOPT_PRIVATE says whose.
 */
#ifndef PROBE_WEB_H
#define PROBE_WEB_H

#include <curl/curl.h>

#include "loop.h"

struct probe_web;

/* A transfer has ended; never from within a function of this file. */
typedef void (*probe_web_ended)(void *owner, CURLcode code);

/* All that return int: 0 or negative errno. */
int probe_web_create(struct loop *loop, probe_web_ended ended, struct probe_web **web);
void probe_web_free(struct probe_web *web);

/* A handle as if it were new; what was added to the multi handle is removed when it is given back. */
int probe_web_take(struct probe_web *web, CURL **easy);
void probe_web_give(struct probe_web *web, CURL *easy);

int probe_web_begin(struct probe_web *web, CURL *easy);

#endif
