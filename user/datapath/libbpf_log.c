// SPDX-License-Identifier: GPL-2.0-only
#include "datapath/libbpf_log.h"

#include <bpf/libbpf.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static char last_warning[1024];
static bool is_verbose;

/* The last of several warnings is the specific one. */
static int log_message(enum libbpf_print_level level, const char *format, va_list arguments)
{
	va_list again;

	if (is_verbose) {
		va_copy(again, arguments);
		vfprintf(stderr, format, again);
		va_end(again);
	}
	if (level == LIBBPF_WARN) {
		vsnprintf(last_warning, sizeof(last_warning), format, arguments);
		last_warning[strcspn(last_warning, "\n")] = '\0';
	}
	return 0;
}

void libbpf_log_start(bool verbose)
{
	is_verbose = verbose;
	libbpf_set_print(log_message);
}

bool libbpf_log_is_verbose(void)
{
	return is_verbose;
}

const char *libbpf_log_message(void)
{
	return last_warning;
}

void libbpf_log_clear(void)
{
	last_warning[0] = '\0';
}
