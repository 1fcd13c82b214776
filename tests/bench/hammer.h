/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_TESTS_BENCH_HAMMER_H
#define VOTEPOST_TESTS_BENCH_HAMMER_H

#include <stddef.h>
#include <stdint.h>

/*
 * hammer - many HTTP connections from one thread: each sends its next request when its answer is
 * there. Bench programs only: whatever is unexpected ends the program.
 */
struct hammer {
	unsigned port, connections;
	uint64_t requests; /* in all */
	/* The whole text of request i. */
	const char *(*text)(void *ctx, uint64_t i, size_t *len);
	void *ctx;
	unsigned want; /* the status that every answer must have */
};
struct hammered {
	double seconds;   /* from the first byte sent to the last one received */
	double processor; /* seconds of a processor that this side took of them */
	double slowest;   /* answer, in seconds */
	uint64_t bytes;
};
void hammer(struct hammered *out, const struct hammer *h);

/* A connection from 127.X.Y.Z. */
int hammer_connect(unsigned port, uint32_t from);

#endif
