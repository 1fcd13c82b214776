/* SPDX-License-Identifier: MIT */
#include "mailer/custody.h"

#include <stdio.h>
#include <string.h>

#include <sodium.h>

#include "core/file.h"
#include "core/json.h"
#include "core/secret.h"

#define PATH_CAP   4096
#define FILE_MAX   8192
#define SHARE_FILE "officer-%u.share"
#define SHARE_WHAT "officer share"

/* Whatever of it is changed, it is another custody, and no share is of it. */
static void make_id(struct custody *c)
{
	struct transcript t;

	transcript_begin(&t, "votepost/1 custody");
	transcript_add_le32(&t, c->threshold);
	transcript_add_le32(&t, c->officers);
	for (unsigned l = 0; l < c->threshold; l++)
		transcript_add_point(&t, &c->commitment[l]);
	transcript_hash(&t, c->id);
}

static enum err take_commitments(struct custody *c, const struct buf *bytes, struct why *why)
{
	if (bytes->len != (size_t)c->threshold * GROUP_BYTES)
		return why_set(why, ERR_FORMAT, "it has not one commitment for each share needed");
	for (unsigned l = 0; l < c->threshold; l++) {
		memcpy(c->commitment[l].bytes, bytes->data + (size_t)l * GROUP_BYTES, GROUP_BYTES);
		if (!point_valid(&c->commitment[l]) || point_is_identity(&c->commitment[l]))
			return why_set(why, ERR_FORMAT, "commitment %u is no point", l + 1);
	}
	make_id(c);
	return OK;
}

static enum err read_line(struct custody *c, const struct buf *line, struct why *why)
{
	struct buf bytes = BUF_INIT(OFFICERS_MAX * GROUP_BYTES);
	struct fields f;
	json_t *object;
	enum err e = json_read(&object, buf_text(line), line->len, why);

	if (e)
		return e;
	fields_begin(&f, object, "custody", why);
	fields_literal(&f, "type", "custody");
	c->threshold = (unsigned)fields_number(&f, "threshold", 2, OFFICERS_MAX);
	c->officers = (unsigned)fields_number(&f, "officers", 2, OFFICERS_MAX);
	fields_b64_buf(&f, "commitments", &bytes);
	e = fields_end(&f);
	if (!e && c->threshold > c->officers)
		e = why_set(why, ERR_FORMAT, "more shares needed than there are");
	if (!e)
		e = take_commitments(c, &bytes, why);
	buf_free(&bytes);
	json_decref(object);
	return e;
}

enum err custody_read(struct custody *c, const char *path, struct why *why)
{
	struct buf line = BUF_INIT(FILE_MAX);
	enum err e = file_read_line(&line, path, why);

	memset(c, 0, sizeof(*c));
	if (!e) {
		e = read_line(c, &line, why);
		if (e)
			why_prefix(why, "%s", path);
		if (e == ERR_INVALID)
			e = ERR_FORMAT; /* no answer to anything that was asked */
	}
	buf_free(&line);
	return e;
}

static enum err write_public(const struct custody *c, const char *home, struct why *why)
{
	struct buf path = BUF_INIT(PATH_CAP), line = BUF_INIT(FILE_MAX);
	enum err e;

	buf_addf(&line, "{\"type\":\"custody\",\"threshold\":%u,\"officers\":%u,\"commitments\":",
	         c->threshold, c->officers);
	json_add_b64(&line, c->commitment, (size_t)c->threshold * GROUP_BYTES);
	buf_adds(&line, "}\n");
	e = buf_err(&line);
	if (!e)
		e = file_create(file_path(&path, home, CUSTODY_FILE), line.data, line.len, 0600,
		                why);
	buf_free(&line);
	buf_free(&path);
	return e;
}

static enum err write_share(const struct custody *c, const char *folder,
                            const struct scalar *coefficient, unsigned number,
                            const struct passphrase *own, struct why *why)
{
	struct custody_share *page = secret_alloc(sizeof(*page));
	struct buf path = BUF_INIT(PATH_CAP);
	char name[32];
	enum err e;

	if (!page)
		return why_set(why, ERR_MEMORY, "no more memory can be locked for a share");
	memcpy(page->custody, c->id, HASH_BYTES);
	page->number = (unsigned char)number;
	shamir_share(&page->share, coefficient, c->threshold, number);
	snprintf(name, sizeof(name), SHARE_FILE, number);
	e = sealed_create(file_path(&path, folder, name), SHARE_WHAT, page, sizeof(*page), own,
	                  why);
	secret_free(page);
	buf_free(&path);
	return e;
}

