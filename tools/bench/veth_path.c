// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>
#include <unistd.h>

#include "core/process.h"
#include "harness/testnet.h"
#include "veth_path.h"

/* Adds a veth device here, with its peer in another namespace. */
static void add_device(const char *name, unsigned int net, const char *peer, int netns)
{
	char commands[1024];

	snprintf(commands, sizeof(commands),
		 "link add %s address 02:00:00:00:%02x:01 type veth peer name %s netns "
		 "/proc/%d/fd/%d\n"
		 "link set %s up\naddress add 10.%u.0.1/24 dev %s\n",
		 name, net, peer, getpid(), netns, name, net, name);
	process_must_run("ip -batch -", commands);
}

/* If the balancer's receive ring is full, packets wait in the qdisc instead of being lost. */
static void set_up_clients(void)
{
	process_must_run("ip -batch -",
			 "link set client up\naddress add 10.1.0.254/24 dev client\n");
	process_must_run("tc qdisc replace dev client root pfifo limit 100000", NULL);
}

/* GRO turns on NAPI in the veth device, which it needs to receive redirected packets. */
static void set_up_servers(void)
{
	char commands[1024] = "link set server up\n";
	int used = sizeof("link set server up\n") - 1;

	for (unsigned int i = 0; i < VETH_PATH_SERVERS; i++)
		used += snprintf(commands + used, sizeof(commands) - used,
				 "address add 10.2.0.%u/24 dev server\n",
				 VETH_PATH_SERVER_FIRST + i);
	process_must_run("ip -batch -", commands);
	process_must_run("ip route add default via 10.2.0.1", NULL);
	process_must_run("ethtool -K server gro on", NULL);
}

void veth_path_open(struct veth_path *veth_path)
{
	veth_path->clients = testnet_new_namespace();
	veth_path->instance = testnet_new_namespace();
	veth_path->servers = testnet_new_namespace();
	testnet_enter_namespace(veth_path->instance);
	testnet_set_sysctl("net/ipv4/ip_forward", "1");
	process_must_run("ip link set lo up", NULL);
	add_device("front", 1, "client", veth_path->clients);
	add_device("back", 2, "server", veth_path->servers);
	process_must_run("ip route add default via 10.1.0.254", NULL);
	testnet_enter_namespace(veth_path->clients);
	set_up_clients();
	testnet_enter_namespace(veth_path->servers);
	set_up_servers();
	testnet_enter_namespace(veth_path->instance);
}
