/* SPDX-License-Identifier: MIT */
#include "tests/mail/mails.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <gmime/gmime.h>

#include "core/group.h"
#include "core/text.h"
#include "mailer/letter.h"
#include "receiver/parser/parse.h"
#include "tests/support.h"

#define FILE_MAX (16u << 20)

void mails_init(void)
{
	group_init();
	parse_init();
}

const struct reply *mails_read_from(const char *sender, const void *raw, size_t len)
{
	static struct reply reply;
	struct envelope envelope = { .from = sender };
	struct buf sealed = BUF_INIT(SEALED_MAX);

	memset(&reply, 0, sizeof(reply));
	parse_head(&reply, &envelope, raw, len > MAIL_MAX ? MAIL_MAX : len, len);
	parse_body(&reply, &sealed, raw, len > MAIL_MAX ? MAIL_MAX : len);
	assert_int_equal(reply.sealed_len, sealed.len);
	buf_free(&sealed);
	return &reply;
}

const struct reply *mails_read(const void *raw, size_t len)
{
	return mails_read_from(NULL, raw, len);
}

const struct reply *mails_read_body(const char *type, const char *text, size_t len)
{
	struct buf mail = BUF_INIT(MAILS_ROOM);
	const struct reply *r;

	buf_addf(&mail, "From: anna@example.org\nContent-Type: %s%s\n\n", type,
	         utf8_valid(text, len) ? "; charset=utf-8" : "; charset=iso-8859-1");
	buf_add(&mail, text, len);
	buf_addc(&mail, '\n');
	r = mails_read(mail.data, mail.len);
	buf_free(&mail);
	return r;
}

unsigned mails_swap(struct buf *out, const char *text, const char *from, const char *to)
{
	const char *hit;
	unsigned n = 0;

	while ((hit = strstr(text, from)) != NULL) {
		buf_add(out, text, (size_t)(hit - text));
		buf_adds(out, n ? from : to);
		text = hit + strlen(from);
		n++;
	}
	buf_adds(out, text);
	return n;
}

unsigned mails_swap_in_parts(struct buf *out, const char *text, const char *from, const char *to)
{
	static const char start[] = "Content-Type: text/";
	struct buf part = BUF_INIT(MAILS_ROOM);
	const char *body, *end;
	unsigned n = 0;

	while ((end = strstr(text, start)) != NULL) {
		body = strstr(end, "\n\n");
		assert_non_null(body);
		buf_add(out, text, (size_t)(body - text));
		end = strstr(body, start);
		end = end ? end : body + strlen(body);
		buf_clear(&part);
		buf_add(&part, body, (size_t)(end - body));
		n += mails_swap(out, buf_text(&part), from, to) > 0;
		text = end;
	}
	buf_adds(out, text);
	buf_free(&part);
	return n;
}

void mails_load(struct buf *out, const char *path)
{
	FILE *f = fopen(path, "rb");
	char chunk[65536];
	size_t n;

	if (!f)
		fail_msg("%s cannot be read", path);
	buf_init(out, FILE_MAX);
	while (f && (n = fread(chunk, 1, sizeof(chunk), f)) > 0)
		buf_add(out, chunk, n);
	if (f)
		fclose(f);
	assert_int_equal(buf_err(out), OK);
}

unsigned mails_each(const char *folder, const char *ending,
                    void (*each)(const char *path, const char *name))
{
	struct dirent **entry;
	int n = scandir(folder, &entry, NULL, alphasort), i;
	unsigned count = 0;
	char path[4096];
	size_t len;

	for (i = 0; i < n; i++) {
		len = strlen(entry[i]->d_name);
		if (len > strlen(ending) && entry[i]->d_name[0] != '.' &&
		    !strcmp(entry[i]->d_name + len - strlen(ending), ending)) {
			snprintf(path, sizeof(path), "%s/%s", folder, entry[i]->d_name);
			each(path, entry[i]->d_name);
			count++;
		}
		free(entry[i]);
	}
	if (n >= 0)
		free(entry);
	return count;
}

static void find_part(GMimeObject *parent, GMimeObject *part, gpointer data)
{
	void **want = data;

	(void)parent;
	if (!want[0] &&
	    g_mime_content_type_is_type(g_mime_object_get_content_type(part), "text", want[1]))
		want[0] = part;
}

