/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Reports: what lbctl answers, for people (tables) or for scripts (JSON).
 *
 * Two implementations of one interface; only they know how either is written.
 * Data goes to standard output and problems to standard error. The JSON's fields
 * are a contract: they are only ever added to.
 */
#ifndef VIEW_PRINT_H
#define VIEW_PRINT_H

#include <stdio.h>

#include "cli/command.h"
#include "model/check_parse.h"
#include "probe/engine.h"
#include "view/view.h"

struct report_probe {
	const struct check *check;
	const char *target; /* as it was typed */
	const struct probe_report *report;
};

/* What a round of checks said of a backend. */
struct report_check {
	const struct lb_service_config *service;
	const struct lb_backend_config *backend;
	const struct lb_vital *vital;
	const struct probe_report *report;
};

struct difference;
struct doctor;
struct explanation;
struct sighting;

struct report {
	void (*problem)(const struct call *call);
	/* What is worth knowing beside the answer; `hint` is a command, or NULL. */
	void (*warning)(const struct call *call, const char *id, const char *message,
			const char *hint);
	/* The same of a place in a file, with which the message begins. */
	void (*remark)(const struct call *call, const char *id, const char *message,
		       const char *hint);
	void (*changed)(const struct call *call, bool changed);
	void (*version)(const struct call *call, const char *version, __u32 abi);
	void (*status)(const struct call *call, const struct view *view);
	void (*services)(const struct call *call, const struct view *view);
	void (*service)(const struct call *call, const struct view_service *service);
	void (*backends)(const struct call *call, const struct view_service *service);
	void (*backend)(const struct call *call, const struct view_service *service,
			const struct view_backend *backend);
	/* Counters, or with `before` what they gained a second over so many seconds. */
	void (*stats)(const struct call *call, const struct view *view, const struct view *before,
		      double seconds);
	/* One after the other, as they are found: `number` counts from 0. */
	void (*flow)(const struct call *call, const struct view_flow *flow, size_t number);
	void (*flows_end)(const struct call *call, size_t count);
	/* As they are found: `number` counts from 0. */
	void (*difference)(const struct call *call, const struct difference *difference,
			   size_t number);
	void (*differences_end)(const struct call *call, size_t count);
	void (*explanation)(const struct call *call, const struct explanation *explanation);
	void (*diagnosis)(const struct call *call, const struct doctor *doctor);
	void (*sighting)(const struct call *call, const struct sighting *sighting);
	void (*flow_count)(const struct call *call, size_t count);
	void (*probe)(const struct call *call, const struct report_probe *probe);
	void (*check)(const struct call *call, const struct report_check *check, size_t number);
	void (*checks_end)(const struct call *call, size_t count);
	void (*event)(const struct call *call, const struct lb_event *event, size_t number);
	void (*events_end)(const struct call *call, size_t count);
};

extern const struct report report_text;
extern const struct report report_json;

/* In files of their own: diagnose/doctor/print_doctor.c, diagnose/explain/print_explain.c, commands/print_flows.c, diagnose/trace/print_trace.c. */
void report_diagnosis_text(const struct call *call, const struct doctor *doctor);
void report_diagnosis_json(const struct call *call, const struct doctor *doctor);
void report_explanation_text(const struct call *call, const struct explanation *explanation);
void report_explanation_json(const struct call *call, const struct explanation *explanation);
void report_sighting_text(const struct call *call, const struct sighting *sighting);
void report_sighting_json(const struct call *call, const struct sighting *sighting);
void report_flow_text(const struct call *call, const struct view_flow *flow, size_t number);
void report_flow_json(const struct call *call, const struct view_flow *flow, size_t number);
void report_flows_end_text(const struct call *call, size_t count);
void report_flows_end_json(const struct call *call, size_t count);

/* In view/stats.c. */
void report_stats_text(const struct call *call, const struct view *view, const struct view *before,
		       double seconds);

/* In view/notes.c: what the status has no column for. */
void report_notes(const struct call *call, const struct view *view);

/* In view/print_text.c: of a backend that does not take part; NULL: it does. */
const char *report_backend_color(const struct lb_backend_config *config);

/* In commands/print_probe.c. */
void report_probe_text(const struct call *call, const struct report_probe *probe);
void report_probe_json(const struct call *call, const struct report_probe *probe);

/* In commands/print_check.c. The last probe, among other lines about a backend. */
void report_vital(const struct lb_vital *vital);
void report_check_text(const struct call *call, const struct report_check *check, size_t number);
void report_check_json(const struct call *call, const struct report_check *check, size_t number);
void report_checks_end_text(const struct call *call, size_t count);
void report_checks_end_json(const struct call *call, size_t count);

/* In view/feedback_print.c: what feedback has come to, and why. */
void report_factor_text(const struct lb_factor *factor, __u8 feedback);
struct json_t *report_factor_json(const struct lb_factor *factor);

/* In commands/print_events.c; the line is what a log has as well. */
void report_event_line(FILE *stream, const struct lb_event *event);
void report_event_text(const struct call *call, const struct lb_event *event, size_t number);
void report_event_json(const struct call *call, const struct lb_event *event, size_t number);
void report_events_end_text(const struct call *call, size_t count);
void report_events_end_json(const struct call *call, size_t count);
/* And config/print_diff.c. */
void report_difference_text(const struct call *call, const struct difference *difference,
			    size_t number);
void report_difference_json(const struct call *call, const struct difference *difference,
			    size_t number);
void report_differences_end_text(const struct call *call, size_t count);
void report_differences_end_json(const struct call *call, size_t count);

/*
 * As JSON text for the web, of which the caller is the owner; NULL: no memory. The status, and
 * the same with what the time since `before` brought (NULL: that is not known) and what a
 * page shows beside it.
 */
char *report_status_dump(const struct view *view);
char *report_live_dump(const struct view *view, const struct view *before, double seconds,
		       const char *instance);

/*
 * In config/print_schema.c: the schema of a verb's answers, or of all (NULL), which is JSON either way.
 * Returns -1 when there is no memory.
 */
int report_schema(const struct call *call, const struct verb *verb);

static inline const struct report *report_of(const struct call *call)
{
	return call->globals.json ? &report_json : &report_text;
}

#endif
