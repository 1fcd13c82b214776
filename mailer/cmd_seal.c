/* SPDX-License-Identifier: MIT */
#include "core/ceremony.h"
#include "core/file.h"
#include "core/ledger.h"
#include "mailer/cmd.h"
#include "mailer/compose.h"
#include "mailer/conf.h"
#include "mailer/journal.h"
#include "mailer/letter.h"
#include "mailer/texts.h"

#define PUBLIC_FILE_MAX ((size_t)64 << 10) /* a reveal or the receiver's key */

/* One of the public files that make up the manifest: `take` reads its line into `into`. */
typedef enum err take_line(void *into, const char *line, size_t len, struct why *why);

static enum err take_receiver(void *into, const char *line, size_t len, struct why *why)
{
	return receiver_key_read(into, line, len, why);
}

static enum err take_reveal(void *into, const char *line, size_t len, struct why *why)
{
	return reveal_read(into, line, len, why);
}

static enum err read_public(take_line *take, void *into, const char *path, struct why *why)
{
	struct buf line = BUF_INIT(PUBLIC_FILE_MAX);
	enum err e = file_read_line(&line, path, why);

	if (!e) {
		e = take(into, buf_text(&line), line.len, why);
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
		e = read_public(take_reveal, &reveal[*done], path[*done], why);
	return e ? e : compose_reveals(reveal, n, why);
}

struct sealing {
	struct cmd cmd;
	const char *receiver, *settings;
	struct conf conf;
};

/* A letter that cannot be sent is found out here, not on the day when it should be; and from here
 * on its words are what they are. */
static enum err try_letters(const struct sealing *s, const struct manifest *m, struct why *why)
{
	struct letters *letters = NULL;
	enum err e = letter_load(&letters, m, m->closes, &s->conf, why);

	for (unsigned i = 0; !e && i < m->languages; i++) {
		const char *own = letter_own_text(letters, i);

		cli_say("letters in %s: checked, %s%s", m->language[i],
		        own ? "with the organiser's own text of " : "in the templates' words alone",
		        own ? own : "");
	}
	if (!e)
		e = texts_approve(s->cmd.path, letters, why);
	letter_free(letters);
	return e;
}

/* From what is gathered to manifest.json. */
static enum err seal(const struct sealing *s, const struct compose *c, struct why *why)
{
	const struct home *home = &s->cmd.home;
	struct buf line = BUF_INIT(MANIFEST_MAX);
	struct manifest *m = NULL;
	enum err e = compose_manifest(&line, &m, c, why);

	if (!e)
		e = try_letters(s, m, why);
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
static enum err gather_and_seal(struct sealing *s, struct compose *c, struct why *why)
{
	struct cmd *cmd = &s->cmd;
	struct definition *definition = NULL;
	struct roll *roll = NULL;
	enum err e = home_definition(&cmd->home, &definition, why);

	if (!e)
		e = roll_open(&roll, cmd->path, why);
	if (!e)
		e = cmd_unlock(cmd, KEYS_SIGN, "seal", why);
	if (!e) {
		c->definition = definition;
		c->roll = roll_summary(roll);
		keys_public(c->mailer_key, cmd->keys);
		e = seal(s, c, why);
	}
	roll_close(roll);
	definition_free(definition);
	return e;
}

static enum err seal_election(void *context, char **operand, struct why *why)
{
	struct sealing *s = context;
	struct reveal reveal[TRUSTEES_MAX];
	struct compose compose = { .reveal = reveal };
	unsigned done = 0;
	enum err e;

	while (operand[compose.reveals])
		compose.reveals++;
	if (!s->receiver)
		return why_set(why, ERR_USAGE,
		               "--receiver FILE is needed: what votepost-receiver key has printed");
	e = cmd_begin(&s->cmd, CMD_ALONE | CMD_UNSEALED, why);
	if (!e)
		e = read_public(take_receiver, compose.receiver_key, s->receiver, why);
	if (!e)
		e = read_reveals(reveal, operand, compose.reveals, &done, why);
	if (!e) {
		e = conf_read(&s->conf, s->cmd.path, s->settings, why);
		if (e)
			why_prefix(why, "the letters are checked before anything is frozen");
	}
	if (!e)
		e = gather_and_seal(s, &compose, why);
	while (done)
		reveal_release(&reveal[--done]);
	conf_release(&s->conf);
	cmd_end(&s->cmd);
	return e;
}

int cmd_seal(int argc, char **argv)
{
	struct sealing s = { .cmd = CMD_INIT };
	const struct option_row options[] = {
		CMD_HOME(&s.cmd),
		{ "receiver", OPTION_TEXT, &s.receiver, "FILE", "the receiver's receiver.json", 0,
		  0 },
		{ "settings", OPTION_TEXT, &s.settings, "FILE", "instead of the home's mailer.conf",
		  0, 0 },
		CMD_UNLOCK(&s.cmd),
		{ 0 },
	};
	const struct usage usage = {
		"votepost-mailer seal",
		"REVEAL.json…",
		1,
		TRUSTEES_MAX,
		"Put together the definition, the roll, the receiver's key and what the trustees\n"
		"have revealed (all of them), and write manifest.json. From here on the question\n"
		"and the roll are frozen. Every letter is tried first, in every language, with "
		"the\n"
		"settings of mailer.conf. Prints the election's fingerprint.",
		options,
	};

	return cli_run(&usage, argc, argv, seal_election, &s);
}
