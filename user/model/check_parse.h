/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Checks, as operators write them: what is tried to tell whether a backend is
 * healthy, how often, and what is made of the answers.
 *
 *	none
 *	ping
 *	tcp
 *	http:/PATH[,host=NAME][,expect=200-399][,match=TEXT]
 *	https:/PATH[, as http][,sni=NAME][,insecure][,ca=FILE]
 *	exec:/PROGRAM ARGUMENT...
 *
 * and each but none with [,interval=2s][,timeout=1s][,rise=2][,fall=3][,fast=DUR], and
 * [,port=N] but for ping. A comma within a value is written \, and a backslash \\.
 * The canonical text of a check has its options in one order, says how often and
 * how many whether or not that was said, and leaves out whatever else is as it
 * would be without; it is what the maps hold, and reads as the same check again.
 *
 * Pure: owns nothing.
 */
#ifndef MODEL_CHECK_PARSE_H
#define MODEL_CHECK_PARSE_H

#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>

#include "lb/limits.h"

/* Room for any canonical text, and so for any part of a check, with the terminating NUL. */
#define CHECK_TEXT_BYTES LB_CHECK_BYTES

/* The HTTP status that passes where nothing else is said. */
#define CHECK_EXPECT_LOW  200
#define CHECK_EXPECT_HIGH 399

#define CHECK_EXPECTED \
	"none, ping, tcp, http:/PATH, https:/PATH or exec:/PROGRAM, and options such as " \
	",interval=2s,timeout=1s,rise=2,fall=3"

enum check_kind {
	CHECK_NONE,
	CHECK_PING,
	CHECK_TCP,
	CHECK_HTTP,
	CHECK_HTTPS,
	CHECK_EXEC,
	CHECK_KIND_COUNT
};

struct check {
	enum check_kind kind;
	__u32 interval_ms; /* between the beginnings of two probes */
	__u32 fast_ms; /* the same while health is changing; never more than interval_ms */
	__u32 timeout_ms; /* for a probe as a whole; never more than interval_ms */
	__u16 rise; /* so many passed in a row: up */
	__u16 fall; /* so many failed in a row: down */
	__u16 port; /* to be tried, in host order; 0 = the backend's */
	__u16 expect_low, expect_high; /* HTTP status that passes */
	bool insecure; /* any certificate is good enough */
	char what[CHECK_TEXT_BYTES]; /* path of the request, or command */
	char host[CHECK_TEXT_BYTES]; /* name that is asked for; "" = the address */
	char sni[CHECK_TEXT_BYTES]; /* name for TLS; "" = host */
	char ca[CHECK_TEXT_BYTES]; /* file of certificates to trust; "" = the system's */
	char match[CHECK_TEXT_BYTES]; /* has to be in the body; "" = whatever */
};

/* Returns 0, or -EINVAL with `check` untouched and *why what is wrong, in words. */
int check_parse(const char *text, struct check *check, const char **why);

/* The canonical text. Returns how long it is, whether or not it fits; in model/check_spec.c. */
size_t check_format(const struct check *check, char text[CHECK_TEXT_BYTES]);

/* "http" */
const char *check_kind_name(enum check_kind kind);

#endif
