/* SPDX-License-Identifier: MIT */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <gmime/gmime.h>

#include "core/monotime.h"

/*
 * bench_bounce - the floor under `bounce`: every mail of a Maildir is read and parsed by GMime, and
 * nothing else is done with it.
 *
 *   bench-bounce MAILDIR      prints one line of JSON: mails, and milliseconds
 */
static void parse(const char *bytes, size_t len)
{
	GMimeStream *stream = g_mime_stream_mem_new_with_buffer(bytes, len);
	GMimeParser *parser = g_mime_parser_new_with_stream(stream);
	GMimeMessage *message = g_mime_parser_construct_message(parser, NULL);

	if (message)
		g_object_unref(message);
	g_object_unref(parser);
	g_object_unref(stream);
}

static void read_mail(int folder, const char *name)
{
	int fd = openat(folder, name, O_RDONLY | O_CLOEXEC);
	struct stat st;
	char *bytes;

	if (fd < 0 || fstat(fd, &st)) {
		perror(name);
		exit(70);
	}
	bytes = malloc((size_t)st.st_size + 1);
	if (!bytes || read(fd, bytes, (size_t)st.st_size) != st.st_size) {
		perror(name);
		exit(70);
	}
	close(fd);
	parse(bytes, (size_t)st.st_size);
	free(bytes);
}

int main(int argc, char **argv)
{
	char path[4096];
	const struct dirent *entry;
	uint64_t begun;
	unsigned mails = 0;
	DIR *dir;

	if (argc != 2)
		return 64;
	snprintf(path, sizeof(path), "%s/new", argv[1]);
	dir = opendir(path);
	if (!dir) {
		perror(path);
		return 66;
	}
	g_mime_init();
	begun = monotime_ms();
	while ((entry = readdir(dir))) {
		if (entry->d_name[0] == '.')
			continue;
		read_mail(dirfd(dir), entry->d_name);
		mails++;
	}
	printf("{\"mails\":%u,\"ms\":%llu}\n", mails, (unsigned long long)(monotime_ms() - begun));
	closedir(dir);
	return 0;
}
