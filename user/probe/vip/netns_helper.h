/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Network namespace helper: runs in a private network namespace, configures its TUN device, and
 * passes descriptors to its client: first the TUN device, then one TCP socket per request. It
 * is a separate process because an unprivileged process cannot switch namespaces.
 *
 * It is a child of its client, or, if the client may not create namespaces, a separate program that
 * the service manager starts in one (user/systemd/netns_helper_main.c).
 */
#ifndef PROBE_VIP_NETNS_HELPER_H
#define PROBE_VIP_NETNS_HELPER_H

/* Addresses of the TUN device: link-local, and unique local with a random prefix (RFC 4193). */
#define TUN_IPV4_TEXT "169.254.196.31"
#define TUN_IPV6_TEXT "fd3e:9c41:d06b::1"

/*
 * Serves requests until the client closes `channel`. Returns 0 or a negative errno. A request is
 * a number, the address family; see base/fd_passing.h.
 */
int netns_helper_run(int channel);

#endif
