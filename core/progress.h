/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_CORE_PROGRESS_H
#define VOTEPOST_CORE_PROGRESS_H

#include <stdint.h>

/*
 * progress - how far a long piece of work is, on stderr: a bar with rate and time left on a
 * terminal, a plain line every ten seconds elsewhere; nothing at all for work that ends within
 * a second. One at a time in a process; NULL is a valid one that shows nothing.
 */
struct progress;

/* `what` is a literal, "sending"; `total` 0: not known, only the count is shown. */
struct progress *progress_start(const char *what, uint64_t total);
/* `more` more are done. Any thread. */
void progress_step(struct progress *p, uint64_t more);
/* What is known of the rest by other means than the rate so far: it takes at least so long. The
 * display then also says when it will be done, and when nothing is done for a while, that it waits:
 * no rate tells how long. Any thread. */
void progress_left(struct progress *p, uint64_t seconds);
/* The last word, and release. */
void progress_end(struct progress *p);

/* Take the bar off the terminal, so that something else may be written there; the next step
 * draws it again. */
void progress_hide(void);

#endif
