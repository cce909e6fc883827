/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Classic BPF socket filters.
 */
#ifndef PROBE_VIP_SOCKET_FILTER_H
#define PROBE_VIP_SOCKET_FILTER_H

#include <linux/filter.h>
#include <stddef.h>

/* Attaches or replaces the filter of a socket. Returns 0 or a negative errno. */
int socket_filter_attach(int fd, const struct sock_filter *code, size_t length);

/* Attaches a filter that drops every packet. Returns 0 or a negative errno. */
int socket_filter_drop_all(int fd);

#endif
