/* SPDX-License-Identifier: MIT */
#include "core/progress.h"

#include <langinfo.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#define SECOND       UINT64_C(1000000000)
#define QUIET        SECOND        /* nothing is shown before */
#define BAR_EVERY    (SECOND / 10) /* redraw */
#define LINE_EVERY   (SECOND * 10)
#define STILL        (SECOND * 3) /* without a step: it waits, where more is known than a rate */
#define LEFT_MAX     UINT64_C(100000000)
#define RATE_MEMORY  8.0 /* seconds that a rate looks back over */
#define COLUMNS_MAX  120
#define BAR_MAX      40
#define CELL_EIGHTHS 8
#define NUMBER_TEXT  27 /* a uint64_t with its commas and a NUL */

struct progress {
	const char *what;
	uint64_t total, start;
	_Atomic uint64_t done, next; /* `next`: when to draw again */
	_Atomic uint64_t moved;      /* when the last was done */
	_Atomic uint64_t ends;       /* not before, in nanoseconds of the clock; 0: not known */
	bool terminal, utf8;
	/* Under the lock: */
	bool visible;         /* the bar is on the terminal now */
	bool shown;           /* something was ever written */
	uint64_t drawn, then; /* done and the time when the rate was last measured */
	double rate;          /* a second */
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct progress *current;

static uint64_t clock_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * SECOND + (uint64_t)t.tv_nsec;
}

struct progress *progress_start(const char *what, uint64_t total)
{
	const char *term = getenv("TERM");
	struct progress *p = calloc(1, sizeof(*p));

	if (!p)
		return NULL;
	p->what = what;
	p->total = total;
	p->start = p->then = clock_now();
	p->moved = p->start;
	p->next = p->start + QUIET;
	p->terminal = isatty(STDERR_FILENO) && term && strcmp(term, "dumb") != 0;
	p->utf8 = !strcmp(nl_langinfo(CODESET), "UTF-8");
	pthread_mutex_lock(&lock);
	current = p;
	pthread_mutex_unlock(&lock);
	return p;
}

static void measure(struct progress *p, uint64_t done, uint64_t now)
{
	double seconds = (double)(now - p->then) / (double)SECOND;
	double keep, rate;

	if (seconds <= 0)
		return;
	rate = (double)(done - p->drawn) / seconds;
	keep = p->then == p->start ? 0 : RATE_MEMORY / (RATE_MEMORY + seconds);
	p->rate = p->rate * keep + rate * (1 - keep);
	p->drawn = done;
	p->then = now;
}

/* "0:07", "12:40", "3 h 05" */
static void write_span(char *out, size_t room, double seconds)
{
	uint64_t s = seconds < 1e9 ? (uint64_t)(seconds + 0.5) : UINT64_C(1000000000);

	if (s < 3600)
		snprintf(out, room, "%u:%02u", (unsigned)(s / 60), (unsigned)(s % 60));
	else
		snprintf(out, room, "%u h %02u", (unsigned)(s / 3600), (unsigned)(s / 60 % 60));
}

/* "1,600,000" */
static const char *grouped(char out[NUMBER_TEXT], uint64_t n)
{
	char *at = out + NUMBER_TEXT - 1;
	unsigned digits = 0;

	*at = '\0';
	do {
		if (digits && digits % 3 == 0)
			*--at = ',';
		*--at = (char)('0' + n % 10);
		digits++;
		n /= 10;
	} while (n);
	return at;
}

/* ", done 17:40", or with its day where that is another; by the clock on this machine's wall. */
static int write_end(char *out, size_t room, const char *dot, double seconds)
{
	time_t now = time(NULL), end = now + (time_t)seconds;
	struct tm today, then;
	char when[32];

	localtime_r(&now, &today);
	localtime_r(&end, &then);
	strftime(when, sizeof(when), today.tm_yday == then.tm_yday ? "%H:%M" : "%a %d %b %H:%M",
	         &then);
	return snprintf(out, room, "%sdone %s", dot, when);
}

/* " · 131/s · 12:40 left · done 17:40", or that it waits. */
static int write_left(char *out, size_t room, const struct progress *p, uint64_t done,
                      const char *dot)
{
	uint64_t now = clock_now(), moved = p->moved;
	bool still = p->ends && now > moved + STILL;
	double seconds = 0;
	char left[32];
	int n;

	if (still)
		n = snprintf(out, room, "%swaiting", dot);
	else
		n = snprintf(out, room, "%s%.*f/s", dot, p->rate < 10 ? 1 : 0, p->rate);
	if (p->total <= done)
		return n;
	if (p->rate > 0 && !still)
		seconds = (double)(p->total - done) / p->rate;
	if (p->ends > now && seconds < (double)(p->ends - now) / (double)SECOND)
		seconds = (double)(p->ends - now) / (double)SECOND;
	if (seconds > 0) {
		write_span(left, sizeof(left), seconds);
		n += snprintf(out + n, room - (size_t)n, "%s%s left", dot, left);
		if (p->ends)
			n += write_end(out + n, room - (size_t)n, dot, seconds);
	}
	return n;
}

