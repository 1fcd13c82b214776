/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_MAILER_PACE_H
#define VOTEPOST_MAILER_PACE_H

#include <stdint.h>

#include "mailer/conf.h"

/*
 * pace - how fast letters leave, and when one that was put off is tried again.
 */

/* Seconds until a letter is tried again after so many attempts: 5, 15, 30, then 60 minutes,
 * where retry_after is five. */
uint64_t pace_wait(const struct conf *conf, unsigned attempts);

/* How many letters may be taken on now, `since_ms` after the run began and with `taken` behind
 * it; UINT64_MAX where no pace is set. */
uint64_t pace_allowed(const struct conf *conf, uint64_t since_ms, uint64_t taken);

#endif
