/* SPDX-License-Identifier: MIT */
#include "mailer/cmd.h"

#include <stdio.h>

#include "core/passphrase.h"
#include "core/progress.h"
#include "core/secret.h"
#include "mailer/custody.h"

#define PURPOSE_MAX 400

enum err cmd_begin(struct cmd *c, unsigned flags, struct why *why)
{
	enum err e = home_open(&c->home, c->path, flags & CMD_ALONE, why);

	if (!e && flags & CMD_UNSEALED)
		e = home_not_sealed(&c->home, why);
	if (!e && flags & CMD_SEALED)
		e = home_manifest(&c->home, &c->m, why);
	return e;
}

void cmd_end(struct cmd *c)
{
	keys_close(c->keys);
	secret_free(c->passphrase);
	manifest_free(c->m);
	home_close(&c->home);
}

enum err cmd_passphrase_files(const struct cmd *c, unsigned wanted, struct why *why)
{
	if (!c->passphrases.n || c->passphrases.n == wanted)
		return OK;
	return why_set(why, ERR_USAGE, "--passphrase-file: %u for %u passphrase%s",
	               c->passphrases.n, wanted, wanted == 1 ? "" : "s");
}

enum err cmd_passphrase(struct passphrase **out, const struct cmd *c, unsigned i,
                        const char *prompt, int confirm, struct why *why)
{
	const char *file = i < c->passphrases.n ? c->passphrases.text[i] : NULL;

	return passphrase_get(out, file, prompt, confirm, why);
}

static enum err check_counts(const struct cmd *c, const struct custody *custody, struct why *why)
{
	if (!custody && c->shares.n)
		return why_set(why, ERR_USAGE,
		               "--share: these keys are under one passphrase, nobody has a share "
		               "of them");
	if (custody && !c->shares.n)
		return why_set(why, ERR_USAGE,
		               "these keys are held by %u officers, any %u of them together: give "
		               "--share FILE %u times",
		               custody->officers, custody->threshold, custody->threshold);
	return cmd_passphrase_files(c, custody ? c->shares.n : 1, why);
}

static enum err open_share(struct custody_share **out, const struct cmd *c,
                           const struct custody *custody, unsigned i, struct why *why)
{
	struct passphrase *own = NULL;
	char prompt[300];
	enum err e;

	snprintf(prompt, sizeof(prompt),
	         "Passphrase of the officer of %.200s: ", c->shares.text[i]);
	e = cmd_passphrase(&own, c, i, prompt, 0, why);
	if (!e)
		e = custody_share_open(out, custody, c->shares.text[i], own, why);
	secret_free(own);
	return e;
}

/* "send, by officers 1 and 3" */
static void name_officers(struct buf *out, struct custody_share *const *share, unsigned n)
{
	unsigned said = 0;

	buf_adds(out, ", by officers");
	for (unsigned number = 1; number <= OFFICERS_MAX; number++)
		for (unsigned i = 0; i < n; i++)
			if (share[i]->number == number)
				buf_addf(out, "%s %u",
				         !said++     ? ""
				         : said == n ? " and"
				                     : ",",
				         number);
}

static enum err combine(struct cmd *c, const struct custody *custody, struct buf *purpose,
                        struct why *why)
{
	struct custody_share *share[OPTION_LIST_MAX] = { NULL };
	enum err e = OK;

	for (unsigned i = 0; !e && i < c->shares.n; i++)
		e = open_share(&share[i], c, custody, i, why);
	if (!e)
		e = custody_combine(&c->passphrase, custody, share, c->shares.text, c->shares.n,
		                    why);
	if (!e)
		name_officers(purpose, share, c->shares.n);
	for (unsigned i = 0; i < c->shares.n; i++)
		secret_free(share[i]);
	return e;
}

enum err cmd_unlock(struct cmd *c, enum keys_need need, const char *purpose, struct why *why)
{
	struct buf words = BUF_INIT(PURPOSE_MAX), path = BUF_INIT(HOME_PATH_MAX);
	struct custody custody;
	enum err e = custody_read(&custody, file_path(&path, c->path, CUSTODY_FILE), why);
	bool alone = e == ERR_NOT_FOUND;

	buf_adds(&words, purpose);
	if (!e || alone)
		e = check_counts(c, alone ? NULL : &custody, why);
	if (!e)
		e = alone ? cmd_passphrase(&c->passphrase, c, 0,
		                           "Passphrase of the mailer's keys: ", 0, why)
		          : combine(c, &custody, &words, why);
	if (!e)
		e = buf_err(&words);
	if (!e)
		e = keys_open(&c->keys, c->path, c->passphrase, need, buf_text(&words), why);
	if (!c->seals) {
		secret_free(c->passphrase);
		c->passphrase = NULL;
	}
	buf_free(&words);
	buf_free(&path);
	return e;
}

void cmd_step(void *context, uint64_t more)
{
	progress_step(context, more);
}
