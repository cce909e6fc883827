/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Log of libbpf: keeps the last warning, which gives the reason for a failure.
 *
 * libbpf has one print callback per process, without an argument; so this module has
 * process-wide state. The functions of this folder clear it before and after each load, so a
 * message belongs to the operation that failed last.
 */
#ifndef DATAPATH_LIBBPF_LOG_H
#define DATAPATH_LIBBPF_LOG_H

#include <stdbool.h>

/* Takes over libbpf's messages; with `verbose`, also copies all of them to standard error. */
void libbpf_log_start(bool verbose);
bool libbpf_log_is_verbose(void);

/* The last line of warning since it was cleared. "" = none. */
const char *libbpf_log_message(void);
void libbpf_log_clear(void);

#endif
