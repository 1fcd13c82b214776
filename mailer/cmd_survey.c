/* SPDX-License-Identifier: MIT */
#include "mailer/cmd_survey.h"

#include <stdio.h>
#include <string.h>

#include "core/buf.h"
#include "core/cli.h"
#include "core/json.h"

#define KEY_TEXT 32
#define NAME_CAP 64
#define TEXT_CAP 4096

static const char *const kinds[REACH_KINDS] = {
	[REACH_ARRIVED] = "delivered",
	[REACH_WAITING] = "waiting",
	[REACH_LOST] = "lost",
	[REACH_UNTRIED] = "not tried",
};

static unsigned long long long_of(uint64_t n)
{
	return n;
}

static void print_kind(const struct survey *s, enum reach_kind kind)
{
	const uint64_t n = reached_of(&s->all, kind);
	char rate[RATE_TEXT];

	cli_out("%-28s %9llu", kinds[kind], long_of(n));
	reached_rate(rate, &s->all);
	if (kind == REACH_ARRIVED && survey_begun(s))
		cli_out("   %s %% of %llu letters tried", rate, long_of(reached_tried(&s->all)));
	if (kind == REACH_LOST && n)
		cli_out("   --unreached FILE lists them");
	cli_out("\n");
	for (unsigned i = 0; i < REACHES && kind != REACH_ARRIVED; i++)
		if (s->all.n[i] && reach_kind((enum reach)i) == kind)
			cli_out("  %-26s %9u\n", reach_name((enum reach)i), s->all.n[i]);
}

static void print_count(const char *what, uint64_t n)
{
	if (n)
		cli_out("  %-26s %9llu\n", what, long_of(n));
}

/* What came back, by mail or at once from the relay; nothing where nothing did. */
static void print_back(const struct returns_counts *b)
{
	uint64_t read = 0;

	for (unsigned i = 0; i < FAILURES; i++)
		read += b->read[i];
	if (!read && !b->complaints && !b->other && !b->forged && !b->kept)
		return;
	cli_out("%-28s %9llu\n", "bounces", long_of(read));
	for (unsigned i = 0; i < FAILURES; i++)
		print_count(failure_name((enum failure)i), b->read[i]);
	print_count("and called spam", b->complaints);
	print_count("and other mails", b->other);
	print_count("and forged: nothing changed", b->forged);
	print_count("and kept: nobody's", b->kept);
}

void cmd_survey_print(const struct cmd_survey *c)
{
	const struct survey *s = c->s;

	cli_out("%-28s %9s%s\n", "stage", c->stage,
	        c->paused ? "   paused: resume lets it go on" : "");
	cli_out("%-28s %9llu\n", "members", long_of(reached_members(&s->all)));
	for (unsigned i = 0; i < REACH_KINDS; i++)
		print_kind(s, (enum reach_kind)i);
	if (s->given_up)
		cli_out("%-28s %9llu   of the deferred: the vote leaves no time for another try\n",
		        "given up", long_of(s->given_up));
	if (s->warned)
		cli_out("%-28s %9llu   not lost, but look: --unreached FILE lists them, too\n",
		        "in doubt", long_of(s->warned));
	print_back(&s->back);
	cli_out("%-28s %9llu   %llu wait%s to stand on the board\n", "tokens replaced",
	        long_of(c->replaced), long_of(c->waiting), c->waiting == 1 ? "s" : "");
}

static void print_row(const char *name, const struct reached *r, bool low)
{
	char rate[RATE_TEXT];

	reached_rate(rate, r);
	cli_out("%9llu %9u %9llu %9llu %9llu %6s%s %c %s\n", long_of(reached_members(r)),
	        r->n[REACH_DELIVERED], long_of(reached_of(r, REACH_WAITING)),
	        long_of(reached_of(r, REACH_LOST)), long_of(reached_of(r, REACH_UNTRIED)),
	        *rate ? rate : "-", *rate ? " %" : "  ", low ? '!' : ' ', name);
}

void cmd_survey_print_by(const struct breakdown *b, const char *what, const struct alarm *alarm,
                         uint64_t top)
{
	struct reached rest = b->other;
	uint64_t together = b->others, lows = 0;
	char name[NAME_CAP];

	cli_out("%9s %9s %9s %9s %9s %8s   %s\n", "members", "delivered", "waiting", "lost",
	        "not tried", "rate", what);
	for (uint32_t i = 0; i < b->rows; i++) {
		const struct breakdown_row *row = &b->row[i];
		const bool low = alarm_at(alarm, &row->reached);

		if (i < top || (low && lows < top)) {
			print_row(*row->text ? row->text : "(none)", &row->reached, low);
			lows += i >= top;
			continue;
		}
		reached_add(&rest, &row->reached);
		together++;
	}
	snprintf(name, sizeof(name), together == 1 ? "(%llu other)" : "(%llu others together)",
	         long_of(together));
	if (together)
		print_row(name, &rest, false);
}

static void json_reached(const struct reached *r)
{
	char key[KEY_TEXT], rate[RATE_TEXT];

	reached_rate(rate, r);
	cli_out("\"members\":%llu,\"tried\":%llu,\"percent\":%s,\"reached\":{",
	        long_of(reached_members(r)), long_of(reached_tried(r)), *rate ? rate : "null");
	for (unsigned i = 0; i < REACHES; i++) {
		reach_key(key, (enum reach)i);
		cli_out("%s\"%s\":%u", i ? "," : "", key, r->n[i]);
	}
	cli_out("}");
}

static void json_breakdown(const char *name, const struct breakdown *b)
{
	struct buf text = BUF_INIT(TEXT_CAP);

	cli_out(",\"%s\":[", name);
	for (uint32_t i = 0; i < b->rows; i++) {
		buf_clear(&text);
		json_add_string(&text, b->row[i].text, strlen(b->row[i].text));
		cli_out("%s{\"name\":%s,", i ? "," : "", buf_text(&text));
		json_reached(&b->row[i].reached);
		cli_out("}");
	}
	cli_out("],\"other %s\":{\"together\":%u,", name, b->others);
	json_reached(&b->other);
	cli_out("}");
	buf_free(&text);
}

static void json_back(const struct returns_counts *b)
{
	cli_out(",\"bounces\":{");
	for (unsigned i = 0; i < FAILURES; i++)
		cli_out("\"%s\":%llu,", failure_name((enum failure)i), long_of(b->read[i]));
	cli_out("\"complaints\":%llu,\"other\":%llu,\"forged\":%llu,\"kept\":%llu}",
	        long_of(b->complaints), long_of(b->other), long_of(b->forged), long_of(b->kept));
}

void cmd_survey_json(const struct cmd_survey *c)
{
	const struct survey *s = c->s;

	cli_out("{\"stage\":\"%s\",\"paused\":%s,", c->stage, c->paused ? "true" : "false");
	json_reached(&s->all);
	cli_out(",\"given_up\":%llu,\"warned\":%llu,\"states\":{", long_of(s->given_up),
	        long_of(s->warned));
	for (unsigned i = 0; i < SEND_STATES; i++)
		cli_out("%s\"%s\":%llu", i ? "," : "", send_state_name((enum send_state)i),
		        long_of(s->state[i]));
	cli_out("},\"replaced\":%llu,\"waiting\":%llu", long_of(c->replaced), long_of(c->waiting));
	json_breakdown("domains", &s->domain);
	json_breakdown("groups", &s->group);
	json_breakdown("languages", &s->language_of);
	json_back(&s->back);
	cli_out("}\n");
}
