/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The probe kinds, as the engine's table lists them.
 */
#ifndef PROBE_KINDS_H
#define PROBE_KINDS_H

struct probe_command;
struct probe_kind;

extern const struct probe_kind probe_ping;
extern const struct probe_kind probe_tcp;
extern const struct probe_kind probe_http;
extern const struct probe_kind probe_exec;

/* Reaps killed commands, waiting a bounded time for each, and frees the list. */
void probe_commands_free(struct probe_command *first);

#endif
