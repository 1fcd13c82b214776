/* SPDX-License-Identifier: MIT */
#include "mailer/issue.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sodium.h>

#include "core/board.h"
#include "core/credential.h"
#include "core/file.h"
#include "mailer/home.h"
#include "mailer/sorter.h"

#define LINE_MAX_BYTES ((size_t)64 << 10) /* an issued line takes 44 KiB */

/* A credential as it is sorted: by weight, then by bytes. */
struct entry {
	unsigned char weight[2];
	struct point credential;
};

struct issuing {
	const struct manifest *m;
	const struct keys *keys;
	struct sorter *credentials, *handles;
	void (*step)(void *context, uint64_t more);
	void *context;
};

static enum err add_member(void *context, const struct member *member, struct why *why)
{
	struct issuing *i = context;
	struct entry entry = { .weight = { (unsigned char)(member->weight >> 8),
		                           (unsigned char)member->weight } };
	unsigned char factor[HASH_BYTES];
	char handle[HANDLE_TEXT];
	size_t id_len = strlen(member->id);
	struct token token;
	enum err e = OK;

	mint_token(&token, i->keys->token, i->m->id, member->generation, member->id, id_len);
	if (i->m->second_factor)
		e = credential_factor(factor, i->m->id, &token, member->factor,
		                      strlen(member->factor));
	if (!e) {
		mint_credential(&entry.credential, i->m->id, &token,
		                i->m->second_factor ? factor : NULL);
		e = sorter_add(i->credentials, &entry, why);
	}
	token_wipe(&token);
	sodium_memzero(factor, sizeof(factor));
	mint_handle(handle, i->keys->handle, i->m->id, member->id, id_len);
	if (!e)
		e = sorter_add(i->handles, handle, why);
	if (!e && i->step)
		i->step(i->context, 1);
	return e;
}

/* Some credentials of one weight, as a line. */
static enum err write_line(FILE *out, struct buf *line, const struct issuing *i, unsigned weight,
                           const struct point *credential, unsigned n, const char *path,
                           struct why *why)
{
	enum err e;

	if (!n)
		return OK;
	buf_clear(line);
	issued_write(line, i->m, weight, credential, n, i->keys->sign);
	buf_addc(line, '\n');
	e = buf_err(line);
	if (!e && fwrite(line->data, 1, line->len, out) != line->len)
		e = file_trouble(why, path, errno);
	return e;
}

static enum err write_lines(FILE *out, struct issuing *i, const char *path, struct why *why)
{
	struct point *credential = calloc(ISSUED_MAX, sizeof(*credential));
	struct buf line = BUF_INIT(LINE_MAX_BYTES);
	unsigned n = 0, weight = 0;
	enum err e = credential ? OK : ERR_MEMORY;

	while (!e) {
		struct entry entry;
		unsigned own;

		e = sorter_next(i->credentials, &entry, why);
		if (e)
			break;
		own = (unsigned)entry.weight[0] << 8 | entry.weight[1];
		if (n == ISSUED_MAX || own != weight) {
			e = write_line(out, &line, i, weight, credential, n, path, why);
			n = 0;
		}
		weight = own;
		credential[n++] = entry.credential;
	}
	if (e == ERR_NOT_FOUND)
		e = write_line(out, &line, i, weight, credential, n, path, why);
	free(credential);
	buf_free(&line);
	return e;
}

/* Line by line into a file aside, then in place of what was there. */
static enum err write_issued(struct issuing *i, const char *home, struct why *why)
{
	struct buf path = BUF_INIT(HOME_PATH_MAX), aside = BUF_INIT(HOME_PATH_MAX);
	const char *name = file_path(&aside, home, HOME_ISSUED ".new");
	FILE *out = fopen(name, "we");
	enum err e;
	int folder;

	if (!out) {
		e = file_trouble(why, name, errno);
		goto done;
	}
	e = write_lines(out, i, name, why);
	if ((fflush(out) || fsync(fileno(out))) && !e)
		e = file_trouble(why, name, errno);
	if (fclose(out) && !e)
		e = file_trouble(why, name, errno);
	if (!e && rename(name, file_path(&path, home, HOME_ISSUED)))
		e = file_trouble(why, buf_text(&path), errno);
	folder = e ? -1 : open(home, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (!e && (folder < 0 || fsync(folder)))
		e = file_trouble(why, home, errno);
	if (folder >= 0)
		close(folder);
	if (e)
		unlink(name);
done:
	buf_free(&path);
	buf_free(&aside);
	return e;
}

static enum err write_handles(struct issuing *i, const char *home, struct why *why)
{
	size_t members = i->m->members;
	struct buf all = BUF_INIT(members * HANDLE_CHARS);
	struct buf line = BUF_INIT(members * HANDLE_CHARS + 1024);
	const struct home h = { .path = home };
	char handle[HANDLE_CHARS];
	enum err e;

	while (!(e = sorter_next(i->handles, handle, why)))
		buf_add(&all, handle, sizeof(handle));
	if (e == ERR_NOT_FOUND)
		e = buf_err(&all);
	if (!e) {
		handles_write(&line, i->m, all.data, members, i->keys->sign);
		e = buf_err(&line);
	}
	if (!e)
		e = home_write(&h, HOME_HANDLES, &line, false, why);
	buf_free(&all);
	buf_free(&line);
	return e;
}

enum err issue_write(const char *home, const struct manifest *m, struct roll *roll,
                     const struct keys *keys, void (*step)(void *context, uint64_t more),
                     void *context, struct why *why)
{
	struct issuing i = { .m = m, .keys = keys, .step = step, .context = context };
	unsigned char public[32];
	enum err e;

	keys_public(public, keys);
	if (memcmp(public, m->mailer_key, sizeof(public)) ||
	    roll_summary(roll)->members != m->members)
		return why_set(why, ERR_STATE,
		               "%s: the keys or the roll are not those of the sealed manifest",
		               home);
	e = sorter_new(&i.credentials, home, sizeof(struct entry), why);
	if (!e)
		e = sorter_new(&i.handles, home, HANDLE_CHARS, why);
	if (!e)
		e = roll_each(roll, add_member, &i, why);
	if (!e)
		e = write_issued(&i, home, why);
	if (!e)
		e = write_handles(&i, home, why);
	sorter_free(i.credentials);
	sorter_free(i.handles);
	return e;
}
