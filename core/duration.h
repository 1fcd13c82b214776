/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_CORE_DURATION_H
#define VOTEPOST_CORE_DURATION_H

#include <stdint.h>

/*
 * duration - how long something takes, for people: as exactly as they need it.
 */
#define DURATION_TEXT 40

/* "1 second", "12 minutes", "9 h 20", "3 days 4 h" */
void duration_write(char out[DURATION_TEXT], uint64_t seconds);

#endif