/* What the keys are sealed under, from the scalar that was shared: 64 hexadecimal digits. */
static enum err make_passphrase(struct passphrase **out, const struct scalar *secret,
                                struct why *why)
{
	struct passphrase *p = secret_alloc(sizeof(*p));
	unsigned char hash[HASH_BYTES];
	struct transcript t;

	if (!p)
		return why_set(why, ERR_MEMORY, "no more memory can be locked for the keys");
	transcript_begin(&t, "votepost/1 custody key");
	transcript_add(&t, secret->bytes, GROUP_BYTES);
	transcript_hash(&t, hash);
	sodium_bin2hex(p->text, sizeof(p->text), hash, sizeof(hash));
	p->len = 2 * sizeof(hash);
	sodium_memzero(hash, sizeof(hash));
	*out = p;
	return OK;
}

enum err custody_create(struct passphrase **out, const char *home, const char *folder,
                        unsigned threshold, unsigned officers, const struct passphrase *const *own,
                        struct why *why)
{
	struct scalar *coefficient = secret_alloc(OFFICERS_MAX * sizeof(*coefficient));
	struct custody c = { .threshold = threshold, .officers = officers };
	enum err e = OK;

	if (threshold < 2 || threshold > officers || officers > OFFICERS_MAX)
		bug("a custody of numbers that cannot be");
	if (!coefficient)
		return why_set(why, ERR_MEMORY, "no more memory can be locked for shares");
	for (unsigned l = 0; l < threshold; l++) {
		scalar_random(&coefficient[l]);
		point_base(&c.commitment[l], &coefficient[l]);
	}
	make_id(&c);
	for (unsigned i = 0; !e && i < officers; i++)
		e = write_share(&c, folder, coefficient, i + 1, own[i], why);
	if (!e)
		e = write_public(&c, home, why);
	if (!e)
		e = make_passphrase(out, &coefficient[0], why);
	secret_free(coefficient);
	return e;
}

/* Is it what was shared? Its commitment tells, without any other share. */
static enum err check_share(const struct custody_share *s, const struct custody *c,
                            const char *path, struct why *why)
{
	struct point due, got;

	if (memcmp(s->custody, c->id, HASH_BYTES))
		return why_set(why, ERR_INVALID,
		               "%s: a share of another election's keys, or of a home that was "
		               "changed",
		               path);
	point_base(&got, &s->share);
	if (s->number < 1 || s->number > c->officers ||
	    shamir_commitment(&due, c->commitment, c->threshold, s->number) ||
	    !point_equal(&got, &due))
		return why_set(why, ERR_INVALID, "%s: not a share of these keys", path);
	return OK;
}

enum err custody_share_open(struct custody_share **out, const struct custody *c, const char *path,
                            const struct passphrase *own, struct why *why)
{
	struct custody_share *share = NULL;
	struct scalar read;
	void *opened = NULL;
	enum err e = sealed_open(&opened, sizeof(*share), path, SHARE_WHAT, own, why);

	if (e)
		return e;
	share = opened;
	if (scalar_read(&read, share->share.bytes))
		e = why_set(why, ERR_INVALID, "%s: not a share of these keys", path);
	else
		e = check_share(share, c, path, why);
	scalar_wipe(&read);
	if (e)
		secret_free(share);
	else
		*out = share;
	return e;
}

static enum err check_all(const struct custody *c, struct custody_share *const *share,
                          const char *const *path, unsigned n, struct why *why)
{
	for (unsigned i = 0; i < n; i++)
		for (unsigned j = 0; j < i; j++)
			if (share[i]->number == share[j]->number)
				return why_set(why, ERR_STATE,
				               "%s and %s: both are the share of officer %u; %u "
				               "different officers are needed",
				               path[j], path[i], share[i]->number, c->threshold);
	if (n < c->threshold)
		return why_set(why, ERR_STATE,
		               "%u share%s, and %u of the %u officers are needed together", n,
		               n == 1 ? "" : "s", c->threshold, c->officers);
	return OK;
}

enum err custody_combine(struct passphrase **out, const struct custody *c,
                         struct custody_share *const *share, const char *const *path, unsigned n,
                         struct why *why)
{
	struct scalar *all = secret_alloc((OFFICERS_MAX + 1) * sizeof(*all));
	unsigned number[OFFICERS_MAX];
	enum err e;

	if (!all)
		return why_set(why, ERR_MEMORY, "no more memory can be locked for shares");
	e = check_all(c, share, path, n, why);
	if (!e) {
		for (unsigned i = 0; i < c->threshold; i++) {
			all[i] = share[i]->share;
			number[i] = share[i]->number;
		}
		shamir_combine(&all[OFFICERS_MAX], all, number, c->threshold);
		e = make_passphrase(out, &all[OFFICERS_MAX], why);
	}
	secret_free(all);
	return e;
}
