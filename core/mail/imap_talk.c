/* SPDX-License-Identifier: MIT */
#include "core/mail/imap_talk.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <curl/curl.h>

#include "core/mail/clean.h"
#include "core/mail/folder.h"
#include "core/mail/imap_login.h"
#include "core/mail/imap_stage.h"
#include "core/mail/words.h"

#define URL_MAX  2048
#define SAID_MAX (256u << 10) /* bytes that may be said in answer to one command */

struct imap_talk {
	CURL *curl;
	const struct imap_account *account;
	const char *name;     /* of the folder, as a person knows it */
	struct buf folder;    /* as it stands in a URL */
	uint32_t uidvalidity; /* 0: whatever it is */
	bool connected;
	atomic_bool stop;
	/* The command under way */
	enum imap_stage stage;
	size_t said;
	bool too_much, renumbered;
	bool leaving; /* after a failure; the answer to LOGOUT is of no interest */
	struct imap_answer answer;
	imap_talk_line *line;
	void *line_context;
	/* The mail under way */
	struct buf *mail; /* NULL: none */
	struct imap_item item;
	bool begun, rest_follows, cut;
	enum imap_trouble trouble;
	char error[CURL_ERROR_SIZE];
};

/* libcurl tells what it sends; only the word behind the tag is looked at. */
static int watch_command(CURL *curl, curl_infotype type, char *data, size_t len, void *context)
{
	struct imap_talk *t = context;

	(void)curl;
	if (type == CURLINFO_HEADER_OUT && imap_stage_begins(&t->stage, &t->leaving, data, len) &&
	    t->stage == IMAP_STAGE_SELECT && !t->leaving) {
		t->answer.uidvalidity = t->answer.exists = 0;
		t->answer.read_only = false;
	}
	return 0;
}

/* The folder's number is known before anything is done in it. */
static bool same_folder(struct imap_talk *t)
{
	t->renumbered = t->uidvalidity && t->answer.uidvalidity != t->uidvalidity;
	return !t->renumbered;
}

/* Each line that the server says. */
static size_t watch_line(char *data, size_t size, size_t n, void *context)
{
	struct imap_talk *t = context;
	size_t len = size * n;

	if (t->leaving)
		return len;
	t->said += len;
	t->too_much = t->said > SAID_MAX;
	if (t->too_much)
		return 0;
	if (t->rest_follows) {
		t->rest_follows = false;
		imap_answer_rest(&t->item, data, len);
		return len;
	}
	switch (imap_answer_read(&t->answer, data, len)) {
	case IMAP_STATUS:
		return t->stage != IMAP_STAGE_SELECT || !t->answer.ok || same_folder(t) ? len : 0;
	case IMAP_FETCH:
		if (t->mail && !t->begun) {
			t->item = t->answer.item;
			t->begun = t->rest_follows = t->item.literal;
		}
		if (t->line)
			t->line(t->line_context, &t->answer.item);
		return len;
	case IMAP_OTHER:
		break;
	}
	return len;
}

/* A mail's bytes; those over the cap are not waited for. */
static size_t take_bytes(char *data, size_t size, size_t n, void *context)
{
	struct imap_talk *t = context;
	size_t len = size * n, room;

	if (!t->mail || !t->begun)
		return len; /* a line that watch_line has seen */
	room = IMAP_MESSAGE_MAX - t->mail->len;
	t->cut = len > room;
	buf_add(t->mail, data, t->cut ? room : len);
	return t->cut || buf_err(t->mail) ? 0 : len;
}

static int go_on(void *context, curl_off_t a, curl_off_t b, curl_off_t c, curl_off_t d)
{
	struct imap_talk *t = context;

	(void)a, (void)b, (void)c, (void)d;
	return t->stop;
}

enum err imap_talk_open(struct imap_talk **out, const struct imap_account *a, struct why *why)
{
	struct imap_talk *t = calloc(1, sizeof(*t));
	enum err e;

	clean_curl();
	if (t)
		t->curl = curl_easy_init();
	if (!t || !t->curl) {
		imap_talk_close(t);
		return why_set(why, ERR_MEMORY, "out of memory");
	}
	t->account = a;
	buf_init(&t->folder, URL_MAX);
	curl_easy_setopt(t->curl, CURLOPT_HEADERFUNCTION, watch_line);
	curl_easy_setopt(t->curl, CURLOPT_HEADERDATA, t);
	curl_easy_setopt(t->curl, CURLOPT_WRITEFUNCTION, take_bytes);
	curl_easy_setopt(t->curl, CURLOPT_WRITEDATA, t);
	curl_easy_setopt(t->curl, CURLOPT_XFERINFOFUNCTION, go_on);
	curl_easy_setopt(t->curl, CURLOPT_XFERINFODATA, t);
	curl_easy_setopt(t->curl, CURLOPT_NOPROGRESS, 0L);
	curl_easy_setopt(t->curl, CURLOPT_DEBUGFUNCTION, watch_command);
	curl_easy_setopt(t->curl, CURLOPT_DEBUGDATA, t);
	curl_easy_setopt(t->curl, CURLOPT_VERBOSE, 1L); /* to watch_command, not to stderr */
	curl_easy_setopt(t->curl, CURLOPT_ERRORBUFFER, t->error);
	e = imap_login_set(t->curl, a, why);
	if (!e)
		e = imap_talk_folder(t, a->folder, why);
	if (e) {
		imap_talk_close(t);
		return e;
	}
	*out = t;
	return OK;
}

