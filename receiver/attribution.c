/* SPDX-License-Identifier: MIT */
#include "receiver/attribution.h"

#include <string.h>

#define OURS         "----- reply above this line -----"
#define WRAPPED_MAX  4   /* lines that one attribution is broken over */
#define LINE_MAX_LEN 500 /* nothing longer is an attribution */
#define RULE_MIN     8   /* so many underscores, hyphens or equal signs are a rule */

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

/* "________", "-----Original Message-----", "---------- Forwarded message ---------", "===" */
static bool is_rule(struct span s)
{
	size_t hyphens = run(s, '-');

	if (s.len >= RULE_MIN && (hyphens == s.len || run(s, '_') == s.len || run(s, '=') == s.len))
		return true;
	if (hyphens < 3 || !span_ends(s, "--"))
		return false;
	return holds_any(s, MESSAGE, COUNT(MESSAGE));
}

/* "De :", "*From:*"; the name at the start, a colon behind it. */
static bool is_header(struct span s, const char *const *name, size_t n)
{
	size_t len;

	if (s.len && s.at[0] == '*') {
		s.at++;
		s.len--;
	}
	while (n--) {
		if (!span_starts(s, name[n]))
			continue;
		len = strlen(name[n]);
		if (len < s.len && (s.at[len] == ' ' || s.at[len] == '*'))
			len++;
		if (len < s.len && s.at[len] == ':')
			return true;
	}
	return false;
}

/* A sender, and another header in the lines that follow. One alone may be prose. */
static bool is_block(const struct fold_line *line, size_t n)
{
	size_t i;

	if (!is_header(line[0].content, SENDER, COUNT(SENDER)) &&
	    !is_header(line[0].content, HEADER, COUNT(HEADER)))
		return false;
	for (i = 1; i < n && i < 4; i++)
		if (is_header(line[i].content, HEADER, COUNT(HEADER)) ||
		    is_header(line[i].content, SENDER, COUNT(SENDER)))
			return true;
	return false;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* 10:00, 10.00, 10h00, 4/3: two numbers with one sign between; or 2025. */
static bool has_time(struct span s)
{
	size_t i, digits = 0;

	for (i = 0; i < s.len; i++) {
		if (is_digit(s.at[i])) {
			if (++digits == 4 && (s.at[i - 3] == '1' || s.at[i - 3] == '2'))
				return true;
			continue;
		}
		if (digits && i + 1 < s.len && is_digit(s.at[i + 1]) && memchr(":.h/-", s.at[i], 5))
			return true;
		digits = 0;
	}
	return false;
}

/* A program begins it with a capital, a digit or another script; "is what he wrote at
 * 10:00:" goes on from the line before. */
static bool begins_low(struct span s)
{
	return s.len && s.at[0] >= 'a' && s.at[0] <= 'z';
}

static bool has_address(struct span s)
{
	const char *at = memchr(s.at, '@', s.len);
	struct span rest;

	if (!at)
		return false;
	rest = (struct span){ at, (size_t)(s.at + s.len - at) };
	return memchr(rest.at, '.', rest.len) != NULL;
}

static bool has_verb(struct span s)
{
	return holds_any(s, VERBS, COUNT(VERBS));
}

static bool ends_address(struct span s)
{
	return span_ends(s, ">:") || span_ends(s, "> :");
}

static bool ends_verb(struct span s)
{
	size_t n = COUNT(VERBS);

	while (n--)
		if (span_ends(s, VERBS[n]))
			return true;
	return false;
}

/* One attribution, put together from one to four lines. `quote`: what follows is quoted
 * deeper. */
static bool is_attribution(struct span s, bool quote)
{
	bool colon = span_ends(s, ":"), low = begins_low(s);
	bool time = has_time(s), address = has_address(s);

	if (!colon && !(time && address))
		return false;
	if (!colon)
		return quote ? !low || has_verb(s) : ends_verb(s);
	if (holds_any(s, FORWARDED, COUNT(FORWARDED)))
		return true;
	if (address && time) /* "вт, 4 мар. 2025 г. в 10:00, X <x@example.org>:" */
		return quote || ends_address(s) || has_verb(s);
	return (quote || time) && !low && has_verb(s);
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

bool attribution_begins(const struct fold_line *line, size_t n)
{
	struct span s;
	size_t k;

	if (n == 0 || line[0].content.len == 0 || line[0].content.len > LINE_MAX_LEN)
		return false;
	if (span_is(line[0].content, OURS) || is_rule(line[0].content) || is_block(line, n))
		return true;
	for (k = 1; k <= WRAPPED_MAX && k <= n && join(&s, line, k); k++)
		if (is_attribution(s, k < n && line[k].depth > line[0].depth))
			return true;
	return false;
}
