// SPDX-License-Identifier: GPL-2.0-only
/*
 * Flow limits (--max-flows) and bounded loads (--load-factor). A backend at its limit gets no new
 * flow, whatever the scheduler selects.
 */
#include <linux/bpf.h>
#include <stdio.h>

#include "harness/expect.h"
#include "harness/test_env.h"

static struct env env;
static __u32 client = 1;

/* Begins a flow. Returns the host it was sent to, 0 if it was refused as overload. */
static unsigned int begin(struct exchange *exchange, unsigned int service, bool v6, __u32 from)
{
	struct verdict verdict;

	*exchange = env_exchange(&env, service, v6, IPPROTO_TCP, from);
	if (exchange_send_request(exchange, TCP_SYN, &verdict))
		return exchange_host(exchange);
	return verdict.increments.count[LB_OVERLOADED] == 1 && verdict.action == XDP_DROP ? 0 : 255;
}

static void end(struct exchange *exchange)
{
	struct verdict verdict;

	exchange_send_request(exchange, TCP_RST | TCP_ACK, &verdict);
}

static void open_service(const char *name, unsigned int number, bool v6, const char *flags,
			 const char *const *limits, unsigned int backends)
{
	env_add_service(&env, name, number, v6, IPPROTO_TCP, flags);
	for (unsigned int i = 0; i < backends; i++)
		env_add_backend(&env, name, v6, 2, 11 + i, limits ? limits[i] : "");
}

/* Limits of 2, 3 and 4 flows. When all are used, new flows are refused until one ends. */
static void backends_fill_up(const char *scheduler, unsigned int number, bool v6)
{
	static const char *const limits[] = {"--max-flows 2", "--max-flows 3", "--max-flows 4"};
	struct exchange exchanges[10];
	unsigned int tally[256] = {0}, ended;
	char name[32], flags[64];

	snprintf(name, sizeof(name), "%s-%u", scheduler, number);
	snprintf(flags, sizeof(flags), "--scheduler %s", scheduler);
	open_service(name, number, v6, flags, limits, 3);
	for (unsigned int i = 0; i < 9; i++)
		tally[begin(&exchanges[i], number, v6, client++)]++;
	ok(tally[11] == 2 && tally[12] == 3 && tally[13] == 4,
	   "%s, IPv%u: limits of 2, 3 and 4 are used fully", scheduler, v6 ? 6 : 4);
	is_int(begin(&exchanges[9], number, v6, client++), 0, "a new flow is refused");
	ended = exchange_host(&exchanges[5]);
	end(&exchanges[5]);
	is_int(begin(&exchanges[5], number, v6, client++), ended,
	       "after a flow ends, its backend gets a new one");
	is_int(begin(&exchanges[9], number, v6, client++), 0, "a second new flow is refused");
}

/* A backend without a limit gets the overflow of limited ones. */
static void unlimited_backend_gets_rest(void)
{
	static const char *const limits[] = {"--max-flows 5", "", ""};
	unsigned int tally[256] = {0}, established = 0;
	struct exchange exchanges[60], again;

	open_service("over", 20, false, "--scheduler rr", limits, 3);
	for (unsigned int i = 0; i < 60; i++)
		tally[begin(&exchanges[i], 20, false, client++)]++;
	is_int(tally[11], 5, "a backend with a limit of 5 gets 5 flows");
	is_int(tally[12] + tally[13], 55, "the other backends get the rest");
	for (unsigned int i = 0; i < 60; i++) {
		struct verdict verdict;
		unsigned int before = exchange_host(&exchanges[i]);

		established += exchange_send_request(&exchanges[i], TCP_ACK, &verdict) &&
			       exchange_host(&exchanges[i]) == before;
	}
	is_int(established, 60, "every flow stays");
	instance_must_run(&env.instance, "backend add over 10.2.0.11:8080 --max-flows 8 --update");
	for (unsigned int i = 0; i < 60; i++)
		tally[begin(&again, 20, false, client++)]++;
	is_int(tally[11], 8, "a higher limit admits more flows");
	instance_must_run(&env.instance, "backend add over 10.2.0.11:8080 --max-flows 0 --update");
	for (unsigned int i = 0; i < 30; i++)
		tally[begin(&again, 20, false, client++)]++;
	is_int(tally[11], 18, "without a limit the backend gets its share");
}

