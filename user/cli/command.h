/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The command table: every verb that lbctl knows, with its arguments, its flags
 * and what it does. Parsing, help and the documents' checks all go by it.
 */
#ifndef CLI_COMMAND_H
#define CLI_COMMAND_H

#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/problem.h"

#define VERB_FLAGS_MAX	   24
#define VERB_ARGUMENTS_MAX 64

struct flag {
	const char *name; /* without the dashes */
	const char *value; /* what stands for its value in help; NULL = it takes none */
	const char *help;
};

struct globals {
	bool json;
	bool pretty;
	bool quiet;
	bool dry_run;
	bool help;
	bool version;
	bool color;
	int verbosity;
	const char *instance;
	const char *if_generation; /* NULL = whichever */
	__u64 lock_timeout_ms;
};

struct verb;

/* One run of a verb: what was typed, and the problem if there is one. */
struct call {
	const struct verb *verb;
	struct globals globals;
	const char *arguments[VERB_ARGUMENTS_MAX];
	size_t argument_count;
	const char *flags[VERB_FLAGS_MAX]; /* values by the verb's flag; "" = given without one */
	struct problem problem;
};

struct verb {
	const char *object; /* "service", "backend", ...; NULL for verbs that stand alone */
	const char *name;
	const char *arguments; /* as in help */
	size_t least, most; /* arguments */
	const char *summary;
	const char *example;
	const struct flag *flags; /* ends with a NULL name; NULL = none */
	int (*run)(struct call *call); /* returns the exit code */
};

/* Ends with a NULL name. */
extern const struct verb verbs[];
extern const struct flag global_flags[];

/* NULL when there is none; object may be NULL, and may be an alias. */
const struct verb *verb_find(const char *object, const char *name);
bool verb_is_object(const char *word);

/* The flag's value; "" when it was given without one, NULL when it was not given. */
const char *call_flag(const struct call *call, const char *name);

/* As if it had been typed; there has to be one of this name. */
void call_set_flag(struct call *call, const char *name, const char *value);

int attach_run(struct call *call);
int detach_run(struct call *call);
int upgrade_run(struct call *call);
int decap_run(struct call *call);
int service_add_run(struct call *call);
int service_set_run(struct call *call);
int service_del_run(struct call *call);
int service_list_run(struct call *call);
int service_show_run(struct call *call);
int backend_add_run(struct call *call);
int backend_weight_run(struct call *call);
int backend_drain_run(struct call *call);
int backend_ready_run(struct call *call);
int backend_maint_run(struct call *call);
int backend_del_run(struct call *call);
int backend_list_run(struct call *call);
int backend_show_run(struct call *call);
int apply_run(struct call *call);
int confirm_run(struct call *call);
int diff_run(struct call *call);
int validate_run(struct call *call);
int save_run(struct call *call);
int import_run(struct call *call);
int metrics_run(struct call *call);
int completion_run(struct call *call);
int flow_list_run(struct call *call);
int flow_count_run(struct call *call);
int flow_flush_run(struct call *call);
int run_run(struct call *call);
int check_run(struct call *call);
int check_probe_run(struct call *call);
int events_run(struct call *call);
int wait_run(struct call *call);
int explain_run(struct call *call);
int trace_run(struct call *call);
int doctor_run(struct call *call);
int schema_run(struct call *call);
int status_run(struct call *call);
int stats_run(struct call *call);
int top_run(struct call *call);
int help_run(struct call *call);
int version_run(struct call *call);

#endif
