/* SPDX-License-Identifier: GPL-2.0-only */
/* Report of a run: each case with its ratio to a baseline and its limit, as text or JSON. */
#ifndef BENCH_REPORT_H
#define BENCH_REPORT_H

#include "measurement.h"

#define REPORT_MACHINE_BYTES 512

/* CPU model, cores, kernel. */
void report_machine(char text[REPORT_MACHINE_BYTES]);

void report_print_text(const struct measurements *measurements);
void report_print_json(const struct measurements *measurements);

#endif
