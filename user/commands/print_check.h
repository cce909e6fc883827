/* SPDX-License-Identifier: GPL-2.0-only */
/* Prints the results of a round of health checks, one row per backend. */
#ifndef COMMANDS_PRINT_CHECK_H
#define COMMANDS_PRINT_CHECK_H

#include "base/output.h"
#include "lb/abi.h"
#include "probe/engine.h"

struct check_row {
	const struct lb_service_config *service;
	const struct lb_backend_config *backend;
	const struct lb_health_record *health_record;
	const struct probe_report *report;
};

/* `number` counts from 0. print_checks_end() follows the last row, or no row at all. */
void print_check(const struct output *out, const struct check_row *row, size_t number);
void print_checks_end(const struct output *out, size_t count);

#endif
