/* SPDX-License-Identifier: MIT */
#include "mailer/pollbook.h"

#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "core/board.h"
#include "core/file.h"
#include "core/merkle.h"
#include "core/text.h"
#include "mailer/whose.h"

#define SLOTS_FIRST 1024 /* a power of two */
#define HEAD_MAX    4096
#define LINE_ROOM   512 /* what stands beside the credentials */

static const char BALLOT[] = "{\"type\":\"ballot\",";
static const char ISSUED[] = "{\"type\":\"issued\",";
static const char ACCEPTED[] = "{\"type\":\"accepted\",";

/* What is known of one credential; unmarked is an empty slot. */
struct slot {
	struct point credential;
	uint64_t what; /* four times the hour, and the state */
};
_Static_assert(sizeof(struct slot) == 40, "40 bytes a credential");

struct pollbook {
	unsigned char key[crypto_shorthash_KEYBYTES];
	struct slot *slot;
	uint64_t slots, marked;
	struct head head;
	uint64_t ballots, replaced, closes;
	bool closed;
};

/* A board that is being read. */
struct reading {
	struct pollbook *p;
	const struct manifest *m;
	struct merkle tree;
	struct whose whose;
	uint64_t time; /* the last `time` line; 0 before the first */
};

/* The credential's slot, or the empty one where it would stand. The key is drawn for this run:
 * nobody can prepare credentials that all meet in one place. */
static struct slot *probe(const struct pollbook *p, struct slot *slot, uint64_t slots,
                          const struct point *credential)
{
	unsigned char hash[crypto_shorthash_BYTES];
	uint64_t at;

	crypto_shorthash(hash, credential->bytes, GROUP_BYTES, p->key);
	memcpy(&at, hash, sizeof(at));
	for (at &= slots - 1; slot[at].what; at = (at + 1) & (slots - 1))
		if (!memcmp(slot[at].credential.bytes, credential->bytes, GROUP_BYTES))
			break;
	return &slot[at];
}

static enum err grow(struct pollbook *p)
{
	uint64_t slots = p->slots ? p->slots * 2 : SLOTS_FIRST;
	struct slot *bigger = calloc((size_t)slots, sizeof(*bigger));

	if (!bigger)
		return ERR_MEMORY;
	for (uint64_t i = 0; i < p->slots; i++)
		if (p->slot[i].what)
			*probe(p, bigger, slots, &p->slot[i].credential) = p->slot[i];
	free(p->slot);
	p->slot = bigger;
	p->slots = slots;
	return OK;
}

static enum pollbook_state state_of(const struct pollbook *p, const struct point *credential)
{
	return (enum pollbook_state)(probe(p, p->slot, p->slots, credential)->what % 4);
}

static enum err mark(struct pollbook *p, const struct point *credential, enum pollbook_state state,
                     uint64_t hour)
{
	struct slot *slot = probe(p, p->slot, p->slots, credential);

	if (!slot->what && p->marked + 1 > p->slots - p->slots / 5) {
		enum err e = grow(p);

		if (e)
			return e;
		slot = probe(p, p->slot, p->slots, credential);
	}
	p->marked += !slot->what;
	*slot = (struct slot){ *credential, hour * 4 + state };
	return OK;
}

static bool begins(const char *text, size_t len, const char *with)
{
	return len >= strlen(with) && !memcmp(text, with, strlen(with));
}

static enum err take_ballot(struct reading *r, const char *text, size_t len, struct why *why)
{
	struct point credential;
	enum pollbook_state state;
	enum err e = whose_read(&r->whose, &credential, text, len, why);

	if (e)
		return e;
	if (!r->time)
		return why_check(why, "line before opening", "a ballot before the first time");
	if (r->time >= r->p->closes)
		return why_check(why, "ballot late", "a ballot after the closing time");
	state = state_of(r->p, &credential);
	if (state == POLLBOOK_USED || state == POLLBOOK_REPLACED)
		return why_check(why, "ballot credential", "a credential that was %s before",
		                 state == POLLBOOK_USED ? "used" : "replaced");
	r->p->ballots++;
	return mark(r->p, &credential, POLLBOOK_USED, r->time);
}

static enum err take_replaced(struct reading *r, const struct line *line, struct why *why)
{
	const struct point *old = &line->u.replaced.old, *by = &line->u.replaced.by;
	enum pollbook_state state = state_of(r->p, old);
	enum err e = line_check_mailer(line, r->m, why);

	if (e)
		return e;
	if (state == POLLBOOK_USED || state == POLLBOOK_REPLACED)
		return why_check(why, "replaced credential", "a credential that was %s before",
		                 state == POLLBOOK_USED ? "used" : "replaced");
	if (!line->u.replaced.revoked &&
	    (state_of(r->p, by) != POLLBOOK_UNMARKED || !memcmp(old, by, sizeof(*old))))
		return why_check(why, "replaced by", "a credential that came before");
	r->p->replaced++;
	e = mark(r->p, old, POLLBOOK_REPLACED, 0);
	if (!e && !line->u.replaced.revoked)
		e = mark(r->p, by, POLLBOOK_VALID, 0);
	return e;
}

static enum err take_extended(struct reading *r, const struct line *line, struct why *why)
{
	enum err e = line_check_mailer(line, r->m, why);

	if (e)
		return e;
	if (line->u.closes <= r->p->closes)
		return why_check(why, "extended earlier", "no later closing time");
	if (r->time >= r->p->closes)
		return why_check(why, "extended late", "after the closing time");
	r->p->closes = line->u.closes;
	return OK;
}

