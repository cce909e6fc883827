/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A testnet: a private network namespace in which the balancer's program meets
 * real routes and neighbours, so that its questions to the kernel are answered
 * by the kernel.
 *
 *     clients ... gateway 10.1.0.254 -- front [balancer] back -- 10.2.0.11 ... 10.2.0.18
 *
 * `front` and `back` are veth devices whose other ends lie in the same
 * namespace. All clients are behind the gateway, by the default routes. Every
 * neighbour is permanent: host NN of net M has the hardware address
 * 02:00:00:00:0M:NN and the addresses 10.M.0.NN and fd0M::NN (in hex). Net 1 has
 * hosts of the backends' numbers too, for backends on the clients' side. Host 99
 * of net 2 has a route, but no neighbour.
 *
 * The namespace has no name: it is gone when the last descriptor is closed.
 */
#ifndef TEST_LIB_HARNESS_TESTNET_H
#define TEST_LIB_HARNESS_TESTNET_H

#define TESTNET_GATEWAY	      254
#define TESTNET_BACKEND_FIRST 11
#define TESTNET_BACKENDS      8
#define TESTNET_UNRESOLVED    99

struct testnet {
	int netns;
	unsigned int front; /* interface indices */
	unsigned int back;
};

/* Makes a testnet, and makes it the caller's network namespace. */
void testnet_open(struct testnet *testnet);

/* Makes the testnet the caller's network namespace again. */
void testnet_enter(const struct testnet *testnet);

/* Descriptor of a new network namespace without a name; the caller stays where it was. */
int testnet_new_namespace(void);

/* Makes a namespace of testnet_new_namespace() the caller's. */
void testnet_enter_namespace(int netns);

/* The hardware address of host `host` of net `net`; host 1 is the balancer. */
void testnet_mac_address(unsigned int net, unsigned int host, unsigned char address[6]);

/* Writes a setting below /proc/sys of the caller's network namespace. */
void testnet_set_sysctl(const char *setting, const char *value);

#endif
