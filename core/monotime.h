/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_CORE_MONOTIME_H
#define VOTEPOST_CORE_MONOTIME_H

#include <pthread.h>
#include <stdint.h>
#include <time.h>

/*
 * monotime - waiting by a clock that nobody sets back.
 */
uint64_t monotime_ms(void);

/* So many milliseconds from now, for pthread_cond_timedwait on a condition of monotime_cond. */
struct timespec monotime_in(uint64_t ms);
void monotime_cond(pthread_cond_t *cond);

#endif