/* One client address, which is hashed to one backend. Its flows overflow in a fixed order. */
static void load_is_bounded(const char *scheduler, unsigned int number, const char *factor,
			    unsigned int milli)
{
	unsigned int tally[256] = {0}, beyond = 0, refused = 0;
	char name[32], flags[96];
	struct exchange exchange;

	snprintf(name, sizeof(name), "%s-%u", scheduler, number);
	snprintf(flags, sizeof(flags), "--scheduler %s --load-factor %s", scheduler, factor);
	open_service(name, number, false, flags, NULL, 4);
	for (unsigned int i = 0; i < 400; i++) {
		unsigned int host = begin(&exchange, number, false, (number << 15) + i);
		unsigned int most = (milli * (i + 1) + 3999) / 4000; /* rounded up */

		tally[host]++;
		refused += host < 11 || host > 14;
		beyond += tally[host] > most;
	}
	is_int(refused, 0, "%s, load factor %s: no flow is refused", scheduler, factor);
	is_int(beyond, 0, "no backend ever exceeds factor times its share");
	diag("%u %u %u %u", tally[11], tally[12], tally[13], tally[14]);
	is_int(instance_service_id(&env.instance, name)
		       ? env.instance.services[instance_service_id(&env.instance, name)].flows
		       : 0,
	       400, "all flows of the service are counted");
}

static void limits_follow_weights(void)
{
	static const char *const weights[] = {"--weight 6", "--weight 3", "--weight 1"};
	unsigned int tally[256] = {0};
	struct exchange exchange;

	open_service("shares", 30, false, "--scheduler source --load-factor 1.1", weights, 3);
	for (unsigned int i = 0; i < 1000; i++)
		tally[begin(&exchange, 30, false, (30U << 15) + i)]++;
	ok(tally[11] <= 660 && tally[12] <= 330 && tally[13] <= 110 && !tally[0],
	   "with weights 6/3/1, each stays within 1.1 shares");
	diag("%u %u %u", tally[11], tally[12], tally[13]);
	instance_must_run(&env.instance, "service set shares --load-factor off");
	tally[11] = tally[12] = tally[13] = 0;
	for (unsigned int i = 0; i < 100; i++)
		tally[begin(&exchange, 30, false, (30U << 15) + 2000 + i)]++;
	ok(tally[11] == 100 || tally[12] == 100 || tally[13] == 100,
	   "without a load factor one backend gets all flows");
}

/* A client moves from a full backend, and its next flows follow. */
static void clients_leave_full_backend(void)
{
	static const char *const limits[] = {"--max-flows 4", "--max-flows 4", "--max-flows 4"};
	struct exchange exchange;
	unsigned int changes = 0, last = 0;
	unsigned int tally[256] = {0};

	open_service("stay", 31, false, "--scheduler rr --persist source", limits, 3);
	for (unsigned int i = 0; i < 12; i++) {
		unsigned int host = begin(&exchange, 31, false, (31U << 15) + i);

		tally[host]++;
		changes += host != last;
		last = host;
	}
	ok(tally[11] == 4 && tally[12] == 4 && tally[13] == 4 && changes == 3,
	   "a client fills up one backend after the other");
	is_int(begin(&exchange, 31, false, (31U << 15) + 12), 0,
	       "the client's next flow is refused");
}

/* A packet that does not begin a flow is assigned by hash, without a limit. */
static void hash_is_not_limited(void)
{
	static const char *const limits[] = {"--max-flows 1"};
	struct exchange exchange;
	struct verdict verdict;

	open_service("tight", 32, false, "", limits, 1);
	begin(&exchange, 32, false, client++);
	exchange = env_exchange(&env, 32, false, IPPROTO_TCP, client++);
	ok(exchange_send_request(&exchange, TCP_ACK, &verdict),
	   "an untracked flow is admitted at the limit");
	is_int(env.instance
		       .loads[instance_backend_id(&env.instance,
						  instance_service_id(&env.instance, "tight"),
						  &exchange.backend)]
		       .flows,
	       2, "the flow is counted");
}

int main(void)
{
	env_open(&env, "--max-flows 65536");
	backends_fill_up("rr", 10, false);
	backends_fill_up("rr", 11, true);
	backends_fill_up("wrr", 12, false);
	backends_fill_up("random", 13, false);
	backends_fill_up("maglev", 14, false);
	backends_fill_up("source", 15, true);
	backends_fill_up("p2c", 16, false);
	backends_fill_up("lc", 17, false);
	unlimited_backend_gets_rest();
	load_is_bounded("source", 21, "1.25", 1250);
	load_is_bounded("source", 22, "2", 2000);
	load_is_bounded("maglev", 23, "1.01", 1010);
	load_is_bounded("random", 24, "1.05", 1050);
	limits_follow_weights();
	clients_leave_full_backend();
	hash_is_not_limited();
	return tap_done();
}
