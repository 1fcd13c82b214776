/* SPDX-License-Identifier: MIT */
#include "mailer/brake.h"

#include <errno.h>
#include <unistd.h>

#include "core/file.h"
#include "mailer/home.h"

bool brake_on(const char *home)
{
	const struct home h = { .path = home };

	return home_has(&h, HOME_PAUSED);
}

enum err brake_pull(const char *home, bool *was, struct why *why)
{
	struct buf path = BUF_INIT(HOME_PATH_MAX);
	enum err e = OK;

	*was = brake_on(home);
	if (!*was)
		e = file_write(file_path(&path, home, HOME_PAUSED), "", 0, 0600, why);
	buf_free(&path);
	return e;
}

enum err brake_let_go(const char *home, bool *was, struct why *why)
{
	struct buf path = BUF_INIT(HOME_PATH_MAX);
	const char *name = file_path(&path, home, HOME_PAUSED);
	enum err e = OK;

	*was = brake_on(home);
	if (*was && unlink(name) && errno != ENOENT)
		e = file_trouble(why, name, errno);
	buf_free(&path);
	return e;
}
