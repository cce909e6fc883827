/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Reports: what lbctl answers, for people (tables) or for scripts (JSON).
 *
 * Two implementations of one interface; only they know how either is written.
 * Data goes to standard output and problems to standard error. The JSON's fields
 * are a contract: they are only ever added to.
 */
#ifndef REPORT_H
#define REPORT_H

#include "verb.h"
#include "view.h"

struct difference;

struct report {
	void (*problem)(const struct call *call);
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
	void (*flow_count)(const struct call *call, size_t count);
};

extern const struct report report_text;
extern const struct report report_json;

/* In a file of their own, report_flow.c. */
void report_flow_text(const struct call *call, const struct view_flow *flow, size_t number);
void report_flow_json(const struct call *call, const struct view_flow *flow, size_t number);
void report_flows_end_text(const struct call *call, size_t count);
void report_flows_end_json(const struct call *call, size_t count);

/* And report_difference.c. */
void report_difference_text(const struct call *call, const struct difference *difference,
			    size_t number);
void report_difference_json(const struct call *call, const struct difference *difference,
			    size_t number);
void report_differences_end_text(const struct call *call, size_t count);
void report_differences_end_json(const struct call *call, size_t count);

static inline const struct report *report_of(const struct call *call)
{
	return call->globals.json ? &report_json : &report_text;
}

#endif
