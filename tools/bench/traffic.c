// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "core/process.h"
#include "harness/exchange.h"
#include "traffic.h"

#define BATCH	     64
#define CLIENTS	     262144
#define PORT	     8080
#define BUFFER	     (256 << 20) /* bytes: a receiver that waits for the CPU loses no packet */
#define SLEEP_NS     50000
#define SETTLE_TRIES 100

/* Shared by three processes. Each word has one writer, except for resets while idle. */
struct traffic {
	unsigned int rate; /* packets per second */
	unsigned long epoch; /* counts changes of the rate */
	unsigned long idle; /* the last epoch in which the sender was idle */
	unsigned long sent;
	unsigned long received;
};

static unsigned long load(const unsigned long *word)
{
	return __atomic_load_n(word, __ATOMIC_ACQUIRE);
}

static void store(unsigned long *word, unsigned long value)
{
	__atomic_store_n(word, value, __ATOMIC_RELEASE);
}

static void sleep_briefly(void)
{
	const struct timespec time = {.tv_nsec = SLEEP_NS};

	nanosleep(&time, NULL);
}

static void pin_to_cpu(unsigned int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	sched_setaffinity(0, sizeof(set), &set);
}

static int client_socket(const struct veth_path *veth_path)
{
	struct sockaddr_ll address = {.sll_family = AF_PACKET};
	int fd;

	testnet_enter_namespace(veth_path->clients);
	fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
	address.sll_ifindex = if_nametoindex("client");
	if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof(address)))
		process_bail("client: %s", strerror(errno));
	testnet_enter_namespace(veth_path->instance);
	return fd;
}

static int server_socket(const struct veth_path *veth_path)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(PORT)};
	int size = BUFFER, fd;

	testnet_enter_namespace(veth_path->servers);
	fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)) ||
	    bind(fd, (struct sockaddr *)&address, sizeof(address)))
		process_bail("server: %s", strerror(errno));
	testnet_enter_namespace(veth_path->instance);
	return fd;
}

static void build_packet(struct packet *packet, __u32 client)
{
	struct packet_spec spec = {.source = exchange_client(false, client % CLIENTS),
				   .destination = endpoint("192.0.2.10", 80),
				   .protocol = IPPROTO_UDP,
				   .ttl = 64,
				   .payload = 22};

	testnet_mac_address(1, 1, spec.to);
	testnet_mac_address(1, TESTNET_GATEWAY, spec.from);
	packet_build(&spec, packet);
}

static unsigned int send_batch(int fd, unsigned long first, unsigned int count)
{
	static struct packet packets[BATCH];
	struct mmsghdr messages[BATCH] = {0};
	struct iovec parts[BATCH];
	int sent;

	for (unsigned int i = 0; i < count; i++) {
		build_packet(&packets[i], first + i);
		parts[i] = (struct iovec){packets[i].bytes, packets[i].length};
		messages[i].msg_hdr.msg_iov = &parts[i];
		messages[i].msg_hdr.msg_iovlen = 1;
	}
	sent = sendmmsg(fd, messages, count, 0);
	return sent < 0 ? 0 : sent;
}

static unsigned long due(const struct timespec *begin, unsigned int rate)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return ((now.tv_sec - begin->tv_sec) + (now.tv_nsec - begin->tv_nsec) / 1e9) * rate;
}

/* Sends at a constant rate until the epoch changes. */
static void send_at_rate(struct traffic *traffic, int fd, unsigned int rate, unsigned long epoch)
{
	struct timespec begin;
	unsigned long done = 0;

	clock_gettime(CLOCK_MONOTONIC, &begin);
	while (load(&traffic->epoch) == epoch) {
		unsigned long missing = due(&begin, rate) - done;

		if (!missing) {
			sleep_briefly();
			continue;
		}
		missing = send_batch(fd, load(&traffic->sent), missing < BATCH ? missing : BATCH);
		done += missing;
		store(&traffic->sent, load(&traffic->sent) + missing);
	}
}

static void send_forever(struct traffic *traffic, int fd)
{
	for (;;) {
		unsigned long epoch = load(&traffic->epoch);
		unsigned int rate = __atomic_load_n(&traffic->rate, __ATOMIC_RELAXED);

		if (rate)
			send_at_rate(traffic, fd, rate, epoch);
		else
			store(&traffic->idle, epoch);
		sleep_briefly();
	}
}

static void receive_forever(struct traffic *traffic, int fd)
{
	static char bytes[BATCH][64];
	struct mmsghdr messages[BATCH] = {0};
	struct iovec parts[BATCH];

	for (unsigned int i = 0; i < BATCH; i++) {
		parts[i] = (struct iovec){bytes[i], sizeof(bytes[i])};
		messages[i].msg_hdr.msg_iov = &parts[i];
		messages[i].msg_hdr.msg_iovlen = 1;
	}
	for (;;) {
		int received = recvmmsg(fd, messages, BATCH, MSG_WAITFORONE, NULL);

		if (received > 0)
			store(&traffic->received, load(&traffic->received) + received);
	}
}

static void start_process(void (*work)(struct traffic *, int), struct traffic *traffic, int fd,
			  unsigned int cpu)
{
	pid_t parent = getpid();

	if (fork())
		return;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	signal(SIGINT, SIG_DFL);
	signal(SIGTERM, SIG_DFL);
	pin_to_cpu(cpu);
	if (getppid() == parent)
		work(traffic, fd);
	_exit(0);
}

struct traffic *traffic_open(const struct veth_path *veth_path)
{
	struct traffic *traffic = mmap(NULL, sizeof(*traffic), PROT_READ | PROT_WRITE,
				       MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	unsigned int cpus = sysconf(_SC_NPROCESSORS_ONLN);

	if (traffic == MAP_FAILED)
		process_bail("traffic: %s", strerror(errno));
	start_process(send_forever, traffic, client_socket(veth_path), cpus - 1);
	start_process(receive_forever, traffic, server_socket(veth_path), 0);
	return traffic;
}

void traffic_set_rate(struct traffic *traffic, unsigned int rate)
{
	__atomic_store_n(&traffic->rate, rate, __ATOMIC_RELAXED);
	store(&traffic->epoch, traffic->epoch + 1);
}

unsigned long traffic_sent(const struct traffic *traffic)
{
	return load(&traffic->sent);
}

struct traffic_count traffic_stop(struct traffic *traffic)
{
	struct traffic_count count;

	traffic_set_rate(traffic, 0);
	while (load(&traffic->idle) != traffic->epoch)
		sleep_briefly();
	count.sent = load(&traffic->sent);
	for (unsigned int quiet = 0; quiet < SETTLE_TRIES; quiet++) {
		count.received = load(&traffic->received);
		if (count.received >= count.sent)
			break;
		usleep(10000);
		if (load(&traffic->received) != count.received)
			quiet = 0;
	}
	count.clients = count.sent < CLIENTS ? count.sent : CLIENTS;
	store(&traffic->sent, 0);
	store(&traffic->received, 0);
	return count;
}
