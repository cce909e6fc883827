/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * VIP path: TCP connections to a VIP at one chosen backend, along the path that the service's
 * packets take in dsr, ipip and gue mode. Many backends have the same VIP, so an ordinary
 * socket cannot select one.
 *
 *   probe (engine.c)
 *     |  vip_connection_socket(): a TCP socket, bound to tap port P, made by
 *     |  private_netns, which gets it from the process in the namespace (netns_helper)
 *     v
 *  +-- private network namespace ----------------------+
 *  |  the kernel's TCP:  TUN address:P <-> VIP:port     |
 *  |                     TUN device                     |
 *  +------------^----------------------|---------------+
 *       inbound |                      | outbound
 *   destination |                      | source
 *     TUN       |      vip_path        | this host's
 *     address:P |                      | address:P        tcp_packet parses, rewrites
 *               |                      |                  addresses and checksums
 *        +------+-----+        +-------v------+
 *        |  port_tap  |        | encap_sender |
 *        +------^-----+        +-------|------+
 *               |                      | frame to the backend's MAC (dsr), IPIP or GUE
 *  .............|......................|................ the host's interfaces
 *               |                      v
 *   VIP:port -> host address:P     host address:P -> VIP:port
 *               |                      |
 *               +------ backend <------+
 *
 * port_tap reserves port P on the host and captures the replies, so that the host's own TCP
 * does not reset the connection. Replies come directly from the backend (direct server return).
 *
 * The host's configuration is unchanged: no route, no rule, no interface. The kernel removes
 * everything when the process ends. Socket filters keep packets of other ports away.
 *
 * A connection has one port of the tap. The caller of vip_connection_open() owns the connection.
 */
#ifndef PROBE_VIP_VIP_PATH_H
#define PROBE_VIP_VIP_PATH_H

#include <linux/types.h>

#include "base/loop.h"

struct vip_path;
struct vip_connection;

/*
 * Creates the namespace and the sockets. Returns 0 or a negative errno. The loop must outlive
 * the path.
 */
int vip_path_create(struct loop *loop, struct vip_path **vip_path);

/* All connections must be closed before. NULL is allowed. */
void vip_path_free(struct vip_path *vip_path);

/*
 * Reserves a port for a connection to `vip` at `backend`. Returns 0, -EAGAIN if all ports are in
 * use, -EADDRNOTAVAIL if this host has no source address for the VIP's IP version, or another
 * negative errno.
 */
int vip_connection_open(struct vip_path *vip_path, const __u64 vip[2], const __u64 backend[2],
			__u8 forward, struct vip_connection **connection);

/* NULL is allowed. */
void vip_connection_close(struct vip_connection *connection);

/*
 * A non-blocking TCP socket to connect to the VIP. Returns the descriptor, which the caller owns,
 * or a negative errno.
 */
int vip_connection_socket(const struct vip_connection *connection);

#endif
