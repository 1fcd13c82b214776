/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_CORE_LOG_H
#define VOTEPOST_CORE_LOG_H

/*
 * log - one event a line, `event key=value`, to stderr or syslog.
 *
 * No address, token, handle, ballot, choice or client IP is ever a value: what may be logged
 * is counts, verdicts, indexes, error sentences of ours.
 */
enum log_level { LOG_LEVEL_ERROR, LOG_LEVEL_WARN, LOG_LEVEL_INFO, LOG_LEVEL_DEBUG };

/* `syslog_name` NULL: stderr. Once, before threads. */
void log_open(enum log_level least, const char *syslog_name);
void log_line(enum log_level level, const char *event, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

#define log_error(event, ...) log_line(LOG_LEVEL_ERROR, (event), __VA_ARGS__)
#define log_warn(event, ...)  log_line(LOG_LEVEL_WARN, (event), __VA_ARGS__)
#define log_info(event, ...)  log_line(LOG_LEVEL_INFO, (event), __VA_ARGS__)
#define log_debug(event, ...) log_line(LOG_LEVEL_DEBUG, (event), __VA_ARGS__)

#endif
