/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_TESTS_UNIT_MAILER_KIT_H
#define VOTEPOST_TESTS_UNIT_MAILER_KIT_H

/* kit - a whole mailer in a folder: definition, roll, sealed manifest, keys, settings. Include
 * after cmocka and tests/unit/temp.h. Everything asserts. */

#include <sodium.h>

#include "core/file.h"
#include "mailer/compose.h"
#include "mailer/conf.h"
#include "mailer/definition.h"
#include "mailer/import.h"
#include "mailer/keys.h"
#include "mailer/letter.h"
#include "mailer/roll.h"
#include "tests/support.h"

#define KIT_DEFINITION "../config/election.conf"
#define KIT_TEMPLATES  "../config/templates"
/* For mailer.conf: no pace but what a test asks for. */
#define KIT_FULL_SPEED                                                                             \
	"[pace]\nstart = 0\ndomain_start = 0\ndomain_per_minute = 0\ndomain_at_once = 0\n"

struct kit {
	struct definition *definition;
	struct manifest *m;
	struct keys keys;
	struct conf conf;
	struct letters *letters;
	struct roll *roll;
	unsigned char receiver[64]; /* its signing key */
};

static inline void kit_tell(void *context, enum import_kind kind, const char *sentence)
{
	(void)context;
	if (kind == IMPORT_WRONG)
		fail_msg("%s", sentence);
}

/* The text of a file with every `from` put as `to`. */
static inline char *kit_replace(const char *path, const char *from, const char *to)
{
	struct buf in = BUF_INIT((size_t)1 << 20), out = BUF_INIT((size_t)1 << 20);
	const char *at, *next;
	char *text;

	assert_int_equal(file_read(&in, path, NULL), OK);
	assert_non_null(strstr(buf_text(&in), from));
	for (at = buf_text(&in); (next = strstr(at, from)); at = next + strlen(from)) {
		buf_add(&out, at, (size_t)(next - at));
		buf_adds(&out, to);
	}
	buf_adds(&out, at);
	text = strdup(buf_text(&out));
	buf_free(&in);
	buf_free(&out);
	return text;
}

/* Members of so many domains, d0.test and on; 0: all of voters.test; -1: and the first has a name
 * that only SMTPUTF8 can carry. */
static int kit_domains;

static inline void kit_address(struct buf *csv, unsigned i)
{
	if (kit_domains > 0)
		buf_addf(csv, "m%u@d%u.test", i, i % (unsigned)kit_domains);
	else if (kit_domains < 0 && !i)
		buf_adds(csv, "zoé@voters.test");
	else
		buf_addf(csv, "m%u@voters.test", i);
}

static inline void kit_import(struct kit *k, void **state, unsigned members)
{
	struct import import = { .tell = kit_tell };
	struct buf csv = BUF_INIT((size_t)64 << 20);
	struct why why = { 0 };

	buf_adds(&csv, "id,email,name,language\n");
	for (unsigned i = 0; i < members; i++) {
		buf_addf(&csv, "M%u,", i);
		kit_address(&csv, i);
		buf_addf(&csv, ",%s,%s\n", i % 3 ? "Zoé d’Arc" : "", i % 2 ? "fr" : "en");
	}
	temp_file(state, "members.csv", csv.data, csv.len);
	buf_free(&csv);
	assert_ok(import_roll(&import, ((struct temp *)*state)->dir,
	                      temp_path(state, "members.csv"), k->definition, &why),
	          &why);
	assert_ok(roll_open(&k->roll, ((struct temp *)*state)->dir, &why), &why);
}

static inline void kit_reveal(struct reveal *reveal, unsigned i)
{
	struct buf line = BUF_INIT((size_t)64 << 10);
	char path[64];
	struct why why = { 0 };

	snprintf(path, sizeof(path), "vectors/three-questions/reveal-%u.json", i);
	assert_ok(file_read_line(&line, path, &why), &why);
	assert_ok(reveal_read(reveal, buf_text(&line), line.len, &why), &why);
	buf_free(&line);
}

/* `definition` is a path; the sealed election has so many members. */
static inline void kit_open(struct kit *k, void **state, const char *definition, unsigned members)
{
	struct reveal reveal[3];
	struct compose compose = { .reveal = reveal, .reveals = 3 };
	struct buf line = BUF_INIT(MANIFEST_MAX);
	struct why why = { 0 };

	memset(k, 0, sizeof(*k));
	assert_ok(definition_read(&k->definition, definition, &why), &why);
	kit_import(k, state, members);
	for (unsigned i = 0; i < 3; i++)
		kit_reveal(&reveal[i], 3 - i);
	assert_ok(compose_reveals(reveal, 3, &why), &why);
	randombytes_buf(&k->keys, sizeof(k->keys));
	k->keys.epochs = 2;
	k->keys.forgotten = 0;
	crypto_sign_keypair(compose.mailer_key, k->keys.sign);
	crypto_sign_keypair(compose.receiver_key, k->receiver);
	compose.definition = k->definition;
	compose.roll = roll_summary(k->roll);
	assert_ok(compose_manifest(&line, &k->m, &compose, &why), &why);
	for (unsigned i = 0; i < 3; i++)
		reveal_release(&reveal[i]);
	buf_free(&line);
}

/* Settings in this file: `relay` says more of [relay], which is on loopback unless it says where,
 * and `more` follows the rest. Paths are whole, since commands run in a folder of their own. */
static inline const char *kit_settings(void **state, const char *name, unsigned port,
                                       const char *relay, const char *more)
{
	char text[3000], here[300];

	assert_non_null(getcwd(here, sizeof(here)));
	snprintf(text, sizeof(text),
	         "[relay]\nport = %u\ntls = none\ntimeout = 2\n%s%s\n"
	         "[sender]\nname = Bureau de vote\naddress = election@example.org\n"
	         "bounce = bounce@example.org\ncontact = secretariat@example.org\n"
	         "timezone = Europe/Paris\n[letter]\ntemplates = %s/" KIT_TEMPLATES "\n%s",
	         port, strstr(relay, "host = ") ? "" : "host = 127.0.0.1\n", relay, here, more);
	return temp_text(state, name, text);
}

/* The same at full speed unless `more`, which begins in [relay], says a pace; and the letters. */
static inline void kit_post(struct kit *k, void **state, unsigned port, const char *more)
{
	struct why why = { 0 };
	char relay[1000];
	const char *path;

	snprintf(relay, sizeof(relay), "connections = 4\nretry_after = 1\nwait_at_most = 30\n%s",
	         more);
	path = kit_settings(state, "mailer.conf", port, relay,
	                    strstr(more, "[pace]") ? "" : KIT_FULL_SPEED);
	assert_ok(conf_read(&k->conf, "", path, &why), &why);
	assert_ok(letter_load(&k->letters, k->m, k->m->closes, &k->conf, &why), &why);
}

static inline void kit_close(struct kit *k)
{
	letter_free(k->letters);
	conf_release(&k->conf);
	roll_close(k->roll);
	manifest_free(k->m);
	definition_free(k->definition);
}

#endif
