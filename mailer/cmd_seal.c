/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "core/ceremony.h"
#include "core/cli.h"
#include "core/file.h"
#include "core/ledger.h"
#include "mailer/cmd.h"
#include "mailer/compose.h"
#include "mailer/home.h"
#include "mailer/journal.h"

#define PUBLIC_FILE_MAX ((size_t)64 << 10) /* a reveal or the receiver's key */

static const char name[] = "votepost-mailer seal";

static enum err read_receiver(unsigned char key[32], const char *path, struct why *why)
{
	struct buf line = BUF_INIT(PUBLIC_FILE_MAX);
	enum err e = file_read_line(&line, path, why);

	if (!e) {
		e = receiver_key_read(key, buf_text(&line), line.len, why);
		if (e)
			why_prefix(why, "%s", path);
	}
	buf_free(&line);
	return e;
}

static enum err read_reveal(struct reveal *reveal, const char *path, struct why *why)
{
	struct buf line = BUF_INIT(PUBLIC_FILE_MAX);
	enum err e = file_read_line(&line, path, why);

	if (!e) {
		e = reveal_read(reveal, buf_text(&line), line.len, why);
		if (e)
			why_prefix(why, "%s", path);
	}
	buf_free(&line);
	return e;
}

static enum err read_reveals(struct reveal *reveal, char **path, unsigned n, unsigned *done,
                             struct why *why)
{
	enum err e = OK;

	for (*done = 0; !e && *done < n; *done += !e)
		e = read_reveal(&reveal[*done], path[*done], why);
	return e ? e : compose_reveals(reveal, n, why);
}

/* From what is gathered to manifest.json. */
static enum err seal(const struct home *home, const struct compose *c, struct why *why)
{
	struct buf line = BUF_INIT(MANIFEST_MAX);
	struct manifest *m = NULL;
	enum err e = compose_manifest(&line, &m, c, why);

	if (!e) {
		const struct journal_count counts[] = { { "members", m->members },
			                                { "trustees", m->trustees.count } };

		e = journal_add(home->path, "seal", m->fingerprint, counts, 2, why);
	}
	if (!e)
		e = home_write(home, HOME_MANIFEST, &line, true, why);
	if (!e) {
		cli_out("%s\n", m->fingerprint);
		cli_say("sealed: %llu members, %u trustees, any %u of them decrypt; the "
		        "fingerprint is above. Compare it with the trustees over a channel that "
		        "you do not run",
		        (unsigned long long)m->members, m->trustees.count, m->trustees.threshold);
	}
	manifest_free(m);
	buf_free(&line);
	return e;
}

/* The home's own part: its definition, roll and key. */
static enum err gather_and_seal(const struct home *home, struct compose *c,
                                const char *passphrase_file, struct why *why)
{
	struct definition *definition = NULL;
	struct roll *roll = NULL;
	struct keys *keys = NULL;
	enum err e = home_definition(home, &definition, why);

	if (!e)
		e = roll_open(&roll, home->path, why);
	if (!e)
		e = cmd_unlock(&keys, home->path, passphrase_file, "seal", why);
	if (!e) {
		c->definition = definition;
		c->roll = roll_summary(roll);
		keys_public(c->mailer_key, keys);
		e = seal(home, c, why);
	}
	keys_close(keys);
	roll_close(roll);
	definition_free(definition);
	return e;
}

static enum err run(const char *home_path, const char *receiver, const char *passphrase_file,
                    char **path, unsigned n, struct why *why)
{
	struct reveal *reveal = calloc(n, sizeof(*reveal));
	struct compose compose = { .reveal = reveal, .reveals = n };
	struct home home = { .lock = { .fd = -1 } };
	unsigned done = 0;
	enum err e = reveal ? OK : why_set(why, ERR_MEMORY, "out of memory");

	if (!e && !receiver)
		e = why_set(why, ERR_USAGE,
		            "--receiver FILE is needed: what votepost-receiver key has printed");
	if (!e)
		e = home_open(&home, home_path, true, why);
	if (!e)
		e = home_not_sealed(&home, why);
	if (!e)
		e = read_receiver(compose.receiver_key, receiver, why);
	if (!e)
		e = read_reveals(reveal, path, n, &done, why);
	if (!e)
		e = gather_and_seal(&home, &compose, passphrase_file, why);
	for (unsigned i = 0; i < done; i++)
		reveal_release(&reveal[i]);
	free(reveal);
	home_close(&home);
	return e;
}

int cmd_seal(int argc, char **argv)
{
	const char *home = ".", *receiver = NULL, *passphrase_file = NULL;
	const struct option_row options[] = {
		{ "home", OPTION_TEXT, &home, "DIR", "the mailer's home", 0, 0 },
		{ "receiver", OPTION_TEXT, &receiver, "FILE", "the receiver's receiver.json", 0,
		  0 },
		{ "passphrase-file", OPTION_TEXT, &passphrase_file, "FILE",
		  "read the passphrase from a file, not the terminal", 0, 0 },
		{ 0 },
	};
	const struct usage usage = {
		name,
		"REVEAL.json…",
		1,
		TRUSTEES_MAX,
		"Put together the definition, the roll, the receiver's key and what the trustees\n"
		"have revealed (all of them), and write manifest.json. From here on the question\n"
		"and the roll are frozen. Prints the election's fingerprint.",
		options,
	};
	struct why why = { 0 };
	int first, status = cli_options(&usage, argc, argv, &first);
	enum err e;

	if (status >= 0)
		return status;
	e = run(home, receiver, passphrase_file, argv + first, (unsigned)(argc - first), &why);
	return e ? cli_fail(name, e, &why) : 0;
}
