/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Interface between the probe engine and the probe kinds (tcp, http, ping, exec). Private to
 * both.
 *
 * start() goes as far as it can without blocking and keeps its resources in probe->priv. stop()
 * frees them. In between, the kind reports its result with probe_end() or probe_fail(), and
 * keeps running until the engine calls stop().
 */
#ifndef PROBE_KIND_H
#define PROBE_KIND_H

#include "base/loop.h"
#include "base/socket_address.h"
#include "model/check_spec.h"
#include "probe/types.h"
#include "probe/vip/vip_path.h"

struct epoll_set;
struct probe;
struct request_pool; /* http_request.h */
struct probe_multi; /* curl_multi.h */
struct probe_command; /* exec.c */

struct probe_kind {
	bool uses_vip; /* connects to the VIP where the forwarding mode keeps it */
	void (*start)(struct probe *probe);
	void (*stop)(struct probe *probe);
};

struct probe_engine {
	struct loop *loop;
	struct probe *first; /* list of all running probes */
	struct epoll_set *epoll_set; /* sockets of tcp and http probes */
	struct probe_multi *multi; /* NULL until first used */
	struct request_pool *request_pool; /* NULL until first used */
	struct probe_command *commands; /* running, or killed and not reaped */
	struct vip_path *vip_path; /* NULL until first used */
};

struct probe {
	struct probe_engine *engine;
	struct probe *previous, *next;
	const struct check *check;
	struct probe_target target;
	__u64 dest_address[2]; /* to connect to: the backend, or the VIP along its path */
	struct vip_connection *connection; /* NULL: a direct connection */
	const struct probe_kind *kind;
	void *priv; /* owned by the kind */
	struct loop_timer *timer; /* timeout, or immediate once finished */
	probe_done done;
	void *owner;
	__u64 started_ns;
	const char *timeout_reason; /* the current phase, reported on timeout */
	bool extended; /* the timeout was extended once */
	bool finished; /* the report is complete, and delivered on the next timer */
	struct probe_report report;
};

/* The address and port to connect to. */
void probe_dest(const struct probe *probe, struct socket_address *dest);

/*
 * A non-blocking TCP socket for `dest`, which is filled in. Closing it resets the connection,
 * which leaves no TIME_WAIT. Returns the descriptor, which the caller owns, or a negative errno.
 */
int probe_socket(const struct probe *probe, struct socket_address *dest);

/* Microseconds since the start; at least 1, because 0 means "not reached". */
__u32 probe_elapsed_us(const struct probe *probe);

/* Ends the probe with this result and reason. The report is delivered from the loop. */
__attribute__((format(printf, 3, 4))) void probe_end(struct probe *probe, bool passed,
						     const char *format, ...);

/*
 * Ends the probe because a system call failed: "connect: Connection refused". Sets not_tried if
 * the error is local to this host.
 */
void probe_fail(struct probe *probe, const char *what, int error);

#endif
