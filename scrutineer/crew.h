/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_SCRUTINEER_CREW_H
#define VOTEPOST_SCRUTINEER_CREW_H

#include <stddef.h>

#include "core/err.h"

/*
 * crew - threads that share out one piece of work after another.
 *
 * crew_run hands the numbers 0 … n−1 out, each to whoever is free, and returns when all are
 * done: between two runs nothing of the crew's touches the caller's memory. The caller works
 * too, as worker 0.
 */
struct crew;

/* 0 threads: as many as this process may run on. A crew that cannot have them all works with
 * those it got. */
MUST_CHECK enum err crew_new(struct crew **out, unsigned threads);
void crew_free(struct crew *c);

unsigned crew_workers(const struct crew *c);

typedef void crew_work(void *ctx, unsigned worker, size_t i);
void crew_run(struct crew *c, crew_work *work, void *ctx, size_t n);

#endif
