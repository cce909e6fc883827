/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the program says itself, in packets of its own making: answers to pings, and that
 * a packet is too big. Both go back whence the packet came.
 */
#ifndef TEST_LIB_ORACLE_ORACLE_GENERATED_H
#define TEST_LIB_ORACLE_ORACLE_GENERATED_H

#include "oracle/oracle.h"

/* Both: NULL, or what is wrong. */
const char *notice_of_ping(const struct shot *shot);
const char *notice_of_size(const struct shot *shot);
const char *notice_of_end(const struct shot *shot); /* of a connection */

#endif
