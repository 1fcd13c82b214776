/* SPDX-License-Identifier: MIT */
#include "mailer/texts.h"

#include <string.h>

#include <sodium.h>

#include "core/buf.h"
#include "core/file.h"
#include "mailer/home.h"
#include "mailer/journal.h"

#define APPROVED "texts.approved"
#define EVENT    "texts"
#define LIST_MAX ((size_t)64 << 10)
#define HEX_TEXT (2 * crypto_hash_sha256_BYTES + 1)
#define WHAT_NEXT                                                                                  \
	"look at the letters with votepost-mailer preview; votepost-mailer approve takes them as " \
	"they are now, and the journal says so"

static void digest(char hex[HEX_TEXT], const struct buf *bytes)
{
	unsigned char hash[crypto_hash_sha256_BYTES];

	crypto_hash_sha256(hash, (const unsigned char *)buf_text(bytes), bytes->len);
	sodium_bin2hex(hex, HEX_TEXT, hash, sizeof(hash));
}

/* The lines of today; or, held against those that were approved, the first that differs. */
struct listing {
	struct buf now;
	const struct buf *approved;
	uint64_t files;
};

static enum err take_source(void *context, const char *language, const struct source *s,
                            struct why *why)
{
	struct listing *l = context;
	const char *slash = strrchr(s->path, '/');
	size_t start = l->now.len;
	char hex[HEX_TEXT];
	enum err e;

	sodium_bin2hex(hex, sizeof(hex), s->sha256, sizeof(s->sha256));
	buf_addf(&l->now, "%s %s/%s\n", hex, language, slash ? slash + 1 : s->path);
	e = buf_err(&l->now);
	l->files++;
	if (!e && l->approved && !strstr(buf_text(l->approved), buf_text(&l->now) + start))
		e = why_set(why, ERR_STATE, "%s: not as it was approved; " WHAT_NEXT, s->path);
	return e;
}

enum err texts_approve(const char *home, const struct letters *l, struct why *why)
{
	struct listing now = { .now = BUF_INIT(LIST_MAX) };
	struct buf path = BUF_INIT(HOME_PATH_MAX);
	struct journal_count count = { "files", 0 };
	char hex[HEX_TEXT];
	enum err e = letter_sources(l, take_source, &now, why);

	digest(hex, &now.now);
	count.n = now.files;
	if (!e)
		e = journal_add(home, EVENT, hex, &count, 1, why);
	if (!e)
		e = file_write(file_path(&path, home, APPROVED), now.now.data, now.now.len, 0600,
		               why);
	buf_free(&path);
	buf_free(&now.now);
	return e;
}

/* What was approved, which nobody can change in silence: the journal has its digest. */
static enum err read_approved(struct buf *out, const char *home, struct why *why)
{
	struct buf path = BUF_INIT(HOME_PATH_MAX);
	char said[JOURNAL_PURPOSE], hex[HEX_TEXT];
	enum err e = journal_last(home, EVENT, said, why);

	if (!e)
		e = file_read(out, file_path(&path, home, APPROVED), why);
	digest(hex, out);
	if (e == ERR_NOT_FOUND || (!e && strcmp(hex, said)))
		e = why_set(why, ERR_STATE,
		            "%s/" APPROVED ": not what the journal says was approved; " WHAT_NEXT,
		            home);
	buf_free(&path);
	return e;
}

enum err texts_check(const char *home, const struct letters *l, struct why *why)
{
	struct buf approved = BUF_INIT(LIST_MAX);
	struct listing now = { .now = BUF_INIT(LIST_MAX), .approved = &approved };
	enum err e = read_approved(&approved, home, why);

	if (!e)
		e = letter_sources(l, take_source, &now, why);
	if (!e && now.now.len != approved.len)
		e = why_set(why, ERR_STATE,
		            "%s/" APPROVED
		            ": a text of your own that was approved is gone; " WHAT_NEXT,
		            home);
	buf_free(&now.now);
	buf_free(&approved);
	return e;
}
