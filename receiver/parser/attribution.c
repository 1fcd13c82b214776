/* SPDX-License-Identifier: MIT */
#include "receiver/parser/attribution.h"

#include <string.h>

#define OURS         "----- reply above this line -----"
#define WRAPPED_MAX  4   /* lines that one attribution is broken over */
#define LINE_MAX_LEN 500 /* nothing longer is an attribution */
#define RULE_MIN     8   /* so many underscores, hyphens or equal signs are a rule */
#define SHORT_NAME   2   /* bytes of a header's name that say little alone */

/* "wrote", where the line also shows a date, an address or what it quotes. */
static const char *const VERBS[] = {
	"wrote",      "écrit",       "ecrit",       "schrieb",    "geschrieben", "schreef",
	"geschreven", "escribió",    "escribio",    "ha scritto", "scrisse",     "escreveu",
	"skrev",      "skreiv",      "skrifaði",    "kirjoitti",  "napisał",     "pisze",
	"napsal",     "napísal",     "написал",     "написав",    "пишет",       "пише",
	"написа",     "yazdı",       "写道",        "寫道",       "撰写",        "작성",
	"כתב",        "كتب",         "đã viết",     "έγραψε",     "írta",        "a scris",
	"je napisao", "je napisala", "va escriure", "idatzi",     "kirjutas",    "rašė",
	"rakstīja",   "menulis",     "เขียน",        "のメール",   "skrifar",
};

/* A word between hyphens: "-----Original Message-----", "-------- Message transféré". */
static const char *const MESSAGE[] = {
	"message",      "nachricht", "mensaje", "messaggio", "mensagem", "bericht", "meddeland",
	"besked",       "melding",   "viesti",  "wiadomość", "zpráva",   "správa",  "сообщение",
	"повідомлення", "mesaj",     "ileti",   "üzenet",    "邮件",     "郵件",    "メッセージ",
	"메시지",       "הודעה",     "رسالة",   "μήνυμα",    "e-mail",   "mail",    "poruka",
	"missatge",     "mezua",     "pesan",   "tin nhắn",
};

/* Apple's line over a forwarded mail, without hyphens, ends with a colon. */
static const char *const FORWARDED[] = {
	"Begin forwarded message",      "Début du message",
	"Anfang der weitergeleiteten",  "Inizio messaggio inoltrato",
	"Inicio del mensaje reenviado", "Begin doorgestuurd bericht",
	"Início da mensagem",
};

/* Header names over a quote, as programs translate them. */
static const char *const SENDER[] = {
	"From",       "De",        "Von",      "Da",        "Van",      "Från",
	"Fra",        "Lähettäjä", "Od",       "От",        "Від",      "Kimden",
	"Feladó",     "De la",     "发件人",   "寄件者",    "寄件人",   "差出人",
	"送信者",     "보낸 사람", "보낸사람", "מאת",       "من",       "Από",
	"Expéditeur", "Mittente",  "Absender", "Remitente", "Gönderen", "Từ",
};
static const char *const HEADER[] = {
	"Sent",       "Date",
	"To",         "Cc",
	"Subject",    "Envoyé",
	"À",          "A",
	"Objet",      "Gesendet",
	"Datum",      "An",
	"Betreff",    "Enviado",
	"Enviada",    "Fecha",
	"Para",       "Asunto",
	"Assunto",    "Data",
	"Inviato",    "Oggetto",
	"Verzonden",  "Aan",
	"Onderwerp",  "Skickat",
	"Till",       "Ämne",
	"Sendt",      "Dato",
	"Til",        "Emne",
	"Lähetetty",  "Vastaanottaja",
	"Aihe",       "Päivämäärä",
	"Wysłano",    "Do",
	"Temat",      "Odesláno",
	"Komu",       "Předmět",
	"Отправлено", "Кому",
	"Тема",       "Дата",
	"Надіслано",  "Gönderildi",
	"Kime",       "Konu",
	"Elküldve",   "Címzett",
	"Tárgy",      "Trimis",
	"Către",      "Subiect",
	"发送时间",   "收件人",
	"主题",       "寄件日期",
	"收件者",     "主旨",
	"日期",       "日時",
	"宛先",       "件名",
	"送信日時",   "보낸 날짜",
	"받는 사람",  "제목",
	"날짜",       "נשלח",
	"אל",         "נושא",
	"תאריך",      "إلى",
	"الموضوع",    "تاريخ",
	"Στάλθηκε",   "Προς",
	"Θέμα",       "Ημερομηνία",
	"Répondre à", "Reply-To",
	"Poslano",    "Zadeva",
	"Sent at",
};

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static bool holds_any(struct span s, const char *const *word, size_t n)
{
	while (n--)
		if (span_holds(s, word[n]))
			return true;
	return false;
}

