/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * libcurl, loaded on first use with dlopen(). It depends on some twenty libraries; linking them
 * takes four times as long as the rest of a command. Most commands need no HTTP, and scripts run
 * many commands.
 *
 * This file defines libcurl's functions under their own names and forwards the calls. Only
 * curl_lazy_load() may be called before it has succeeded, and functions that free NULL.
 */
#ifndef PROBE_CURL_LAZY_H
#define PROBE_CURL_LAZY_H

#include <curl/curl.h>

/*
 * Returns 0, -ELIBACC if the library cannot be loaded, or -ELIBBAD if it lacks a function. After a
 * success further calls do nothing.
 */
int curl_lazy_load(void);

#endif
