/* SPDX-License-Identifier: MIT */
#include "core/erase.h"

#include <sys/stat.h>
#include <unistd.h>

#include <sodium.h>

static void write_over(int fd)
{
	unsigned char noise[4096];
	struct stat st;

	randombytes_buf(noise, sizeof(noise));
	if (fstat(fd, &st))
		return;
	for (off_t at = 0; at < st.st_size; at += (off_t)sizeof(noise))
		if (pwrite(fd, noise, sizeof(noise), at) < 0)
			return;
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