void mails_part(struct buf *out, const struct buf *mail, const char *subtype)
{
	GMimeStream *stream = g_mime_stream_mem_new_with_buffer(mail->data, mail->len);
	GMimeParser *parser = g_mime_parser_new_with_stream(stream);
	GMimeMessage *message = g_mime_parser_construct_message(parser, NULL);
	char name[20];
	void *want[2] = { NULL, name };
	char *text;

	snprintf(name, sizeof(name), "%s", subtype);
	assert_non_null(message);
	g_mime_message_foreach(message, find_part, want);
	assert_non_null(want[0]);
	text = g_mime_text_part_get_text(want[0]);
	for (const char *at = text; *at; at++)
		if (*at != '\r')
			buf_addc(out, *at);
	assert_int_equal(buf_err(out), OK);
	g_free(text);
	g_object_unref(message);
	g_object_unref(parser);
	g_object_unref(stream);
}

const char *const mails_language[MAILS_LANGUAGES] = { "fr", "en", "es", "de", "pt", "ar", "zh" };

/* The letters of the last election that was asked for: reading templates takes longer than
 * writing a mail. */
static struct {
	const char *example;
	unsigned language;
	bool later;
	struct manifest *m;
	struct letters *letters;
} loaded;

/* The texts of the example's own languages, in turn, under another tag. */
static void load_letters(const char *example, unsigned language, bool later)
{
	static char templates[] = "../config/templates", name[] = "Vote",
		    address[] = "v@example.org", contact[] = "help@example.org",
		    timezone[] = "Europe/Paris";
	static struct conf conf = { .templates = templates,
		                    .name = name,
		                    .address = address,
		                    .bounce = address,
		                    .contact = contact,
		                    .timezone = timezone };
	struct why why;

	if (loaded.example && !strcmp(loaded.example, example) && loaded.language == language &&
	    loaded.later == later)
		return;
	letter_free(loaded.letters);
	manifest_free(loaded.m);
	loaded.example = example;
	loaded.language = language;
	loaded.later = later;
	loaded.m = support_manifest(example);
	loaded.m->language[language % loaded.m->languages] = mails_language[language];
	assert_ok(letter_load(&loaded.letters, loaded.m, loaded.m->closes + (later ? 86400 : 0),
	                      &conf, &why),
	          &why);
}

void mails_letter(struct buf *out, const char *example, unsigned language, enum mailing_kind kind,
                  bool later)
{
	struct member member = { .generation = 1 + later, .weight = 1 };
	struct letter_desk desk;
	struct token token;
	const struct letter_order order = { .mailing = { kind, 0 },
		                            .member = &member,
		                            .handle = "0123456789abc",
		                            .token = mailing_is_letter(kind) ? &token : NULL };
	struct why why;

	snprintf(member.name, sizeof(member.name), "Anna Martin");
	snprintf(member.email, sizeof(member.email), "anna@example.org");
	assert_ok(token_read(&token, MAILS_TOKEN, strlen(MAILS_TOKEN)), NULL);
	load_letters(example, language, later);
	member.language = language % loaded.m->languages;
	letter_desk_init(&desk);
	assert_ok(letter_write(out, &desk, loaded.letters, &order, &why), &why);
	letter_desk_release(&desk);
}

void mails_quote(struct buf *out, const char *text, const char *mark)
{
	size_t n;

	for (; *text; text += n + (text[n] ? 1 : 0)) {
		n = strcspn(text, "\n");
		buf_adds(out, mark);
		buf_add(out, text, n);
		buf_addc(out, '\n');
	}
}

const char *mails_samples(void)
{
	static char path[4096];
	const char *given = getenv("VOTEPOST_SAMPLES");
	struct dirent **entry;
	char probe[4200];
	int n, i;

	if (given)
		return access(given, R_OK) == 0 ? given : NULL;
	if (path[0])
		return path;
	n = scandir("../..", &entry, NULL, alphasort);
	for (i = 0; i < n; i++) {
		snprintf(probe, sizeof(probe), "../../%s/mail/bounces", entry[i]->d_name);
		if (!path[0] && entry[i]->d_name[0] != '.' && access(probe, R_OK) == 0)
			snprintf(path, sizeof(path), "../../%s/mail", entry[i]->d_name);
		free(entry[i]);
	}
	if (n >= 0)
		free(entry);
	return path[0] ? path : NULL;
}
