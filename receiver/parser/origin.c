/* SPDX-License-Identifier: MIT */
#include "receiver/parser/origin.h"

#include <string.h>
#include <strings.h>

#include "core/text.h"

#define VALUE_MAX    1000
#define HANDLE_CHARS 13

struct origin_field {
	struct span name, value, whole;
};

/* What a header field makes of a mail. */
enum sign {
	SIGN_ANY,      /* automatic, unless it says "no" or "false" */
	SIGN_ONE_OF,   /* automatic where the value begins with one of the words */
	SIGN_BOUNCE,   /* a delivery report, whatever it says */
	SIGN_TYPE,     /* Content-Type */
	SIGN_SENDER,   /* From */
	SIGN_SUBJECT,  /* Subject */
	SIGN_RETURN,   /* Return-Path, where the envelope is not known */
	SIGN_RECEIVER, /* the recipient, where the envelope is not known */
	SIGN_ID,       /* Message-ID */
};

static const struct rule {
	const char *name;
	enum sign sign;
} RULES[] = {
	{ "Auto-Submitted", SIGN_ANY },
	{ "Precedence", SIGN_ONE_OF },
	{ "X-Autoreply", SIGN_ANY },
	{ "X-Auto-Reply", SIGN_ANY },
	{ "X-Autoreply-From", SIGN_ANY },
	{ "X-Autorespond", SIGN_ANY },
	{ "X-Autoresponder", SIGN_ANY },
	{ "X-Auto-Response-From", SIGN_ANY },
	{ "X-Mail-Autoreply", SIGN_ANY },
	{ "X-MS-Exchange-Generated-Message-Source", SIGN_ANY },
	{ "X-HmXmrOriginalRecipient", SIGN_ANY }, /* a complaint, of Hotmail */
	{ "List-Id", SIGN_ANY },
	{ "Mailing-List", SIGN_ANY }, /* the same before RFC 2919 */
	{ "X-ML-Name", SIGN_ANY },
	{ "X-MLServer", SIGN_ANY },
	{ "X-Failed-Recipients", SIGN_BOUNCE },
	{ "Content-Type", SIGN_TYPE },
	{ "From", SIGN_SENDER },
	{ "Subject", SIGN_SUBJECT },
	{ "Return-Path", SIGN_RETURN },
	{ "X-Original-To", SIGN_RECEIVER },
	{ "Delivered-To", SIGN_RECEIVER },
	{ "X-Delivered-To", SIGN_RECEIVER },
	{ "Envelope-To", SIGN_RECEIVER },
	{ "Message-ID", SIGN_ID },
};

static const char *const PRECEDENCE[] = { "bulk", "junk", "list", "auto_reply", "auto-reply" };

/* Local parts that no person writes from. */
static const char *const DAEMONS[] = {
	"mailer-daemon", "mailerdaemon", "mail-daemon", "postmaster", "mail_daemon", "maildaemon",
};
static const char *const ROBOTS[] = {
	"no-reply",   "noreply",      "no_reply",  "do-not-reply",
	"donotreply", "do_not_reply", "autoreply",
};

/* A subject that begins so is no answer to ours: that begins with its "Re:". */
static const char *const REPORTS[] = {
	"Undeliverable",
	"Undelivered Mail",
	"Mail delivery failed",
	"Delivery failure",
	"Returned mail",
	"Failure notice",
	"Delivery Status",
	"Mail System Error",
	"Non remis",
	"Unzustellbar",
	"Mail could not be delivered",
	"Warning: message",
	"Nondeliverable mail",
	"Message non distribu",
	"Delivery Notification",
	"Mail Delivery Subsystem",
	"Message delivery failed",
};
static const char *const ABSENCES[] = {
	"Auto reply",
	"Auto-reply",
	"Autoreply",
	"Automatic reply",
	"Out of office",
	"Out of the office",
	"Auto:",
	"R\303\251ponse automatique",
	"Automatische Antwort",
	"Abwesenheitsnotiz",
	"Respuesta autom",
	"Risposta automatica",
	"Automatisch antwoord",
	"Automatiskt svar",
	"complaint about message from",
};

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static bool starts_any(struct span s, const char *const *word, size_t n)
{
	while (n--)
		if (span_starts(s, word[n]))
			return true;
	return false;
}

struct span origin_header(const void *raw, size_t len)
{
	struct span s = { raw, len };
	const char *end, *line;

