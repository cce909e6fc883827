/* SPDX-License-Identifier: GPL-2.0-only */
/* What attach, detach, upgrade and decap share: error messages of XDP, --mode, interfaces. */
#ifndef CLI_XDP_ERRORS_H
#define CLI_XDP_ERRORS_H

#include "cli/command.h"
#include "datapath/attach.h"
#include "store/store.h"

/*
 * Records the problem of a datapath function, with the messages of libbpf and the kernel. `what`
 * is the interface or the failed step. Returns the exit code.
 */
int xdp_problem(struct call *call, int error, const char *what);

/* Records the number of receive queues of an interface at the time it got the program. */
void xdp_update_rx_queues(const struct store *store, const char *name, __u32 ifindex);

/* Reads --mode. Returns 0, or the exit code of call->problem. */
int xdp_parse_mode(struct call *call, enum datapath_mode *mode);

/* Is the interface among the arguments of the call? Without arguments, all are. */
bool call_names_interface(const struct call *call, const char *name);

#endif
