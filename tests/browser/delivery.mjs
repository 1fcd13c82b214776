// SPDX-License-Identifier: MIT
//
// delivery - the page that `votepost-mailer status --html` writes: clean to axe in every theme,
// never wider than a phone, and it loads and runs nothing.

import { execFileSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { assert, axe, BUILD, fits, law, picture, textOf } from "./support.mjs";

const FOLDER = fs.mkdtempSync(path.join(os.tmpdir(), "votepost-pages-"));
process.on("exit", () => fs.rmSync(FOLDER, { recursive: true }));

// The pages of the unit test: a send-out in the middle of its work, and one before its first letter.
execFileSync(path.resolve(BUILD, "tests/mailer.test_overview"), { cwd: fileURLToPath(new URL("..", import.meta.url)),
	env: { ...process.env, VOTEPOST_PAGES: FOLDER }, stdio: "ignore" });

const THEMES = {
	light: { viewport: { width: 1100, height: 900 } },
	dark: { viewport: { width: 1100, height: 900 }, colorScheme: "dark" },
	phone: { viewport: { width: 380, height: 800 } },
	"small dark phone": { viewport: { width: 320, height: 568 }, colorScheme: "dark" },
	"forced colours": { viewport: { width: 900, height: 700 }, forcedColors: "active" },
};

for (const name of ["busy", "new"])
	for (const [theme, options] of Object.entries(THEMES))
		law(`the page ${name} is clean to axe and fits: ${theme}`, async (t) => {
			const page = await t.page({ ...options, bypassCSP: true }); /* axe is a script */
			await page.goto(`file://${FOLDER}/${name}.html`);
			await axe(page, theme);
			await fits(page, theme);
			await picture(page, `delivery-${name}-${theme}`);
		});

law("the page is the only thing that is loaded, and its own policy lets no script run", async (t) => {
	const page = await t.page(), asked = [];
	page.on("request", (request) => asked.push(request.url()));
	await page.goto(`file://${FOLDER}/busy.html`);
	assert.equal(asked.length, 1);
	assert.equal(await page.$$eval("script, link, img, iframe, [style], [onclick]", (all) => all.length), 0);
	assert.match(await textOf(page), /Too few letters arrive/);
	t.wrong = []; /* the browser says on the console that it obeys */
	const refused = await page.addScriptTag({ content: "document.title = 'run'" }).then(() => false, () => true);
	assert.ok(refused || await page.title() !== "run");
	t.wrong = [];
});

law("each chart says in words what it shows, and every number of it stands in a table", async (t) => {
	const page = await t.page();
	await page.goto(`file://${FOLDER}/busy.html`);
	for (const words of await page.$$eval("svg", (all) => all.map((e) => e.getAttribute("aria-label"))))
		assert.match(words, /\d/);
	const columns = await page.$$eval("svg.hours rect", (all) => all.length);
	assert.equal(await page.$$eval("details tbody tr", (all) => all.length), columns);
});