	if (span_starts(s, "From ")) {
		end = memchr(s.at, '\n', s.len);
		s.len = end ? s.len - (size_t)(end + 1 - s.at) : 0;
		s.at = end ? end + 1 : s.at;
	}
	for (line = s.at; line < s.at + s.len; line = end + 1) {
		if (line[0] == '\n' ||
		    (line[0] == '\r' && line + 1 < s.at + s.len && line[1] == '\n'))
			return (struct span){ s.at, (size_t)(line - s.at) };
		end = memchr(line, '\n', (size_t)(s.at + s.len - line));
		if (!end)
			break;
	}
	return s;
}

/* The body behind that header. */
static struct span origin_body(const void *raw, size_t len)
{
	const char *stop = (const char *)raw + len;
	struct span header = origin_header(raw, len);
	const char *at = header.at + header.len;

	at = at < stop ? memchr(at, '\n', (size_t)(stop - at)) : NULL;
	return at ? (struct span){ at + 1, (size_t)(stop - at - 1) } : (struct span){ stop, 0 };
}

/* The length of the first line of `s` with its line end. */
static size_t line_len(struct span s)
{
	const char *end = s.len ? memchr(s.at, '\n', s.len) : NULL;

	return end ? (size_t)(end + 1 - s.at) : s.len;
}

/* A name of visible ASCII, and no line end but LF: what every reader of mail takes for a field. */
static bool is_field(struct span name, struct span whole)
{
	for (size_t i = 0; i < name.len; i++)
		if (name.at[i] <= ' ' || name.at[i] >= 0x7F)
			return false;
	for (size_t i = 0; i + 1 < whole.len; i++)
		if (!whole.at[i] || (whole.at[i] == '\r' && whole.at[i + 1] != '\n'))
			return false;
	return true;
}

/* Take the next field off `rest`, folded lines and all. False at the end. A line that is no
 * field is passed over. `value` is still folded. */
static bool origin_next(struct origin_field *field, struct span *rest)
{
	const char *colon;
	struct span s;

	while (rest->len) {
		s = (struct span){ rest->at, 0 };
		do {
			size_t n = line_len(*rest);

			rest->at += n;
			rest->len -= n;
		} while (rest->len && (rest->at[0] == ' ' || rest->at[0] == '\t'));
		s.len = (size_t)(rest->at - s.at);
		colon = memchr(s.at, ':', s.len);
		if (!colon || colon == s.at || s.at[0] == ' ' || s.at[0] == '\t')
			continue;
		field->name = (struct span){ s.at, (size_t)(colon - s.at) };
		while (field->name.len && strchr(" \t", field->name.at[field->name.len - 1]))
			field->name.len--;
		if (!is_field(field->name, s))
			continue;
		field->whole = s;
		field->value = (struct span){ colon + 1, s.len - (size_t)(colon + 1 - s.at) };
		return true;
	}
	return false;
}

/* A value on one line, without the spaces around it; cut where it is too long. */
static struct span unfold(char out[VALUE_MAX], struct span value)
{
	size_t i, n = 0;
	char c;

	for (i = 0; i < value.len && n < VALUE_MAX; i++) {
		c = value.at[i];
		if (c == '\r' || c == '\n')
			continue;
		if (c == '\t')
			c = ' ';
		if (c != ' ' || n)
			out[n++] = c;
	}
	while (n && out[n - 1] == ' ')
		n--;
	return (struct span){ out, n };
}

/* Printable ASCII or UTF-8 without space or angle brackets, else nothing: it goes into an
 * envelope, and must not be able to end a line there. */
static void copy_clean(char *out, size_t room, struct span s)
{
	size_t i;

	out[0] = '\0';
	if (s.len >= room || !utf8_valid(s.at, s.len))
		return;
	for (i = 0; i < s.len; i++)
		if ((unsigned char)s.at[i] <= ' ' || s.at[i] == 0x7F || s.at[i] == '<' ||
		    s.at[i] == '>')
			return;
	memcpy(out, s.at, s.len);
	out[s.len] = '\0';
}

/* What stands between < and >, or the first word. */
static struct span angle(struct span s)
{
	const char *open = s.len ? memchr(s.at, '<', s.len) : NULL, *close;
	size_t n = 0;

	if (open) {
		s.len -= (size_t)(open + 1 - s.at);
		s.at = open + 1;
		close = memchr(s.at, '>', s.len);
		return (struct span){ s.at, close ? (size_t)(close - s.at) : s.len };
	}
	while (n < s.len && s.at[n] != ' ')
		n++;
	return (struct span){ s.at, n };
}

