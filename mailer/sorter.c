/* SPDX-License-Identifier: MIT */
#include "mailer/sorter.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define RUN_BYTES    ((size_t)8 << 20)
#define WINDOW_BYTES ((size_t)64 << 10)
#define RUNS_MAX     256

/* A sorted stretch of the file, and the window of it that is in memory. */
struct run {
	uint64_t offset, left; /* records not yet in the window */
	unsigned char *window;
	size_t at, n; /* records */
};

struct sorter {
	size_t size, run_records, window_records;
	int fd;
	unsigned char *memory; /* the run that is being filled; the last one stays here */
	size_t n;
	uint64_t written; /* records in the file */
	struct run run[RUNS_MAX];
	size_t runs;
	bool reading;
};

static enum err disk_why(struct why *why, const char *what)
{
	int problem = errno;
	enum err e = problem == ENOSPC || problem == EDQUOT ? ERR_FULL : ERR_IO;

	return why_set(why, e, "cannot %s a temporary file: %s", what, strerror(problem));
}

enum err sorter_new(struct sorter **out, const char *folder, size_t size, struct why *why)
{
	struct sorter *s = calloc(1, sizeof(*s));

	if (!s)
		return why_set(why, ERR_MEMORY, "out of memory");
	s->size = size;
	s->run_records = RUN_BYTES / size;
	s->window_records = WINDOW_BYTES / size;
	s->memory = malloc(s->run_records * size);
	s->fd = open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	if (s->fd < 0 || !s->memory) {
		enum err e = s->memory ? disk_why(why, "make")
		                       : why_set(why, ERR_MEMORY, "out of memory");

		sorter_free(s);
		return e;
	}
	*out = s;
	return OK;
}

void sorter_free(struct sorter *s)
{
	if (!s)
		return;
	for (size_t i = 0; i < s->runs; i++)
		free(s->run[i].window);
	if (s->fd >= 0)
		close(s->fd);
	free(s->memory);
	free(s);
}

static int compare(const void *a, const void *b, void *size)
{
	return memcmp(a, b, *(size_t *)size);
}

static enum err write_run(struct sorter *s, struct why *why)
{
	size_t len = s->n * s->size;
	const unsigned char *at = s->memory;

	if (s->runs == RUNS_MAX)
		return why_set(why, ERR_TOO_LARGE, "too many records to sort");
	qsort_r(s->memory, s->n, s->size, compare, &s->size);
	while (len) {
		ssize_t n = write(s->fd, at, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return disk_why(why, "write");
		at += n;
		len -= (size_t)n;
	}
	s->run[s->runs++] = (struct run){ .offset = s->written, .left = s->n };
	s->written += s->n;
	s->n = 0;
	return OK;
}

enum err sorter_add(struct sorter *s, const void *record, struct why *why)
{
	if (s->reading)
		bug("sorter_add after sorter_next");
	memcpy(s->memory + s->n * s->size, record, s->size);
	s->n++;
	return s->n == s->run_records ? write_run(s, why) : OK;
}

static enum err fill_window(struct sorter *s, struct run *r, struct why *why)
{
	size_t want = r->left < s->window_records ? (size_t)r->left : s->window_records;
	size_t got = 0;

	while (got < want * s->size) {
		ssize_t n = pread(s->fd, r->window + got, want * s->size - got,
		                  (off_t)(r->offset * s->size + got));

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return disk_why(why, "read");
		got += (size_t)n;
	}
	r->offset += want;
	r->left -= want;
	r->at = 0;
	r->n = want;
	return OK;
}

static enum err begin_reading(struct sorter *s, struct why *why)
{
	enum err e = s->n ? write_run(s, why) : OK;

	s->reading = true;
	free(s->memory);
	s->memory = NULL;
	for (size_t i = 0; !e && i < s->runs; i++) {
		s->run[i].window = malloc(s->window_records * s->size);
		e = s->run[i].window ? fill_window(s, &s->run[i], why)
		                     : why_set(why, ERR_MEMORY, "out of memory");
	}
	return e;
}

enum err sorter_next(struct sorter *s, void *record, struct why *why)
{
	struct run *least = NULL;
	enum err e = s->reading ? OK : begin_reading(s, why);

	if (e)
		return e;
	for (struct run *r = s->run; r < s->run + s->runs; r++)
		if (r->at < r->n &&
		    (!least || memcmp(r->window + r->at * s->size,
		                      least->window + least->at * s->size, s->size) < 0))
			least = r;
	if (!least)
		return ERR_NOT_FOUND;
	memcpy(record, least->window + least->at * s->size, s->size);
	least->at++;
	return least->at == least->n && least->left ? fill_window(s, least, why) : OK;
}
