/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Probe engine: starts, times out, cancels and reports probes. A probe is one attempt of a
 * check at one target.
 *
 * An engine runs any number of probes concurrently on a loop. Each probe ends with exactly one
 * report, or is cancelled. The report never comes from within probe_start(), and comes no later
 * than the check's timeout, whatever the target does. Memory is bounded: headers, body
 * and command output are read up to PROBE_RESPONSE_BYTES each.
 *
 * Probes use numeric addresses only: no name lookup, no proxy, no redirect. A probe owns what
 * it opens. The check and the target's service name must stay valid until it has ended.
 */
#ifndef PROBE_ENGINE_H
#define PROBE_ENGINE_H

#include "base/loop.h"
#include "model/check_spec.h"
#include "probe/types.h"

struct probe;
struct probe_engine;

/* Returns 0 or a negative errno. The loop must outlive the engine. */
int probe_engine_create(struct loop *loop, struct probe_engine **engine);

/* Cancels all running probes. */
void probe_engine_free(struct probe_engine *engine);

/*
 * Starts a probe. `*probe` can be cancelled until `done` is called. Returns 0, or a negative
 * errno if this host cannot start it (memory, privileges). Later failures are reported.
 */
int probe_start(struct probe_engine *engine, const struct check *check,
		const struct probe_target *target, probe_done done, void *owner,
		struct probe **probe);

/* Ends a probe without a report. NULL is allowed. */
void probe_cancel(struct probe *probe);

#endif
