/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A road for real packets: clients, the balancer and the servers, each in a
 * network namespace of its own.
 *
 *     [client] -- front [balancer] back -- [server: 10.2.0.11, 10.2.0.12, 10.2.0.13]
 *
 * The namespaces have no names, and are gone with this process.
 */
#ifndef BENCH_VETH_PATH_H
#define BENCH_VETH_PATH_H

#define VETH_PATH_SERVERS      3
#define VETH_PATH_SERVER_FIRST 11

struct veth_path {
	int clients;
	int instance;
	int servers;
};

/* Makes a road, and the balancer's end of it the caller's network namespace. */
void veth_path_open(struct veth_path *veth_path);

#endif
