// SPDX-License-Identifier: GPL-2.0-only
#include "input_generator.h"

#include "kernel_mock.h"
#include "packets/packet_generator.h"

/* Mostly fair: little time passes, there is a route, and room before the packet. */
void draw_weather(struct dice *dice, struct step *step)
{
	step->time = dice_one_in(dice, 4) ? dice_word(dice) : 0;
	step->route = dice_one_in(dice, 4) ? dice_word(dice) : dice_word(dice) & 0x10;
	step->headroom = dice_one_in(dice, 8) ? dice_word(dice) : 255;
	step->luck = dice_word(dice);
	if (dice_one_in(dice, 8))
		step->flags ^= STEP_OTHER_CPU;
}

void draw_packet(struct dice *dice, struct step *step, struct packet *packet)
{
	unsigned int net = variety_draw_any(dice, packet);

	if (packet->length > KERNEL_PACKET_MAX)
		packet->length = KERNEL_PACKET_MAX;
	*step = (struct step){
		.flags = net == 2 ? STEP_BEHIND : 0,
		.length = packet->length,
	};
	draw_weather(dice, step);
}

void draw_answer(struct dice *dice, struct step *step)
{
	static const __u8 flags[] = {TCP_SYN | TCP_ACK, TCP_SYN | TCP_ACK, TCP_ACK,
				     TCP_FIN | TCP_ACK, TCP_RST};

	*step = (struct step){
		.flags = STEP_ANSWER | (dice_one_in(dice, 2) ? STEP_BEHIND : 0),
		.tcp_flags = dice_pick(dice, flags),
	};
	draw_weather(dice, step);
}