/* The length of the run of `c` that a span begins with. */
static size_t run(struct span s, char c)
{
	size_t n = 0;

	while (n < s.len && s.at[n] == c)
		n++;
	return n;
}

/* "-----Original Message-----", "---------- Forwarded message ---------" */
static bool is_message_rule(struct span s)
{
	return run(s, '-') >= 3 && span_ends(s, "--") && holds_any(s, MESSAGE, COUNT(MESSAGE));
}

/* "________", "--------", "===": anyone may draw one. */
static bool is_bare_rule(struct span s)
{
	return s.len >= RULE_MIN &&
	       (run(s, '-') == s.len || run(s, '_') == s.len || run(s, '=') == s.len);
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* What stands in `s` from the first @ on; nothing of it where there is none. */
static struct span from_at(struct span s)
{
	const char *at = memchr(s.at, '@', s.len);

	return at ? (struct span){ at, (size_t)(s.at + s.len - at) } : (struct span){ s.at, 0 };
}

static bool has_address(struct span s)
{
	struct span rest = from_at(s);

	return rest.len && memchr(rest.at, '.', rest.len);
}

/* The next number, or numbers with one sign between each two: 10:00, 4/3, 04.03.26, 2026. */
struct figure {
	size_t at, numbers, digits; /* of the last number */
	char sign;
	bool year; /* one of them is 19xx or 20xx */
};

static bool next_figure(struct figure *f, struct span s, size_t *at)
{
	size_t i = *at;

	while (i < s.len && !is_digit(s.at[i]))
		i++;
	*f = (struct figure){ .at = i, .numbers = 1 };
	for (; i < s.len; i++) {
		if (is_digit(s.at[i])) {
			if (++f->digits == 4)
				f->year = !strncmp(s.at + i - 3, "19", 2) ||
				          !strncmp(s.at + i - 3, "20", 2);
			continue;
		}
		if (i + 1 == s.len || !is_digit(s.at[i + 1]) || !memchr(":.h/-", s.at[i], 5))
			break;
		f->sign = s.at[i];
		f->numbers++;
		f->digits = 0;
	}
	*at = i;
	return f->digits > 0;
}

/* The times in a line: any at all, a date with its year, an hour; and where the first is. */
struct times {
	bool any, date, clock;
	size_t at;
};

static struct times find_times(struct span s)
{
	struct times t = { 0 };
	struct figure f;
	size_t at = 0;
	bool date, clock;

	while (next_figure(&f, s, &at)) {
		clock = f.numbers > 1 && f.digits == 2 &&
		        (f.sign == ':' || f.sign == 'h' || (f.sign == '.' && f.numbers == 2));
		date = f.year || (f.numbers == 3 && f.sign != ':');
		if (!t.any && (date || f.numbers > 1)) {
			t.any = true;
			t.at = f.at;
		}
		t.date = t.date || date;
		t.clock = t.clock || clock;
	}
	return t;
}

/* "De :", "*From:*"; the name at the start, a colon behind it. "A:" and "To:" begin sentences
 * too: so short a name needs an address or a date. */
static bool is_header(struct span s, const char *const *name, size_t n)
{
	size_t len;

	if (s.len && s.at[0] == '*') {
		s.at++;
		s.len--;
	}
	while (n--) {
		len = strlen(name[n]);
		if (!span_starts(s, name[n]) ||
		    (len <= SHORT_NAME && !has_address(s) && !find_times(s).any))
			continue;
		if (len < s.len && (s.at[len] == ' ' || s.at[len] == '*'))
			len++;
		if (len < s.len && s.at[len] == ':')
			return true;
	}
	return false;
}

/* A sender with an address, and another header in the lines right behind. */
static bool is_block(const struct fold_line *line, size_t n)
{
	size_t i;

	if (n == 0 || !is_header(line[0].content, SENDER, COUNT(SENDER)) ||
	    !has_address(line[0].content))
		return false;
	for (i = 1; i < n && i < 4 && line[i].depth == line[0].depth && line[i].content.len; i++)
		if (is_header(line[i].content, HEADER, COUNT(HEADER)))
			return true;
	return false;
}

/* A bare rule over a quotation. */
static bool is_rule(const struct fold_line *line, size_t n)
{
	size_t i = 1;

	if (!is_bare_rule(line[0].content))
		return false;
	while (i < n && line[i].depth == line[0].depth && line[i].content.len == 0)
		i++;
	return i < n && (line[i].depth > line[0].depth || is_block(line + i, n - i));
}

/* A program begins it with a capital, a digit or another script; "is what he wrote at
 * 10:00:" goes on from the line before. */
static bool begins_low(struct span s)
{
	return s.len && s.at[0] >= 'a' && s.at[0] <= 'z';
}

/* An address is its first word: that is whom a program quotes, where no name is known. */
static bool begins_with_address(struct span s)
{
	const char *space = s.len ? memchr(s.at, ' ', s.len) : NULL;

	return space && has_address((struct span){ s.at, (size_t)(space - s.at) });
}

/* Where the first verb stands; the end where there is none. */
static size_t verb_at(struct span s)
{
	struct span rest = s;

	for (; rest.len; rest.at++, rest.len--)
		for (size_t n = 0; n < COUNT(VERBS); n++)
			if (span_starts(rest, VERBS[n]))
				return s.len - rest.len;
	return s.len;
}

/* <x@example.org>, as programs write it round the @ that stands at `who`; people seldom do. */
static bool is_bracketed(struct span s, size_t who)
{
	return has_address(s) && memchr(s.at, '<', who) && memchr(s.at + who, '>', s.len - who);
}

/* One attribution, put together from one to four lines: a time, then who, then the verb;
 * "is what she wrote on 3/4:" has them in another order. `quote`: what follows is quoted
 * deeper. */
static bool is_attribution(struct span s, bool quote)
{
	struct times t = find_times(s);
	size_t verb = verb_at(s), who = s.len - from_at(s).len;

	if (!t.any || t.at > verb)
		return false;
	if (!span_ends(s, ":")) /* "2026/3/4 X <x@example.org>" */
		return quote && t.date && t.at < who && is_bracketed(s, who) && span_ends(s, ">");
	if (is_bracketed(s, who) && t.at < who)
		return true;
	/* "X <x@example.org> hat am 4.3.2026 10:00 geschrieben:", and where no address is */
	if (verb == s.len || !t.date || !t.clock)
		return false;
	return !begins_low(s) || (quote && begins_with_address(s));
}

/* The first `k` lines as one span: they lie one behind the other, line ends and quote marks
 * between them. False where they do not belong together. */
static bool join(struct span *s, const struct fold_line *line, size_t k)
{
	const struct fold_line *last = &line[k - 1];

	if (last->depth != line[0].depth || last->content.len == 0)
		return false;
	s->at = line[0].content.at;
	s->len = (size_t)(last->content.at + last->content.len - s->at);
	return s->len <= LINE_MAX_LEN;
}

/* Arabic and Persian digits as ours, which dates are looked for in. */
static struct span western(char out[LINE_MAX_LEN], struct span s)
{
	size_t i, n = 0;

	for (i = 0; i < s.len; i++) {
		unsigned char c = (unsigned char)s.at[i];
		unsigned char d = i + 1 < s.len ? (unsigned char)s.at[i + 1] : 0;
		unsigned char zero = c == 0xD9 ? 0xA0 : 0xB0;

		if ((c == 0xD9 || c == 0xDB) && d >= zero && d <= zero + 9) {
			out[n++] = (char)('0' + d - zero);
			i++;
		} else {
			out[n++] = s.at[i];
		}
	}
	return (struct span){ out, n };
}

static bool is_forwarded(struct span s)
{
	size_t n = COUNT(FORWARDED);

	while (n--)
		if (span_starts(s, FORWARDED[n]))
			return span_ends(s, ":");
	return false;
}

/* An attribution over the first `k` lines, with what it speaks of, or nothing, behind it. */
static bool attributes(const struct fold_line *line, size_t n, size_t k)
{
	bool quote = k < n && line[k].depth > line[0].depth;
	char digits[LINE_MAX_LEN];
	struct span s;

	if (!join(&s, line, k))
		return false;
	if (k < n && !quote && line[k].content.len && line[k].depth == line[0].depth)
		return false;
	return (k == 1 && is_forwarded(s)) || is_attribution(western(digits, s), quote);
}

bool attribution_begins(const struct fold_line *line, size_t n)
{
	char digits[LINE_MAX_LEN];
	size_t k;

	if (n == 0 || line[0].content.len == 0 || line[0].content.len > LINE_MAX_LEN)
		return false;
	if (span_is(line[0].content, OURS) || is_message_rule(line[0].content) ||
	    is_rule(line, n) || is_block(line, n))
		return true;
	if (attributes(line, n, 1))
		return true;
	/* Of several lines the first tells when, or who: else it is a sentence before one. */
	if (!find_times(western(digits, line[0].content)).any && !has_address(line[0].content))
		return false;
	for (k = 2; k <= WRAPPED_MAX && k <= n; k++)
		if (attributes(line, n, k))
			return true;
	return false;
}