/* vote+HANDLE@...: whatever case it came in. */
static void take_handle(struct reply *reply, struct span address)
{
	const char *at = address.len ? memrchr(address.at, '@', address.len) : NULL;
	size_t local = at ? (size_t)(at - address.at) : address.len, i;
	const char *plus = local ? memrchr(address.at, '+', local) : NULL;
	char c;

	if (reply->handle[0] || !plus || local - (size_t)(plus + 1 - address.at) != HANDLE_CHARS)
		return;
	for (i = 0; i < HANDLE_CHARS; i++) {
		c = plus[1 + i];
		if (c >= 'A' && c <= 'Z')
			c = (char)(c - 'A' + 'a');
		if (b32_value(c) < 0 || strchr("ilo", c)) {
			memset(reply->handle, 0, sizeof(reply->handle));
			return;
		}
		reply->handle[i] = c;
	}
	reply->handle[i] = '\0';
}

static void take_return_path(struct reply *reply, struct span value)
{
	struct span address = angle(value);

	reply->sender_told = true;
	if (address.len == 0)
		reply->automatic = true;
	else if (reply->from[0] == '\0')
		copy_clean(reply->from, sizeof(reply->from), address);
}

void origin_envelope(struct reply *reply, const struct envelope *envelope)
{
	if (envelope->from) {
		reply->from[0] = '\0';
		take_return_path(reply, (struct span){ envelope->from, strlen(envelope->from) });
	}
	if (envelope->to) {
		memset(reply->handle, 0, sizeof(reply->handle));
		take_handle(reply, angle((struct span){ envelope->to, strlen(envelope->to) }));
	}
}

static void take_sender(struct reply *reply, struct span value)
{
	struct span address = angle(value);

	if (address.len == 0 || starts_any(address, DAEMONS, COUNT(DAEMONS)) ||
	    span_starts(value, "Mail Delivery S"))
		reply->bounce = true;
	else if (starts_any(address, ROBOTS, COUNT(ROBOTS)))
		reply->automatic = true;
}

static void take_type(struct reply *reply, struct span value)
{
	if (!span_starts(value, "multipart/report"))
		return;
	if (span_holds(value, "disposition-notification"))
		reply->automatic = true; /* "your mail was read" */
	else
		reply->bounce = true;
}

static void take_sign(struct reply *reply, enum sign sign, struct span value)
{
	switch (sign) {
	case SIGN_ANY:
		if (!span_is(value, "no") && !span_starts(value, "no;") &&
		    !span_starts(value, "no ") && !span_is(value, "false"))
			reply->automatic = true;
		break;
	case SIGN_ONE_OF:
		if (starts_any(value, PRECEDENCE, COUNT(PRECEDENCE)))
			reply->automatic = true;
		break;
	case SIGN_BOUNCE:
		reply->bounce = true;
		break;
	case SIGN_TYPE:
		take_type(reply, value);
		break;
	case SIGN_SENDER:
		take_sender(reply, value);
		break;
	case SIGN_SUBJECT:
		if (starts_any(value, REPORTS, COUNT(REPORTS)))
			reply->bounce = true;
		else if (starts_any(value, ABSENCES, COUNT(ABSENCES)))
			reply->automatic = true;
		break;
	default:
		break;
	}
}

static void take_field(struct reply *reply, const struct envelope *envelope, enum sign sign,
                       struct span value)
{
	if (sign == SIGN_RETURN && !envelope->from)
		take_return_path(reply, value);
	else if (sign == SIGN_RECEIVER && !envelope->to)
		take_handle(reply, angle(value));
	else if (sign == SIGN_ID && reply->message_id[0] == '\0')
		copy_clean(reply->message_id, sizeof(reply->message_id), angle(value));
	else
		take_sign(reply, sign, value);
}

void origin_read(struct reply *reply, const struct envelope *envelope, struct span header)
{
	struct origin_field field;
	char value[VALUE_MAX];
	size_t i;

	origin_envelope(reply, envelope);
	while (origin_next(&field, &header))
		for (i = 0; i < COUNT(RULES); i++)
			if (span_is(field.name, RULES[i].name))
				take_field(reply, envelope, RULES[i].sign,
				           unfold(value, field.value));
	if (reply->bounce)
		reply->automatic = true;
}

enum err origin_mime(struct buf *out, const void *raw, size_t len)
{
	struct span rest = origin_header(raw, len), body = origin_body(raw, len);
	struct origin_field field;
	size_t odd = rest.len;

	while (origin_next(&field, &rest)) {
		odd -= field.whole.len;
		if (span_starts(field.name, "Content-"))
			buf_add(out, field.whole.at, field.whole.len);
	}
	if (odd)
		return ERR_FORMAT;
	buf_addc(out, '\n');
	buf_add(out, body.at, body.len);
	return buf_err(out);
}
