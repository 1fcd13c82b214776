/* SPDX-License-Identifier: MIT */
#include "mailer/issue.h"

#include <stdlib.h>
#include <string.h>

#include "core/aside.h"
#include "core/board.h"
#include "core/file.h"
#include "mailer/derive.h"
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

static enum err add_handle(struct issuing *i, const char *id, struct why *why)
{
	char handle[HANDLE_TEXT];

	mint_handle(handle, i->keys->handle, i->m->id, id, strlen(id));
	return sorter_add(i->handles, handle, why);
}

static enum err add_member(void *context, const struct member *member, struct why *why)
{
	struct issuing *i = context;
	struct entry entry = { .weight = { (unsigned char)(member->weight >> 8),
		                           (unsigned char)member->weight } };
	enum err e = derive_credential(&entry.credential, i->keys, i->m, member, why);

	if (!e)
		e = sorter_add(i->credentials, &entry, why);
	if (!e)
		e = add_handle(i, member->id, why);
	if (!e && i->step)
		i->step(i->context, 1);
	return e;
}

/* Some credentials of one weight, as a line. */
static enum err write_line(struct aside *out, struct buf *line, const struct issuing *i,
                           unsigned weight, const struct point *credential, unsigned n)
{
	if (!n)
		return OK;
	buf_clear(line);
	issued_write(line, i->m, weight, credential, n, i->keys->sign);
	buf_addc(line, '\n');
	aside_add(out, line->data, line->len);
	return buf_err(line);
}

static enum err write_lines(struct aside *out, struct issuing *i, struct why *why)
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
			e = write_line(out, &line, i, weight, credential, n);
			n = 0;
		}
		weight = own;
		credential[n++] = entry.credential;
	}
	if (e == ERR_NOT_FOUND)
		e = write_line(out, &line, i, weight, credential, n);
	free(credential);
	buf_free(&line);
	return e;
}

static enum err write_issued(struct issuing *i, const char *home, struct why *why)
{
	struct buf path = BUF_INIT(HOME_PATH_MAX);
	struct aside out;
	enum err e = aside_begin(&out, file_path(&path, home, HOME_ISSUED), 0644, why);

	if (!e)
		e = write_lines(&out, i, why);
	e = aside_end(&out, e, why);
	buf_free(&path);
	return e;
}

static enum err write_handles(struct issuing *i, const char *home, struct why *why)
{
	size_t n = i->m->members + 1; /* and that of preflight's letters */
	struct buf all = BUF_INIT(n * HANDLE_CHARS);
	struct buf line = BUF_INIT(n * HANDLE_CHARS + 1024);
	const struct home h = { .path = home };
	char handle[HANDLE_CHARS];
	enum err e;

	while (!(e = sorter_next(i->handles, handle, why)))
		buf_add(&all, handle, sizeof(handle));
	if (e == ERR_NOT_FOUND)
		e = buf_err(&all);
	if (!e) {
		handles_write(&line, i->m, all.data, n, i->keys->sign);
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
		e = add_handle(&i, MINT_NOBODY, why);
	if (!e)
		e = write_issued(&i, home, why);
	if (!e)
		e = write_handles(&i, home, why);
	sorter_free(i.credentials);
	sorter_free(i.handles);
	return e;
}
