/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The filter before the directory: a bit for each endpoint in it, by which packets that
 * are not ours are told without a lookup.
 *
 * Pure: owns nothing.
 */
#ifndef MODEL_ENDPOINT_FILTER_H
#define MODEL_ENDPOINT_FILTER_H

#include <stddef.h>

#include "lb/abi.h"
#include "model/endpoint_table.h"

/* What a directory of these items needs. */
void endpoint_filter_build(const struct endpoint_item *items, size_t count,
			   __u64 filter[LB_FILTER_WORDS]);

/* Lets the filter pass what the next directory has, and go on passing what this one has. */
void endpoint_filter_widen(struct lb_control *control, const __u64 filter[LB_FILTER_WORDS]);

/* And no more than that. */
void endpoint_filter_narrow(struct lb_control *control, const __u64 filter[LB_FILTER_WORDS]);

#endif