static enum err take_time(struct reading *r, uint64_t time, struct why *why)
{
	if (time <= r->time)
		return why_check(why, "time order", "no later than the time before it");
	if (!r->time && time < r->m->opens)
		return why_check(why, "time before opening", "before the election opens");
	r->time = time;
	return OK;
}

static enum err take_closed(struct reading *r, const struct line *line, struct why *why)
{
	if (r->time < r->p->closes)
		return why_check(why, "closed early", "before the closing time");
	if (line->u.closed.ballots != r->p->ballots || line->u.closed.replaced != r->p->replaced)
		return why_check(why, "closed counts", "not the ballots or changes that stand");
	r->p->closed = true;
	return OK;
}

static enum err take_line(struct reading *r, const char *text, size_t len, struct why *why)
{
	struct line line;
	enum err e;

	if (r->p->closed)
		return why_check(why, "line after closed", "a line after the last");
	if (begins(text, len, BALLOT))
		return take_ballot(r, text, len, why);
	/* Who may vote, and that the trustees are ready, is the scrutineer's to check. */
	if (begins(text, len, ISSUED) || begins(text, len, ACCEPTED))
		return OK;
	e = line_read_plain(&line, r->m, text, len, why);
	if (e)
		return e;
	switch (line.type) {
	case LINE_TIME:
		return take_time(r, line.u.time, why);
	case LINE_REPLACED:
		return take_replaced(r, &line, why);
	case LINE_EXTENDED:
		return take_extended(r, &line, why);
	case LINE_CLOSED:
		return take_closed(r, &line, why);
	default:
		bug("an issued or accepted line in another spelling");
	}
}

static enum err take_next(struct reading *r, struct lines *l, struct why *why)
{
	const struct buf *text = &l->line;
	struct node leaf;
	enum err e = lines_next(l, why);

	if (e == ERR_NOT_FOUND || (!e && !l->ended_whole))
		return why_check(why, "head root", "the board ends here, the head signs %llu lines",
		                 (unsigned long long)r->p->head.size);
	if (e == ERR_TOO_LARGE)
		return why_set(why, e, "longer than any line of this election, %zu bytes",
		               text->cap);
	if (e)
		return e;
	merkle_leaf(&leaf, text->data, text->len);
	merkle_append(&r->tree, &leaf, NULL, NULL);
	if (r->tree.size > 1)
		return take_line(r, buf_text(text), text->len, why);
	if (text->len != r->m->len || memcmp(text->data, r->m->line, text->len) != 0)
		return why_check(why, "manifest", "not the board of this election");
	return OK;
}

/* The longest line that can stand on a board of this election. */
static size_t longest(const struct reading *r)
{
	size_t most = B64_LEN((size_t)ISSUED_MAX * GROUP_BYTES) + LINE_ROOM;

	if (r->whose.longest > most)
		most = r->whose.longest;
	return r->m->len > most ? r->m->len : most;
}

static enum err read_board(struct reading *r, const char *board, struct why *why)
{
	const struct head *head = &r->p->head;
	struct node root;
	struct lines l;
	enum err e = lines_open(&l, board, longest(r), why);

	if (!e) {
		while (!e && r->tree.size < head->size)
			e = take_next(r, &l, why);
		if (e)
			why_prefix(why, "%s: line %llu", board, (unsigned long long)l.number - 1);
	}
	merkle_root(&root, &r->tree);
	if (!e && memcmp(&root, &head->root, sizeof(root)) != 0)
		e = why_check(why, "head root",
		              "%s: not the board that the head signs; fetch both again", board);
	lines_close(&l);
	return e;
}

static enum err read_head(struct head *head, const struct manifest *m, const char *path,
                          struct why *why)
{
	struct buf line = BUF_INIT(HEAD_MAX);
	enum err e = file_read(&line, path, why);

	/* As a file it ends in a line feed, as the page gives it it does not. */
	if (!e && line.len && line.data[line.len - 1] == '\n')
		line.data[--line.len] = 0;
	if (!e) {
		e = head_read(head, buf_text(&line), line.len, why);
		if (!e)
			e = head_check(head, m, why);
		if (e)
			why_prefix(why, "%s", path);
	}
	buf_free(&line);
	return e;
}

enum err pollbook_read(struct pollbook **out, const struct manifest *m, const char *board,
                       const char *head, struct why *why)
{
	struct pollbook *p = calloc(1, sizeof(*p));
	struct reading r = { .p = p, .m = m };
	enum err e = p ? grow(p) : ERR_MEMORY;

	if (e) {
		pollbook_free(p);
		return why_set(why, e, "out of memory");
	}
	randombytes_buf(p->key, sizeof(p->key));
	p->closes = m->closes;
	whose_init(&r.whose, m);
	e = read_head(&p->head, m, head, why);
	if (!e)
		e = read_board(&r, board, why);
	if (e)
		pollbook_free(p);
	else
		*out = p;
	return e;
}

void pollbook_free(struct pollbook *p)
{
	if (!p)
		return;
	free(p->slot);
	free(p);
}

enum pollbook_state pollbook_find(const struct pollbook *p, const struct point *credential,
                                  uint64_t *hour)
{
	const struct slot *slot = probe(p, p->slot, p->slots, credential);

	if (hour)
		*hour = slot->what / 4;
	return (enum pollbook_state)(slot->what % 4);
}

const struct head *pollbook_head(const struct pollbook *p)
{
	return &p->head;
}

uint64_t pollbook_ballots(const struct pollbook *p)
{
	return p->ballots;
}

uint64_t pollbook_replaced(const struct pollbook *p)
{
	return p->replaced;
}

uint64_t pollbook_closes(const struct pollbook *p)
{
	return p->closes;
}

bool pollbook_closed(const struct pollbook *p)
{
	return p->closed;
}
