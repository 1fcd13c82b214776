/* SPDX-License-Identifier: MIT */
#include "mailer/texts.h"

#include <stdbool.h>
#include <stdio.h>
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

/* The lines of today; and, where they are held against those that were approved, a line for
 * everything that differs. */
struct listing {
	struct buf now;
	const struct buf *approved;
	struct buf *differ;
	uint64_t files;
};

/* Does it stand there, whatever its digest is? `line` ends with a line feed or with the text. */
static bool lists_name(const struct buf *list, const char *line)
{
	const char *name = line + strcspn(line, " ");

	return memmem(buf_text(list), list->len, name, strcspn(name, "\n") + 1);
}

static enum err take_source(void *context, const char *language, const struct source *s,
                            struct why *why)
{
	struct listing *l = context;
	const char *slash = strrchr(s->path, '/'), *line;
	size_t start = l->now.len;
	char hex[HEX_TEXT];

	(void)why;
	sodium_bin2hex(hex, sizeof(hex), s->sha256, sizeof(s->sha256));
	buf_addf(&l->now, "%s %s/%s\n", hex, language, slash ? slash + 1 : s->path);
	line = buf_text(&l->now) + start;
	l->files++;
	if (!buf_err(&l->now) && l->approved && !strstr(buf_text(l->approved), line))
		buf_addf(l->differ, "%s: %s\n", s->path,
		         lists_name(l->approved, line) ? "not as it was approved"
		                                       : "new since the approval");
	return buf_err(&l->now);
}

static void tell_gone(const struct listing *l)
{
	const char *line = buf_text(l->approved);

	for (size_t n; *line; line += n + (line[n] == '\n')) {
		n = strcspn(line, "\n");
		if (n >= HEX_TEXT && !lists_name(&l->now, line))
			buf_addf(l->differ, "%.*s: gone since the approval\n", (int)(n - HEX_TEXT),
			         line + HEX_TEXT);
	}
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

enum err texts_differ(struct buf *out, const char *home, const struct letters *l, struct why *why)
{
	struct buf approved = BUF_INIT(LIST_MAX);
	struct listing now = {
		.now = BUF_INIT(LIST_MAX),
		.approved = &approved,
		.differ = out,
	};
	enum err e = read_approved(&approved, home, why);

	if (!e)
		e = letter_sources(l, take_source, &now, why);
	if (!e)
		tell_gone(&now);
	buf_free(&now.now);
	buf_free(&approved);
	return e ? e : buf_err(out);
}

enum err texts_check(const char *home, const struct letters *l, struct why *why)
{
	struct buf differ = BUF_INIT(LIST_MAX);
	unsigned lines = 0;
	char more[40] = "";
	enum err e = texts_differ(&differ, home, l, why);

	for (const char *c = buf_text(&differ); *c; c++)
		lines += *c == '\n';
	if (lines > 1)
		snprintf(more, sizeof(more), ", and %u more", lines - 1);
	if (!e && lines)
		e = why_set(why, ERR_STATE, "%.*s%s; " WHAT_NEXT,
		            (int)strcspn(buf_text(&differ), "\n"), buf_text(&differ), more);
	buf_free(&differ);
	return e;
}
