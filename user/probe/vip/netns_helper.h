/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Who sits in a network of its own, furnishes it, and hands out what is made there: first its TUN
 * device, then a TCP socket for each address family that it is sent. A process, as one that
 * has no might over namespaces cannot go in and out.
 *
 * It is a child of the process that it works for, or, where that may not make a network, a program of
 * its own that the service manager has put into one (user/systemd/netns_helper_main.c).
 */
#ifndef PROBE_VIP_NETNS_HELPER_H
#define PROBE_VIP_NETNS_HELPER_H

/* Addresses of the device in there: of link-local and of local use, the latter drawn by lot (RFC 4193). */
#define TUN_IPV4_TEXT "169.254.196.31"
#define TUN_IPV6_TEXT "fd3e:9c41:d06b::1"

/* Works until the other side of `way` lets go of it. 0, or negative errno. */
int netns_helper_run(int channel);

#endif
