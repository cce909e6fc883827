/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Test network: a private network namespace with real routes and neighbours, so that the kernel
 * answers the program's route lookups.
 *
 *     clients ... gateway 10.1.0.254 -- front [balancer] back -- 10.2.0.11 ... 10.2.0.18
 *
* `front` and `back` are veth interfaces with peers in the same namespace. The default routes
 * lead to the gateway, and all clients are behind it. Every neighbour entry is permanent: host NN
 * of net M has the MAC address 02:00:00:00:0M:NN and the addresses 10.M.0.NN and fd0M::NN (in hex).
 * Net 1 has hosts with the backends' numbers too, for backends on the clients' side. Host 99 of net
 * 2 has a route, but no neighbour entry.
 *
 * The namespace has no name: it ends with its last descriptor.
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

/* Creates a test network and enters it. */
void testnet_open(struct testnet *testnet);

/* Enters the test network again. */
void testnet_enter(const struct testnet *testnet);

/* Returns the descriptor of a new unnamed network namespace. The caller stays in its own. */
int testnet_new_namespace(void);

/* Enters a namespace of testnet_new_namespace(). */
void testnet_enter_namespace(int netns);

/* MAC address of host `host` of net `net`; host 1 is the balancer. */
void testnet_mac_address(unsigned int net, unsigned int host, unsigned char address[6]);

/* Writes a sysctl of the caller's network namespace. */
void testnet_set_sysctl(const char *setting, const char *value);

#endif
