/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Endpoint filter: a bitmap in front of the endpoint table, by hash of the address. Packets
 * with a clear bit are foreign and need no lookup.
 *
 * Pure: owns nothing.
 */
#ifndef MODEL_ENDPOINT_FILTER_H
#define MODEL_ENDPOINT_FILTER_H

#include <stddef.h>

#include "lb/abi.h"
#include "model/endpoint_table.h"

/* Builds the filter of an endpoint table with these items. */
void endpoint_filter_build(const struct endpoint_item *items, size_t count,
			   __u64 filter[LB_FILTER_WORDS]);

/* Adds the endpoints of the next table; those of the current table stay. */
void endpoint_filter_widen(struct lb_control *control, const __u64 filter[LB_FILTER_WORDS]);

/* Removes everything except the endpoints of the new table. */
void endpoint_filter_narrow(struct lb_control *control, const __u64 filter[LB_FILTER_WORDS]);

#endif
