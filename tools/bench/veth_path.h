/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Path for real packets: clients, balancer and servers in network namespaces of their own,
 * connected by veth devices.
 *
 *     [client] -- front [balancer] back -- [server: 10.2.0.11, 10.2.0.12, 10.2.0.13]
 *
 * The namespaces have no names; the kernel removes them when this process ends.
 */
#ifndef BENCH_VETH_PATH_H
#define BENCH_VETH_PATH_H

#define VETH_PATH_SERVERS      3
#define VETH_PATH_SERVER_FIRST 11

/* Descriptors of the namespaces. */
struct veth_path {
	int clients;
	int instance;
	int servers;
};

/* Creates the path and enters the balancer's namespace. */
void veth_path_open(struct veth_path *veth_path);

#endif
