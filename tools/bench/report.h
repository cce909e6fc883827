/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The report: what was measured, beside the floors of the same run and what is
 * asked of each figure.
 */
#ifndef BENCH_REPORT_H
#define BENCH_REPORT_H

#include "measurement.h"

void report_text(const struct subjects *subjects);
void report_json(const struct subjects *subjects);

#endif
