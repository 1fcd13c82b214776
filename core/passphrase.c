/* SPDX-License-Identifier: MIT */
#include "core/passphrase.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include <sodium.h>

#include "core/file.h"
#include "core/secret.h"
#include "core/text.h"

#define TRIES 3

/* Prompts go to the terminal itself, never to a stream: stdout and stderr may be files. */
static void tell(int tty, const char *text)
{
	if (write(tty, text, strlen(text)) < 0)
		return; /* a terminal that is gone shows at the next read */
}

/* Take the last character off, all the bytes of it. */
static void rub_out(struct passphrase *p)
{
	while (p->len && ((unsigned char)p->text[p->len - 1] & 0xC0) == 0x80)
		p->text[--p->len] = '\0';
	if (p->len)
		p->text[--p->len] = '\0';
}

enum key_result { KEY_MORE, KEY_DONE, KEY_CANCEL, KEY_FULL };

static enum key_result take_key(struct passphrase *p, char c, const struct termios *keys)
{
	cc_t byte = (cc_t)c;

	if (c == '\n' || c == '\r')
		return KEY_DONE;
	if (byte == keys->c_cc[VINTR] || byte == keys->c_cc[VQUIT] ||
	    (byte == keys->c_cc[VEOF] && p->len == 0))
		return KEY_CANCEL;
	if (byte == keys->c_cc[VERASE] || c == '\b' || c == 0x7F) {
		rub_out(p);
	} else if (byte == keys->c_cc[VKILL]) {
		explicit_bzero(p, sizeof(*p));
	} else {
		if (p->len == PASSPHRASE_MAX - 1)
			return KEY_FULL;
		p->text[p->len++] = c;
	}
	return KEY_MORE;
}

/* One line without echo. Key by key, with signals off, so that Ctrl-C cannot leave the
 * terminal silent. */
static enum err read_hidden(struct passphrase *p, int tty, const char *prompt, struct why *why)
{
	enum key_result result = KEY_MORE;
	struct termios before, silent;
	ssize_t n = 1;
	char c;

	if (tcgetattr(tty, &before))
		return why_set(why, ERR_USAGE, "no terminal to ask for a passphrase");
	silent = before;
	silent.c_lflag &= ~(tcflag_t)(ECHO | ECHONL | ICANON | ISIG);
	silent.c_cc[VMIN] = 1;
	silent.c_cc[VTIME] = 0;
	explicit_bzero(p, sizeof(*p));
	tell(tty, prompt);
	tcsetattr(tty, TCSAFLUSH, &silent);
	while (result == KEY_MORE) {
		n = read(tty, &c, 1);
		if (n < 0 && errno == EINTR)
			continue;
		result = n == 1 ? take_key(p, c, &before) : KEY_CANCEL;
	}
	explicit_bzero(&c, 1);
	tcsetattr(tty, TCSAFLUSH, &before);
	tell(tty, "\n");
	if (result == KEY_FULL)
		return why_set(why, ERR_TOO_LARGE, "a passphrase has at most %d bytes",
		               PASSPHRASE_MAX - 1);
	if (result == KEY_CANCEL)
		return why_set(why, ERR_USAGE, "no passphrase was given");
	return OK;
}

static enum err check(const struct passphrase *p, const char *source, struct why *why)
{
	if (p->len == 0)
		return why_set(why, ERR_SETTINGS, "%s: the passphrase is empty", source);
	if (!text_clean(p->text, p->len))
		return why_set(why, ERR_SETTINGS,
		               "%s: a passphrase is one line of UTF-8 without control characters",
		               source);
	return OK;
}

static enum err ask(struct passphrase *p, int tty, const char *prompt, struct why *why)
{
	enum err e = read_hidden(p, tty, prompt, why);

	return e ? e : check(p, "terminal", why);
}

/* The same again, until both agree. */
static enum err ask_twice(struct passphrase *p, int tty, const char *prompt, struct why *why)
{
	struct passphrase *again = secret_alloc(sizeof(*again));
	bool same = false;
	enum err e = OK;
	int i;

	if (!again)
		return ERR_MEMORY;
	for (i = 0; !e && !same && i < TRIES; i++) {
		e = ask(p, tty, prompt, why);
		if (!e)
			e = read_hidden(again, tty, "once more: ", why);
		same = !e && !sodium_memcmp(p, again, sizeof(*p));
		if (!e && !same)
			tell(tty, "the two differ\n");
	}
	if (!e && !same)
		e = why_set(why, ERR_USAGE, "the two passphrases differ");
	secret_free(again);
	return e;
}

static enum err from_terminal(struct passphrase *p, const char *prompt, bool confirm,
                              struct why *why)
{
	int tty = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
	enum err e;

	if (tty < 0)
		return why_set(why, ERR_USAGE,
		               "no terminal to ask for a passphrase; give --passphrase-file");
	e = confirm ? ask_twice(p, tty, prompt, why) : ask(p, tty, prompt, why);
	close(tty);
	return e;
}

static enum err from_file(struct passphrase *p, const char *path, struct why *why)
{
	struct buf text = BUF_INIT(PASSPHRASE_MAX);
	enum err e;

	e = file_read_secret(&text, path, why);
	if (!e && text.len == PASSPHRASE_MAX)
		e = why_set(why, ERR_TOO_LARGE, "%s: a passphrase has at most %d bytes", path,
		            PASSPHRASE_MAX - 1);
	if (!e) {
		memcpy(p->text, buf_text(&text), text.len);
		p->len = text.len;
		e = check(p, path, why);
	}
	buf_free(&text);
	return e;
}

enum err passphrase_get(struct passphrase **out, const char *path, const char *prompt, int confirm,
                        struct why *why)
{
	struct passphrase *p = secret_alloc(sizeof(*p));
	enum err e;

	if (!p)
		return why_set(why, ERR_MEMORY, "no memory can be locked for a passphrase");
	e = path ? from_file(p, path, why) : from_terminal(p, prompt, confirm != 0, why);
	if (e)
		secret_free(p);
	else
		*out = p;
	return e;
}
