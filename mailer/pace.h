/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_MAILER_PACE_H
#define VOTEPOST_MAILER_PACE_H

#include <stdbool.h>
#include <stdint.h>

/*
 * pace - how fast letters leave: to one receiving domain, or in all.
 *
 * A pace begins slowly and doubles after each quiet while, up to its limit: who mails a domain
 * for the first time has no good name there yet. Where the other side says that it is too much,
 * nothing leaves for a minute, then at half the rate; the next such words double the pause.
 *
 * It has no clock of its own: each time is in milliseconds since the run began.
 */
struct limits {
	uint64_t per_minute, at_once; /* 0: no limit */
};
struct pace_rules {
	uint64_t start;        /* letters a minute that a pace begins with; 0: its limit */
	uint64_t double_after; /* seconds */
	uint64_t pause;        /* seconds, the first one */
};

struct pace {
	uint32_t rate, most; /* letters a minute, now and at most; 0: no limit */
	uint32_t pauses;     /* in a row, without a letter that was taken */
	uint64_t next_us;    /* when the next letter may leave, in microseconds */
	uint64_t quiet_ms;   /* since when all is well */
	uint64_t paused_ms;  /* until then */
	uint64_t hiccup_ms;  /* no other counts before */
};

void pace_begin(struct pace *p, const struct pace_rules *rules, uint64_t most);

/* When the next letter may leave. */
uint64_t pace_next(const struct pace *p);

/* One leaves. What was not used before is lost but for a moment's: no bursts. */
void pace_take(struct pace *p, uint64_t now);

/* One was taken. */
void pace_good(struct pace *p, const struct pace_rules *rules, uint64_t now);

/* Too much, says the other side. What several letters bring back at once counts once. */
void pace_bad(struct pace *p, const struct pace_rules *rules, uint64_t now);

/* Half the rate, without a pause; what many connections meet at once counts once. */
void pace_hiccup(struct pace *p, uint64_t now);

/* How long so many letters take from now on if all goes well, in milliseconds. */
uint64_t pace_forecast(const struct pace *p, const struct pace_rules *rules, uint64_t letters,
                       uint64_t now);

#endif