void imap_talk_close(struct imap_talk *t)
{
	if (!t)
		return;
	imap_talk_end(t);
	if (t->curl)
		curl_easy_cleanup(t->curl);
	buf_free(&t->folder);
	free(t);
}

enum err imap_talk_folder(struct imap_talk *t, const char *name, struct why *why)
{
	t->name = name;
	t->uidvalidity = 0;
	buf_clear(&t->folder);
	return folder_url(&t->folder, name, why);
}

void imap_talk_stop(struct imap_talk *t)
{
	t->stop = true;
}

const struct imap_answer *imap_talk_answer(const struct imap_talk *t)
{
	return &t->answer;
}

enum imap_trouble imap_talk_trouble(const struct imap_talk *t)
{
	return t->trouble;
}

static enum err set_url(struct imap_talk *t, uint32_t uid, bool large, struct why *why)
{
	const struct imap_account *a = t->account;
	bool bare_v6 = strchr(a->host, ':') && a->host[0] != '[';
	struct buf url = BUF_INIT(URL_MAX);
	enum err e;

	buf_addf(&url, "%s://%s%s%s:%u/%s", a->tls == SMTP_TLS_IMPLICIT ? "imaps" : "imap",
	         bare_v6 ? "[" : "", a->host, bare_v6 ? "]" : "", a->port, buf_text(&t->folder));
	if (t->uidvalidity)
		buf_addf(&url, ";UIDVALIDITY=%lu", (unsigned long)t->uidvalidity);
	if (uid)
		buf_addf(&url, "/;UID=%lu", (unsigned long)uid);
	if (uid && large)
		buf_addf(&url, "/;PARTIAL=0.%u", IMAP_MESSAGE_MAX);
	e = buf_err(&url);
	if (!e && curl_easy_setopt(t->curl, CURLOPT_URL, buf_text(&url)))
		e = ERR_MEMORY;
	buf_free(&url);
	return e ? why_set(why, e, "%s", err_text(e)) : OK;
}

/* Once through libcurl. */
static CURLcode perform(struct imap_talk *t, bool last)
{
	CURLcode rc;

	t->stage = IMAP_STAGE_CONNECT;
	t->said = 0;
	t->too_much = t->renumbered = t->leaving = t->begun = t->rest_follows = t->cut = false;
	t->answer.ok = false;
	t->answer.found = 0;
	t->answer.words[0] = t->error[0] = '\0';
	memset(&t->item, 0, sizeof(t->item));
	curl_easy_setopt(t->curl, CURLOPT_FORBID_REUSE, last ? 1L : 0L);
	rc = curl_easy_perform(t->curl);
	t->connected = !rc && !last;
	return rc;
}

static bool passing(const char *words)
{
	return strstr(words, "[UNAVAILABLE]") || strstr(words, "[INUSE]") ||
	       strstr(words, "[LIMIT]") || strstr(words, "[SERVERBUG]");
}

/* Before the folder is selected: every command would meet it. */
static enum err judge_server(const struct imap_talk *t, CURLcode rc, struct why *why)
{
	const char *help = imap_login_advice(t->curl, t->account, (int)rc),
		   *host = t->account->host, *said = t->answer.words;
	enum err e = passing(said) ? ERR_AGAIN : ERR_SETTINGS;
	char words[CURL_ERROR_SIZE];

	words_text(words, sizeof(words), t->error[0] ? t->error : curl_easy_strerror(rc));
	if (help)
		return why_set(why, ERR_SETTINGS, "%s: %s; %s", host, words, help);
	if (t->stage == IMAP_STAGE_LOGIN && rc == CURLE_LOGIN_DENIED)
		return why_set(why, e, "%s does not let us in: %s; see user and %s", host,
		               said[0] ? said : words, imap_login_setting(t->account));
	if (rc == CURLE_LOGIN_DENIED && t->stage < IMAP_STAGE_LOGIN)
		return why_set(
			why, ERR_SETTINGS,
			"%s takes no login of the kind that we have; see tls, and user and %s",
			host, imap_login_setting(t->account));
	if (t->stage == IMAP_STAGE_SELECT && rc == CURLE_LOGIN_DENIED)
		return why_set(why, e, "%s does not open the folder %s: %s", host, t->name, said);
	return why_set(why, ERR_AGAIN, "%s: %s%s%s", host, words, said[0] ? ": " : "", said);
}

