/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_MAILER_ALARM_H
#define VOTEPOST_MAILER_ALARM_H

#include <stdbool.h>
#include <stdint.h>

#include "core/buf.h"
#include "mailer/survey.h"

/*
 * alarm - do too few letters arrive? In all, or in one domain or group: an election
 * abroad was annulled over one country where a tenth of the codes had arrived, while all was well
 * elsewhere.
 */
struct alarm {
	unsigned percent; /* under this there is an alarm; 0: never */
	uint64_t from;    /* a part is looked at by itself once so many of its letters were tried */
};

/* Is this part one to be alarmed about? */
bool alarm_at(const struct alarm *a, const struct reached *r);

#define ALARM_LINE_MAX 2000
/* One line for a monitor, without its line feed, also where all is well or nothing was sent yet:
 *   VOTEPOST CRITICAL - 61.2 % of 240 letters delivered, threshold 90 %: example.org 12 of 80
 * It names parts, the worst first, and no member. Is there an alarm? */
bool alarm_line(struct buf *out, const struct alarm *a, const struct survey *s);

#endif
