// SPDX-License-Identifier: GPL-2.0-only
#include "input_generator.h"

#include "kernel_mock.h"
#include "random/packet_generator.h"

/* Mostly normal conditions: little time passes, a route exists, and there is headroom. */
void input_draw_conditions(struct prng *prng, struct step *step)
{
	step->time = prng_one_in(prng, 4) ? prng_next(prng) : 0;
	step->route = prng_one_in(prng, 4) ? prng_next(prng) : prng_next(prng) & 0x10;
	step->headroom = prng_one_in(prng, 8) ? prng_next(prng) : 255;
	step->random_seed = prng_next(prng);
	if (prng_one_in(prng, 8))
		step->flags ^= STEP_OTHER_CPU;
}

void input_draw_packet(struct prng *prng, struct step *step, struct packet *packet)
{
	unsigned int net = generator_draw_any(prng, packet);

	if (packet->length > KERNEL_PACKET_MAX)
		packet->length = KERNEL_PACKET_MAX;
	*step = (struct step){
		.flags = net == 2 ? STEP_BACK_DEVICE : 0,
		.length = packet->length,
	};
	input_draw_conditions(prng, step);
}

void input_draw_reply(struct prng *prng, struct step *step)
{
	static const __u8 flags[] = {TCP_SYN | TCP_ACK, TCP_SYN | TCP_ACK, TCP_ACK,
				     TCP_FIN | TCP_ACK, TCP_RST};

	*step = (struct step){
		.flags = STEP_REPLY | (prng_one_in(prng, 2) ? STEP_BACK_DEVICE : 0),
		.tcp_flags = prng_pick(prng, flags),
	};
	input_draw_conditions(prng, step);
}
