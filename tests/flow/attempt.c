/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/board.h"
#include "core/file.h"
#include "core/registry.h"
#include "core/text.h"
#include "mailer/mint.h"

/*
 * attempt - what an intruder can make of the keys that they found.
 *
 *   flow-attempt BOARD ID… < CANDIDATES        a candidate a line: 32 bytes in hex
 *
 * Each is tried as the key that tokens are made with, for these members and their first
 * generations; as the secret of a credential; as a trustee's share or the whole election key.
 * Prints what a candidate opens, a line each; exit status 1 where one opens anything.
 */
#define GENERATIONS 3

struct target {
	struct manifest *m;
	struct registry *credentials;
	char **id;
	unsigned ids;
};

static enum err take_line(struct target *t, const struct buf *text, struct why *why)
{
	struct line line = { 0 };
	enum err e = line_read(&line, t->m, buf_text(text), text->len, why);

	if (!e && line.type == LINE_ISSUED)
		for (unsigned i = 0; !e && i < line.u.issued.n; i++)
			e = registry_add(t->credentials, &line.u.issued.credential[i], 1);
	if (!e && line.type == LINE_REPLACED && !line.u.replaced.revoked)
		e = registry_add(t->credentials, &line.u.replaced.by, 1);
	line_release(&line);
	return e;
}

static enum err read_board(struct target *t, const char *path, struct why *why)
{
	struct lines l;
	enum err e = lines_open(&l, path, MANIFEST_MAX, why);

	if (!e)
		e = registry_new(&t->credentials, 1000);
	while (!e && !(e = lines_next(&l, why)))
		e = t->m ? take_line(t, &l.line, why)
		         : manifest_read(&t->m, buf_text(&l.line), l.line.len, why);
	lines_close(&l);
	return e == ERR_NOT_FOUND && t->m ? OK : e;
}

static bool issued(const struct target *t, const struct point *credential)
{
	return registry_get(t->credentials, credential, NULL, NULL) == OK;
}

static unsigned as_token_key(const struct target *t, const unsigned char key[32], uint64_t line)
{
	unsigned opened = 0;

	for (unsigned i = 0; i < t->ids; i++) {
		for (uint32_t g = 1; g <= GENERATIONS; g++) {
			struct point credential;
			struct token token;

			mint_token(&token, key, t->m->id, g, t->id[i], strlen(t->id[i]));
			mint_credential(&credential, t->m->id, &token, NULL);
			if (!issued(t, &credential))
				continue;
			printf("%llu makes the token of %s, generation %u\n",
			       (unsigned long long)line, t->id[i], g);
			opened++;
		}
	}
	return opened;
}

static unsigned as_secret(const struct target *t, const unsigned char bytes[32], uint64_t line)
{
	struct scalar secret;
	struct point p;
	unsigned opened = 0;

	if (scalar_read(&secret, bytes))
		return 0;
	point_base(&p, &secret);
	if (issued(t, &p)) {
		printf("%llu is the secret of a credential\n", (unsigned long long)line);
		opened++;
	}
	for (unsigned j = 0; j < t->m->trustees.count; j++)
		if (point_equal(&p, &t->m->trustees.share[j])) {
			printf("%llu is the share of trustee %u\n", (unsigned long long)line,
			       j + 1);
			opened++;
		}
	if (point_equal(&p, &t->m->election_key)) {
		printf("%llu is the key that opens every ballot\n", (unsigned long long)line);
		opened++;
	}
	return opened;
}

int main(int argc, char **argv)
{
	struct target t = { .id = argv + 2, .ids = argc > 2 ? (unsigned)argc - 2 : 0 };
	unsigned char bytes[32];
	struct why why = { 0 };
	uint64_t line = 0;
	unsigned opened = 0;
	char hex[128];

	group_init();
	if (argc < 3 || read_board(&t, argv[1], &why)) {
		fprintf(stderr, "usage: flow-attempt BOARD ID... < CANDIDATES; %s\n", why.text);
		return 64;
	}
	while (fgets(hex, sizeof(hex), stdin)) {
		for (unsigned i = 0; i < 32; i++) {
			unsigned byte;

			if (sscanf(hex + (size_t)2 * i, "%2x", &byte) != 1)
				return 65;
			bytes[i] = (unsigned char)byte;
		}
		line++;
		opened += as_token_key(&t, bytes, line) + as_secret(&t, bytes, line);
	}
	fprintf(stderr, "flow-attempt: %llu keys tried\n", (unsigned long long)line);
	registry_free(t.credentials);
	manifest_free(t.m);
	return opened > 0;
}
