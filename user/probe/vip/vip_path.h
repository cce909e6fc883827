/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Detours: TCP connections to a service's VIP at a backend of one's choice, by the way that
 * the service's packets go there (dsr, ipip, gue), where many hosts have the same VIP.
 *
 *      our socket, in a namespace of its own      own address:port > VIP:port
 *           | TUN                                       us: another source, a carrier
 *      to the backend                             host's address:port > VIP:port
 *      and back, past any program                 VIP:port > host's address:port
 *           | caught, and not seen by the host's TCP
 *      our socket
 *
 * Nothing of it is in the host's configuration, and nothing is left when the process ends: no
 * route, no rule, no interface. It sees no packets but those for its own ports, which
 * the kernel was asked for.
 *
 * A way is one connection's, and whoever opened it owns it.
 */
#ifndef PROBE_VIP_VIP_PATH_H
#define PROBE_VIP_VIP_PATH_H

#include <linux/types.h>

#include "base/loop.h"

struct detour;
struct detour_way;

/* All that return int: 0 (or what is said), or negative errno. The loop must outlive the detour. */
int detour_create(struct loop *loop, struct detour **detour);

/* After all of its ways are closed. */
void detour_free(struct detour *detour);

/* -EAGAIN: as many ways are open as there can be. */
int detour_open(struct detour *detour, const __u64 vip[2], const __u64 backend[2], __u8 forward,
		struct detour_way **way);
void detour_close(struct detour_way *way);

/* A TCP socket that is to connect to the VIP, and is the caller's; does not block. */
int detour_socket(const struct detour_way *way);

#endif
