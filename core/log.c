/* SPDX-License-Identifier: MIT */
#include "core/log.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#include "core/progress.h"
#include "core/text.h"

#define LOG_LINE_MAX 1024

static enum log_level least_level = LOG_LEVEL_INFO;
static bool to_syslog;

void log_open(enum log_level least, const char *syslog_name)
{
	least_level = least;
	to_syslog = syslog_name != NULL;
	if (to_syslog)
		openlog(syslog_name, LOG_PID | LOG_NDELAY, LOG_MAIL);
}

/* An event is one line whatever a value holds: nothing that it quotes may forge another. */
static void flatten(char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text < 0x20 || *text == 0x7F)
			*text = '?';
}

void log_line(enum log_level level, const char *event, const char *format, ...)
{
	static const char *const name[] = { "error", "warn", "info", "debug" };
	static const int priority[] = { LOG_ERR, LOG_WARNING, LOG_INFO, LOG_DEBUG };
	char line[LOG_LINE_MAX], values[LOG_LINE_MAX - 128], now[TIME_TEXT];
	va_list args;
	int n;

	if (level > least_level)
		return;
	va_start(args, format);
	vsnprintf(values, sizeof(values), format, args);
	va_end(args);
	flatten(values);
	if (to_syslog) {
		syslog(priority[level], "%s %s", event, values);
		return;
	}
	time_write(now, (uint64_t)time(NULL));
	n = snprintf(line, sizeof(line), "%s %-5s %.64s %s\n", now, name[level], event, values);
	/* One write a line: threads and processes that share stderr do not mix theirs. */
	progress_hide();
	if (write(STDERR_FILENO, line, (size_t)n) < 0)
		return; /* nowhere left to say so */
}
