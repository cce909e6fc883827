/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the kinds of probes share with the engine, and nobody else knows.
 *
 * A kind has one start and one stop. start() tries as far as it gets without waiting,
 * and keeps what it holds in probe->own; stop() lets go of all of that. Between the two it
 * reports by probe_end(), and goes on until stop() tells it not to.
 */
#ifndef PROBE_KIND_H
#define PROBE_KIND_H

#include <sys/socket.h>

#include "probe/engine.h"
#include "probe/vip/vip_path.h"

struct epoll_set;
struct request_pool; /* HTTP's, to be used again */
struct probe_multi; /* what all HTTP probes of an engine share */
struct probe_command; /* a command that runs, or is waited for */

struct probe_kind {
	void (*start)(struct probe *probe);
	void (*stop)(struct probe *probe);
};

struct probe_engine {
	struct loop *loop;
	struct probe *first; /* of all that run */
	struct epoll_set *epoll_set; /* connections that are under way */
	struct probe_multi *multi; /* NULL until the first needs it */
	struct request_pool *request_pool; /* NULL until the first needs them */
	struct probe_command *commands;
	struct vip_path *vip_path; /* NULL until the first needs it */
};

struct probe {
	struct probe_engine *engine;
	struct probe *previous, *next;
	const struct check *check;
	struct probe_target target;
	__u64 dest_address[2]; /* the address to connect to: the backend's, or a VIP by a detour */
	struct vip_connection *connection; /* NULL: straight there */
	const struct probe_kind *kind;
	void *priv; /* the kind's */
	struct loop_timer *timer; /* its end, in time or at once */
	probe_done done;
	void *owner;
	__u64 started_ns;
	const char *timeout_reason; /* what for, told when time is up */
	bool extended; /* beyond its timeout */
	bool finished; /* the report is complete, and about to be told */
	struct probe_report report;
};

/* Where the probe goes, as sockets have it. */
struct probe_sockaddr {
	struct sockaddr_storage address;
	socklen_t length;
};

void probe_sockaddr(const struct probe *probe, struct probe_sockaddr *dest);

/*
 * A TCP socket to there, which does not block, and is reset rather than left to wait when it is
 * closed. Returns it, or negative errno.
 */
int probe_socket(const struct probe *probe, struct probe_sockaddr *dest);

/* Microseconds since the beginning; at least 1, as 0 says that there is no such moment. */
__u32 probe_elapsed_us(const struct probe *probe);

/* Its end, for this reason; told from the loop, very soon. */
__attribute__((format(printf, 3, 4))) void probe_end(struct probe *probe, bool passed,
						     const char *format, ...);

/* The same for a system call that failed: "connect: Connection refused". */
void probe_fail(struct probe *probe, const char *what, int error);

extern const struct probe_kind probe_ping;
extern const struct probe_kind probe_tcp;
extern const struct probe_kind probe_http;
extern const struct probe_kind probe_exec;

/* Waits for their ends, but not forever. */
void probe_commands_free(struct probe_command *first);

#endif
