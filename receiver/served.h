/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_RECEIVER_SERVED_H
#define VOTEPOST_RECEIVER_SERVED_H

#include <stdbool.h>
#include <stdint.h>

#include "core/buf.h"
#include "receiver/front.h"

/*
 * served - one answer to a request, before it becomes HTTP (receiver/http.h).
 *
 * Its content is one of: `body`, a page, a piece of the board, an open file.
 */
#define SERVED_MAX (4u << 20)

#define SERVED_JSON  "application/json"
#define SERVED_LINES "application/x-ndjson"
#define SERVED_HTML  "text/html; charset=utf-8"

struct served {
	unsigned status;
	const char *type;
	const char *policy; /* NULL: nothing may be loaded */
	unsigned retry;     /* seconds for Retry-After; 0: none */
	const char *allow;  /* of a 405 */
	struct buf body;
	const struct front_page *page; /* borrowed */
	bool board;                    /* the lines from … to, `to` exclusive */
	uint64_t from, to;
	int fd; /* of a file, or -1 */
	uint64_t size;
};
void served_init(struct served *s);
void served_release(struct served *s);

/* {"error":"NAME","text":"…"}; the text is ours and needs no escape. */
void served_error(struct served *s, unsigned status, const char *name, const char *text);
/* 503, and when to come again: the world's trouble, in one sentence for everyone. */
void served_again(struct served *s);

#endif
