/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * libcurl, loaded when it is first needed. It brings some twenty other libraries with it, and
 * having them all bound takes four times as long as the rest of a command does: most commands
 * try nothing by HTTP, and scripts run many of them.
 *
 * Its functions have their own names here, and hand over to it. None but curl_lazy_load() may
 * be called before that has succeeded, but for freeing nothing.
 */
#ifndef PROBE_CURL_LAZY_H
#define PROBE_CURL_LAZY_H

#include <curl/curl.h>

/* 0, or a negative errno; once it has succeeded it has no more to do. */
int curl_lazy_load(void);

#endif
