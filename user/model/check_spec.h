/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Health check specification: the type, the names of the kinds, the canonical text.
 *
 *	none
 *	ping
 *	tcp
 *	http:/PATH[,host=NAME][,expect=200-399][,match=TEXT]
 *	https:/PATH[, as http][,sni=NAME][,insecure][,ca=FILE]
 *	exec:/PROGRAM ARGUMENT...
 *
 * Every kind except none takes [,interval=2s][,timeout=1s][,rise=2][,fall=3][,fast=DUR];
 * every kind except none and ping takes [,port=N]. Within a value a comma is written \, and
 * a backslash \\. The canonical text is what the maps hold. It has its options in one order,
 * always gives interval, timeout, rise and fall, and omits other options that have their
 * default. check_parse() reads it as the same check.
 *
 * Pure: owns nothing.
 */
#ifndef MODEL_CHECK_SPEC_H
#define MODEL_CHECK_SPEC_H

#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>

#include "lb/limits.h"

/* Size of any canonical text, and so of any part of a check, with the terminating NUL. */
#define CHECK_TEXT_BYTES LB_CHECK_BYTES

/* Default range of the HTTP status that passes. */
#define CHECK_EXPECT_LOW  200
#define CHECK_EXPECT_HIGH 399

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
	__u32 interval_ms; /* from the start of a probe to the start of the next one */
	__u32 fast_ms; /* the same while health is changing; at most interval_ms */
	__u32 timeout_ms; /* of a whole probe; at most interval_ms */
	__u16 rise; /* consecutive passes that mark a backend up */
	__u16 fall; /* consecutive failures that mark a backend down */
	__u16 port; /* to probe, in host order; 0 = the backend's */
	__u16 expect_low, expect_high; /* HTTP status that passes */
	bool insecure; /* accept any certificate */
	char argument[CHECK_TEXT_BYTES]; /* path of the request, or command */
	char host[CHECK_TEXT_BYTES]; /* of the Host header; "" = the address */
	char sni[CHECK_TEXT_BYTES]; /* name for TLS; "" = host */
	char ca[CHECK_TEXT_BYTES]; /* file of trusted certificates; "" = the system's */
	char match[CHECK_TEXT_BYTES]; /* text that the body must contain; "" = any body */
};

/* Writes the canonical text, truncated if it does not fit. Returns its full length. */
size_t check_format(const struct check *check, char text[CHECK_TEXT_BYTES]);

/* "http"; "?" for an unknown kind. */
const char *check_kind_name(enum check_kind kind);

#endif
