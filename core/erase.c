/* SPDX-License-Identifier: MIT */
#include "core/erase.h"

#include <sys/stat.h>
#include <unistd.h>

#include <sodium.h>

#define NOISE 16384

/* The same for every file: it only must not be what was there. */
static void write_over(int fd)
{
	static _Thread_local unsigned char noise[NOISE];
	struct stat st;

	if (!noise[0] && !noise[1])
		randombytes_buf(noise, sizeof(noise));
	if (fstat(fd, &st))
		return;
	for (off_t at = 0; at < st.st_size; at += NOISE) {
		size_t n = st.st_size - at < NOISE ? (size_t)(st.st_size - at) : NOISE;

		if (pwrite(fd, noise, n, at) < 0)
			return;
	}
}

void erase_now(int fd)
{
	if (fd < 0)
		return;
	write_over(fd);
	(void)fsync(fd);
	close(fd);
}

void erase_soon(int fd)
{
	if (fd < 0)
		return;
	write_over(fd);
	close(fd);
}
