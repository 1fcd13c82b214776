/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/ballot.h"
#include "core/credential.h"
#include "core/token.h"

/*
 * seal - stands in for the voting page: a sealed reply's block from a manifest, a token on
 * standard input and the ballot's cells.
 *
 *   flow-seal MANIFEST CELLS < token      CELLS is a 0 or 1 for each cell: 0100
 *                                         a second line is the second factor, as it is typed
 *
 * Options after CELLS are the channel to sign for (sealed-reply) and `line`, which prints the
 * ballot line itself instead of its block.
 */
#define LINE_CAP (2u << 20)

static char *read_manifest(const char *path, size_t *len)
{
	char *text = malloc(MANIFEST_MAX + 2);
	FILE *f = fopen(path, "rb");

	if (!text || !f) {
		perror(path);
		exit(66);
	}
	*len = fread(text, 1, MANIFEST_MAX + 1, f);
	fclose(f);
	if (*len && text[*len - 1] == '\n')
		(*len)--;
	return text;
}

/* A line of standard input; "" where there is none. */
static void next_line(char out[128])
{
	if (!fgets(out, 128, stdin))
		out[0] = '\0';
	out[strcspn(out, "\r\n")] = '\0';
}

/* The credential's secret, from what the member has and, where the election asks, knows. */
static enum err read_secret(struct scalar *secret, const struct manifest *m, struct why *why)
{
	unsigned char factor[HASH_BYTES];
	char typed[128];
	struct token token;
	enum err e;

	next_line(typed);
	e = token_read(&token, typed, strlen(typed));
	if (e)
		return why_set(why, e, "this is no token");
	next_line(typed);
	if (m->second_factor) {
		e = credential_factor(factor, m->id, &token, typed, strlen(typed));
		if (e)
			return why_set(why, e, "this is no second factor");
	}
	credential_secret(secret, m->id, &token, m->second_factor ? factor : NULL);
	token_wipe(&token);
	return OK;
}

static enum err seal(struct buf *out, const struct manifest *m, enum channel channel,
                     const char *cells, bool as_line, struct why *why)
{
	unsigned char value[CELLS_MAX];
	struct buf line = BUF_INIT(LINE_CAP);
	struct scalar secret;
	enum err e;

	if (strlen(cells) != m->cells)
		return why_set(why, ERR_USAGE, "this ballot has %u cells", m->cells);
	for (unsigned i = 0; i < m->cells; i++)
		value[i] = cells[i] == '1';
	e = read_secret(&secret, m, why);
	if (e)
		return e;
	e = ballot_make(&line, m, channel, &secret, value);
	if (!e && as_line)
		buf_add(out, line.data, line.len);
	else if (!e)
		armour_write(out, line.data, line.len);
	scalar_wipe(&secret);
	buf_free(&line); /* wipes it too */
	return e;
}

int main(int argc, char **argv)
{
	struct buf out = BUF_INIT(LINE_CAP);
	struct why why = { 0 };
	struct manifest *m = NULL;
	enum channel channel = CHANNEL_SEALED_REPLY;
	bool as_line = false;
	char *text;
	size_t len;
	enum err e;

	if (argc < 3) {
		fputs("usage: flow-seal MANIFEST CELLS [CHANNEL] [line] < token\n", stderr);
		return 64;
	}
	group_init();
	text = read_manifest(argv[1], &len);
	e = manifest_read(&m, text, len, &why);
	if (!e && argc > 3)
		e = channel_read(&channel, argv[3]);
	if (argc > 4)
		as_line = strcmp(argv[4], "line") == 0;
	if (!e)
		e = seal(&out, m, channel, argv[2], as_line, &why);
	if (e)
		fprintf(stderr, "flow-seal: %s\n", why.text);
	else
		fwrite(out.data, 1, out.len, stdout);
	manifest_free(m);
	buf_free(&out);
	free(text);
	return e ? 1 : 0;
}
