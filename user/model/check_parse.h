/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Parser of health check specifications; model/check_spec.h describes their syntax.
 *
 * Pure: owns nothing.
 */
#ifndef MODEL_CHECK_PARSE_H
#define MODEL_CHECK_PARSE_H

#include "model/check_spec.h"

#define CHECK_EXPECTED \
	"none, ping, tcp, http:/PATH, https:/PATH or exec:/PROGRAM, with options such as " \
	",interval=2s,timeout=1s,rise=2,fall=3"

/* Returns 0; or -EINVAL with `check` untouched and *why the reason, a static string. */
int check_parse(const char *text, struct check *check, const char **why);

#endif
