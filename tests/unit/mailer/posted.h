/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_TESTS_UNIT_MAILER_POSTED_H
#define VOTEPOST_TESTS_UNIT_MAILER_POSTED_H

/* posted - a board of a kit's election, line after line, and a head over it: what the receiver
 * would publish. Its ballots have the form of one and no proof that holds: the mailer opens none.
 * Include after cmocka and kit.h. Everything asserts. */

#include "core/board.h"
#include "core/file.h"
#include "core/json.h"
#include "core/merkle.h"

#define POSTED_MAX ((size_t)64 << 20)

struct posted {
	const struct kit *kit;
	struct buf text;
	struct merkle tree;
};

static inline void posted_line(struct posted *p, const char *text, size_t len)
{
	struct node leaf;

	merkle_leaf(&leaf, text, len);
	merkle_append(&p->tree, &leaf, NULL, NULL);
	buf_add(&p->text, text, len);
	buf_addc(&p->text, '\n');
	assert_int_equal(buf_err(&p->text), OK);
}

static inline void posted_buf(struct posted *p, struct buf *line)
{
	posted_line(p, buf_text(line), line->len);
	buf_free(line);
}

static inline void posted_begin(struct posted *p, const struct kit *kit)
{
	*p = (struct posted){ .kit = kit, .text = BUF_INIT(POSTED_MAX) };
	posted_line(p, kit->m->line, kit->m->len);
}

/* A file's lines: issued.ndjson, changes.ndjson. */
static inline void posted_file(struct posted *p, const char *path)
{
	struct lines l;

	assert_int_equal(lines_open(&l, path, (size_t)1 << 20, NULL), OK);
	while (lines_next(&l, NULL) == OK)
		posted_line(p, buf_text(&l.line), l.line.len);
	lines_close(&l);
}

static inline void posted_time(struct posted *p, uint64_t at)
{
	struct buf line = BUF_INIT(256);

	time_line_write(&line, at);
	posted_buf(p, &line);
}

static inline void posted_ballot(struct posted *p, const struct point *credential)
{
	unsigned char *body = calloc(1, ballot_body_bytes(p->kit->m)), signature[64] = { 0 };
	struct buf line = BUF_INIT(POSTED_MAX);

	assert_non_null(body);
	buf_adds(&line, "{\"type\":\"ballot\",\"channel\":\"link\",\"credential\":");
	json_add_b64(&line, credential->bytes, sizeof(credential->bytes));
	buf_adds(&line, ",\"body\":");
	json_add_b64(&line, body, ballot_body_bytes(p->kit->m));
	free(body);
	buf_adds(&line, ",\"signature\":");
	json_add_b64(&line, signature, sizeof(signature));
	buf_addc(&line, '}');
	posted_buf(p, &line);
}

static inline void posted_replaced(struct posted *p, const struct point *old,
                                   const struct point *by)
{
	struct buf line = BUF_INIT(4096);

	replaced_write(&line, p->kit->m, old, by, p->kit->keys.sign);
	posted_buf(p, &line);
}

static inline void posted_extended(struct posted *p, uint64_t closes)
{
	struct buf line = BUF_INIT(4096);

	extended_write(&line, p->kit->m, closes, p->kit->keys.sign);
	posted_buf(p, &line);
}

static inline void posted_closed(struct posted *p, uint64_t ballots)
{
	struct buf line = BUF_INIT(4096);

	closed_write(&line, ballots, p->kit->m->members, 0);
	posted_buf(p, &line);
}

/* board.ndjson and head.json in the test's folder; more may be posted after. */
static inline void posted_write(struct posted *p, void **state)
{
	struct head head = { .size = p->tree.size, .time = p->kit->m->opens };
	struct buf line = BUF_INIT(4096);

	merkle_root(&head.root, &p->tree);
	head_sign(&head, p->kit->m, p->kit->receiver);
	head_write(&line, &head);
	buf_addc(&line, '\n');
	temp_file(state, "board.ndjson", p->text.data, p->text.len);
	temp_file(state, "head.json", line.data, line.len);
	buf_free(&line);
}

static inline void posted_end(struct posted *p)
{
	buf_free(&p->text);
}

#endif
