/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The report: what was measured, beside the floors of the same run and what is
 * asked of each figure.
 */
#ifndef BENCH_REPORT_H
#define BENCH_REPORT_H

#include "measurement.h"

void report_print_text(const struct measurements *measurements);
void report_print_json(const struct measurements *measurements);

#endif
