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

struct vip_path;
struct vip_connection;

/* All that return int: 0 (or what is said), or negative errno. The loop must outlive the detour. */
int vip_path_create(struct loop *loop, struct vip_path **vip_path);

/* After all of its ways are closed. */
void vip_path_free(struct vip_path *vip_path);

/* -EAGAIN: as many ways are open as there can be. */
int vip_connection_open(struct vip_path *vip_path, const __u64 vip[2], const __u64 backend[2],
			__u8 forward, struct vip_connection **connection);
void vip_connection_close(struct vip_connection *connection);

/* A TCP socket that is to connect to the VIP, and is the caller's; does not block. */
int vip_connection_socket(const struct vip_connection *connection);

#endif