static enum imap_trouble trouble_of(const struct imap_talk *t, CURLcode rc)
{
	if (t->stage == IMAP_STAGE_SELECT && rc == CURLE_LOGIN_DENIED)
		return IMAP_TROUBLE_NO_FOLDER;
	return t->stage < IMAP_STAGE_COMMAND ? IMAP_TROUBLE_SERVER : IMAP_TROUBLE_COMMAND;
}

static enum err judge(struct imap_talk *t, CURLcode rc, struct why *why)
{
	const char *host = t->account->host;

	if (!rc)
		return OK;
	t->trouble = trouble_of(t, rc);
	if (t->stop) {
		t->trouble = IMAP_TROUBLE_STOPPED;
		return why_set(why, ERR_STATE, "stopped");
	}
	if (rc == CURLE_OUT_OF_MEMORY)
		return why_set(why, ERR_MEMORY, "out of memory");
	if (t->renumbered || (rc == CURLE_REMOTE_FILE_NOT_FOUND && t->stage == IMAP_STAGE_SELECT)) {
		t->trouble = IMAP_TROUBLE_FOLDER;
		return why_set(why, ERR_AGAIN, "%s has numbered the folder %s anew", host, t->name);
	}
	if (t->too_much)
		return why_set(why, ERR_AGAIN, "%s says too much in answer to one command", host);
	if (t->stage < IMAP_STAGE_COMMAND)
		return judge_server(t, rc, why);
	if (rc == CURLE_REMOTE_FILE_NOT_FOUND && t->answer.ok) {
		t->trouble = IMAP_TROUBLE_GONE;
		return why_set(why, ERR_NOT_FOUND, "the mail is not there any more");
	}
	if (t->answer.words[0])
		return why_set(why, ERR_INVALID, "%s says: %s", host, t->answer.words);
	return why_set(why, ERR_AGAIN, "%s: %s", host,
	               t->error[0] ? t->error : curl_easy_strerror(rc));
}

enum err imap_talk_begin(struct imap_talk *t, struct why *why)
{
	enum err e;

	imap_talk_end(t);
	t->trouble = IMAP_TROUBLE_SERVER;
	t->uidvalidity = 0;
	memset(&t->answer, 0, sizeof(t->answer));
	e = imap_login_token(t->curl, t->account, why);
	if (!e)
		e = imap_talk_do(t, "CAPABILITY", NULL, NULL, why);
	if (e)
		return e;
	t->trouble = IMAP_TROUBLE_SERVER;
	t->uidvalidity = t->answer.uidvalidity;
	if (!t->uidvalidity)
		return why_set(why, ERR_SETTINGS, "%s gives its folders no UIDVALIDITY",
		               t->account->host);
	if (t->answer.read_only)
		return why_set(why, ERR_SETTINGS, "%s: the folder %s may only be read",
		               t->account->host, t->name);
	return OK;
}

void imap_talk_end(struct imap_talk *t)
{
	if (!t->connected)
		return;
	curl_easy_setopt(t->curl, CURLOPT_CUSTOMREQUEST, "NOOP");
	if (!set_url(t, 0, false, NULL))
		(void)perform(t, true);
	t->connected = false;
}

enum err imap_talk_do(struct imap_talk *t, const char *command, imap_talk_line *line, void *context,
                      struct why *why)
{
	enum err e = set_url(t, 0, false, why);

	if (e)
		return e;
	if (curl_easy_setopt(t->curl, CURLOPT_CUSTOMREQUEST, command))
		return why_set(why, ERR_MEMORY, "out of memory");
	t->line = line;
	t->line_context = context;
	e = judge(t, perform(t, false), why);
	t->line = NULL;
	return e;
}

enum err imap_talk_fetch(struct imap_talk *t, uint32_t uid, bool large, struct buf *mail, bool *cut,
                         struct why *why)
{
	enum err e = set_url(t, uid, large, why);
	CURLcode rc;

	if (e)
		return e;
	buf_wipe(mail);
	curl_easy_setopt(t->curl, CURLOPT_CUSTOMREQUEST, NULL);
	t->mail = mail;
	rc = perform(t, false);
	t->mail = NULL;
	*cut = t->cut || (large && mail->len == IMAP_MESSAGE_MAX);
	e = judge(t, t->cut && !t->stop ? CURLE_OK : rc, why);
	if (e)
		return e;
	if (buf_err(mail))
		return why_set(why, buf_err(mail), "%s", err_text(buf_err(mail)));
	t->trouble = IMAP_TROUBLE_COMMAND;
	if (t->item.uid != uid)
		return why_set(why, ERR_INVALID, "%s gave another mail than it was asked for",
		               t->account->host);
	return OK;
}