/* "1,204 of 300,000 · 47% · 131/s · 12:40 left" */
static int write_facts(char *out, size_t room, const struct progress *p, uint64_t done)
{
	const char *dot = p->utf8 && p->terminal ? " \xC2\xB7 " : ", ";
	char some[NUMBER_TEXT], all[NUMBER_TEXT];
	int n = snprintf(out, room, "%s", grouped(some, done));

	if (p->total)
		n += snprintf(out + n, room - (size_t)n, " of %s%s%u%%", grouped(all, p->total),
		              dot, (unsigned)((double)done * 100 / (double)p->total));
	return n + write_left(out + n, room - (size_t)n, p, done, dot);
}

/* `cells` characters, full up to done/total, in steps of an eighth where the terminal can. */
static void write_bar(char *out, const struct progress *p, uint64_t done, unsigned cells)
{
	double part = (double)done / (double)p->total;
	unsigned eighths = (unsigned)((part > 1 ? 1 : part) * cells * CELL_EIGHTHS);
	unsigned i, fill;

	for (i = 0; i < cells; i++) {
		fill = eighths > CELL_EIGHTHS ? CELL_EIGHTHS : eighths;
		eighths -= fill;
		if (!p->utf8) {
			*out++ = fill == CELL_EIGHTHS ? '#' : '.';
		} else if (fill == 0) {
			memcpy(out, "\xE2\x96\x91", 3); /* light shade */
			out += 3;
		} else {
			memcpy(out, "\xE2\x96\x88", 3); /* full block; the eighths follow it */
			out[2] = (char)(out[2] + CELL_EIGHTHS - (int)fill);
			out += 3;
		}
	}
	*out = '\0';
}

static void draw(struct progress *p, uint64_t done)
{
	char facts[160], bar[BAR_MAX * 3 + 1];
	struct winsize size;
	unsigned columns = 80, used;

	if (!ioctl(STDERR_FILENO, TIOCGWINSZ, &size) && size.ws_col)
		columns = size.ws_col > COLUMNS_MAX ? COLUMNS_MAX : size.ws_col;
	used = (unsigned)write_facts(facts, sizeof(facts), p, done) + (unsigned)strlen(p->what);
	/* Two columns apart, and never in the last one: some terminals wrap there. */
	if (p->total && used + 4 + 10 < columns) {
		write_bar(bar, p, done,
		          columns - used - 5 > BAR_MAX ? BAR_MAX : columns - used - 5);
		fprintf(stderr, "\r\033[K%s  %s  %s", p->what, bar, facts);
	} else {
		fprintf(stderr, "\r\033[K%.*s", (int)columns - 1, facts);
	}
	fflush(stderr);
	p->visible = p->shown = true;
}

static void show(struct progress *p, uint64_t now)
{
	uint64_t done = p->done;
	char facts[160];

	measure(p, done, now);
	if (p->terminal) {
		draw(p, done);
		return;
	}
	write_facts(facts, sizeof(facts), p, done);
	fprintf(stderr, "%s: %s\n", p->what, facts);
	p->shown = true;
}

void progress_step(struct progress *p, uint64_t more)
{
	uint64_t now, next;

	if (!p)
		return;
	p->done += more;
	now = clock_now();
	if (more)
		p->moved = now;
	next = p->next;
	/* Whoever moves the time forward is the one thread that draws. */
	if (now < next || !atomic_compare_exchange_strong(
				  &p->next, &next, now + (p->terminal ? BAR_EVERY : LINE_EVERY)))
		return;
	pthread_mutex_lock(&lock);
	show(p, now);
	pthread_mutex_unlock(&lock);
}

void progress_left(struct progress *p, uint64_t seconds)
{
	if (!p)
		return;
	p->ends = clock_now() + (seconds < LEFT_MAX ? seconds : LEFT_MAX) * SECOND;
	progress_step(p, 0);
}

static void hide(struct progress *p)
{
	if (!p || !p->visible)
		return;
	fputs("\r\033[K", stderr);
	fflush(stderr);
	p->visible = false;
}

void progress_hide(void)
{
	pthread_mutex_lock(&lock);
	hide(current);
	pthread_mutex_unlock(&lock);
}

void progress_end(struct progress *p)
{
	char took[32], done[NUMBER_TEXT];
	double seconds;

	if (!p)
		return;
	pthread_mutex_lock(&lock);
	hide(p);
	seconds = (double)(clock_now() - p->start) / (double)SECOND;
	if (p->shown) {
		write_span(took, sizeof(took), seconds);
		fprintf(stderr, "%s: %s in %s, %.1f/s\n", p->what, grouped(done, p->done), took,
		        (double)p->done / (seconds > 0 ? seconds : 1));
	}
	current = NULL;
	pthread_mutex_unlock(&lock);
	free(p);
}
