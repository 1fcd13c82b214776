// SPDX-License-Identifier: MIT
//
// looks - what the pages must be for everyone: axe finds nothing at any step in any theme, no
// sideways scrolling on a small phone or at 400 %, targets that a finger meets, right to left.

import fs from "node:fs";

import { trackerOf } from "./box.mjs";
import { ARABIC, CONGRESS, MANY, secrets, vector } from "./manifests.mjs";
import { assert, axe, cast, choose, enterCode, fits, law, linkOf, newToken, picture, ready, textOf } from "./support.mjs";

// Buttons, links that look like them, fields and their labels: 44 pixels high; WCAG asks for 24.
async function targets(page, where) {
	const small = await page.$$eval("button, .button, input[type=text], .option label, summary", (all) => all
		.filter((e) => e.offsetParent && e.getBoundingClientRect().height < 43.5).map((e) => e.outerHTML.slice(0, 100)));
	assert.deepEqual(small, [], where);
}

// Every step of a vote on the page, one after the other: step(name) looks at each.
async function everyStep(t, change, options, picks, step) {
	const { server } = await t.box(change), token = newToken(), page = await t.page(options);
	await page.goto(linkOf(server, token));
	await ready(page);
	await step(page, "code");
	await page.click("button[type=submit]");
	await step(page, "code-wrong");
	if (change.second_factor)
		await page.fill("#factor", "AB12CD34");
	await enterCode(page, token);
	await step(page, "choose");
	await page.click("button[type=submit]");
	await step(page, "choose-wrong");
	await choose(page, ...picks);
	await step(page, "check");
	server.fault = (request, response) => request.method === "POST" && Boolean(response.destroy());
	await cast(page);
	await page.waitForSelector(".busy .buttons");
	await step(page, "waiting");
	server.fault = null;
	await page.click(".busy button.main");
	await page.waitForSelector(".card.good #tracker");
	await step(page, "receipt");
	return { server, page, token };
}

const PICKS = ["q0-1", "q1-0", "q1-3", "q2-0-1", "q2-1-3", "q3-none"];
const THEMES = {
	light: { viewport: { width: 1180, height: 860 } },
	dark: { viewport: { width: 1180, height: 860 }, colorScheme: "dark" },
	"small phone": { viewport: { width: 320, height: 568 }, hasTouch: true, reducedMotion: "reduce" },
	"small dark phone": { viewport: { width: 320, height: 568 }, colorScheme: "dark", locale: "fr-FR" },
	"forced colours": { viewport: { width: 900, height: 700 }, forcedColors: "active" },
	"400 %": { viewport: { width: 320, height: 256 }, deviceScaleFactor: 4 }, /* what is left of 1280 × 1024 */
};

for (const [theme, options] of Object.entries(THEMES)) {
	law(`every step is clean to axe, fits and can be hit by a finger: ${theme}`, async (t) => {
		await everyStep(t, { ...MANY, test: true }, options, PICKS, async (page, step) => {
			await axe(page, `${theme}, ${step}`);
			await fits(page, `${theme}, ${step}`);
			await targets(page, `${theme}, ${step}`);
			await picture(page, `${theme}-${step}`);
		});
	});
}

law("what follows a bad end is clean too: used, refused, a lie, a sealed reply", async (t) => {
	const { server } = await t.box(), token = newToken(), viewport = { width: 320, height: 568 };
	const ends = {
		"not taken": (response) => { response.writeHead(410); response.end(`{"error":"replaced"}`); },
		"does not hold": (response) => { response.writeHead(201); response.end(`{"type":"receipt"}`); },
		"stands already": (response, body) => { server.box.post(body); response.writeHead(409); response.end(`{"error":"used","tracker":"${trackerOf(body)}x"}`); },
	};
	for (const [words, end] of Object.entries(ends)) {
		const page = await t.page({ viewport });
		server.fault = (request, response, body) => request.method === "POST" && (end(response, body), true);
		await page.goto(linkOf(server, token));
		await enterCode(page, token);
		await choose(page, "q0-0");
		await cast(page);
		await page.waitForSelector(`h2:has-text("${words}")`);
		await axe(page, words);
		await fits(page, words);
	}
	const page = await t.page({ viewport });
	await page.goto(linkOf(server, token));
	await enterCode(page, token);
	await choose(page, "q0-0");
	await page.click("details.aside summary");
	await page.click("details.aside button");
	await page.waitForSelector("#block");
	await axe(page, "sealed");
	await fits(page, "sealed");
	await targets(page, "sealed");
	await picture(page, "sealed-phone");
});

for (const [name, viewport] of [["desktop", { width: 1100, height: 800 }], ["small phone", { width: 320, height: 568 }]]) {
	law(`right to left: the page is mirrored, codes are not, and axe finds nothing (${name})`, async (t) => {
		const { server, page } = await everyStep(t, ARABIC, { viewport, locale: "ar" }, ["q0-1"], async (page, step) => {
			await axe(page, `ar, ${step}`);
			await fits(page, `ar, ${step}`);
			await picture(page, `rtl-${name}-${step}`);
			assert.equal(await page.getAttribute("html", "dir"), "rtl");
			assert.equal(await page.getAttribute("h1", "lang"), "ar");
			if (step === "choose") {
				const { box, label } = await page.evaluate(() => ({ box: document.querySelector(".option input").getBoundingClientRect().x,
					label: document.querySelector(".option .own").getBoundingClientRect().x }));
				assert.ok(box > label, "the buttons stand at the right");
			}
			if (step === "code" && viewport.width > 600) {
				const { rest, four } = await page.evaluate(() => ({ rest: document.querySelector(".four-row .rest").getBoundingClientRect().x,
					four: document.querySelector(".four-row input").getBoundingClientRect().x }));
				assert.ok(four > rest, "the last four characters stand at the end of the code, which runs from left to right");
			}
			if (step === "receipt")
				assert.equal(await page.getAttribute("#tracker", "dir"), "ltr");
		});
		await page.goto(`${server.address}check`);
		await page.waitForSelector("#turnout .figure");
		await axe(page, "ar, board");
		await fits(page, "ar, board");
		await picture(page, `rtl-${name}-board`);
	});
}

law("a reader of French who switches to Arabic and back has the right language and direction each time", async (t) => {
	const { page } = await t.member(ARABIC, { locale: "fr-FR" });
	const state = () => page.evaluate(() => [document.documentElement.lang, document.documentElement.dir]);
	assert.deepEqual(await state(), ["fr", "ltr"]);
	await page.click("#language-ar");
	assert.deepEqual(await state(), ["ar", "rtl"]);
	assert.match(await textOf(page), /أثبتوا أنكم أنتم/);
	await page.click("#language-fr");
	assert.deepEqual(await state(), ["fr", "ltr"]);
});

law("a language without words of ours has English ones, in a page that runs as the language does", async (t) => {
	const hebrew = JSON.parse(JSON.stringify(ARABIC).replaceAll('"ar"', '"he"'));
	const { page } = await t.member(hebrew, { locale: "he" });
	assert.deepEqual(await page.evaluate(() => [document.documentElement.lang, document.documentElement.dir]), ["en", "rtl"]);
	await axe(page, "he");
});

for (const tag of ["de", "es", "pt-BR", "zh-Hans"])
	law(`whoever reads ${tag} finds every step in it, and it fits`, async (t) => {
		const election = { ...JSON.parse(JSON.stringify(MANY).replaceAll("\"fr\"", `"${tag}"`)), languages: [tag, "en"] };
		const spoken = tag.split("-")[0];
		await everyStep(t, election, { viewport: { width: 360, height: 740 }, locale: tag }, PICKS, async (page, step) => {
			assert.equal(await page.getAttribute("html", "lang"), spoken);
			await fits(page, `${tag}, ${step}`);
			await picture(page, `${spoken}-${step}`);
		});
	});

for (const [theme, options] of Object.entries(THEMES)) {
	law(`the board page is clean to axe and fits, with a result and everything verified: ${theme}`, async (t) => {
		const lines = vector("three-questions", "board.ndjson").trimEnd().split("\n");
		const { box, server } = await t.box(lines[0], secrets("three-questions").receiver_seed, lines.slice(1));
		for (const file of ["head.json", "share-1.json", "share-3.json", "result.json"])
			box.files[file] = vector("three-questions", file);
		const page = await t.page(options);
		await page.goto(`${server.address}check#${trackerOf(lines.find((l) => l.includes('"type":"ballot"')))}`);
		await page.waitForSelector("#found .note.good");
		await page.click("#verify button.main");
		await page.waitForSelector("#report .note.good", { timeout: 30000 });
		await page.click("#turnout summary");
		await axe(page, theme);
		await fits(page, theme);
		await targets(page, theme);
		await picture(page, `board-${theme}`);
	});
}

law("each language has every sentence, with the same {names} and as many lines", async () => {
	const folder = new URL("../../receiver/web/words/", import.meta.url);
	const WORDS = Object.fromEntries(fs.readdirSync(folder).map((file) =>
		[file.replace(".json", ""), JSON.parse(fs.readFileSync(new URL(file, folder), "utf8"))]));
	for (const tag of ["ar", "de", "en", "es", "fr", "pt", "zh"])
		assert.ok(WORDS[tag], tag);
	const names = (text) => [...new Set(text.match(/\{\w+\}/g) || [])].sort();
	for (const [tag, words] of Object.entries(WORDS)) {
		assert.deepEqual(Object.keys(words), Object.keys(WORDS.en), `${tag}: the same sentences, in the same order`);
		for (const [key, text] of Object.entries(words)) {
			assert.deepEqual(names(text), names(WORDS.en[key]), `${tag}, ${key}`);
			assert.equal(text.split("\n").length, WORDS.en[key].split("\n").length, `${tag}, ${key}`);
		}
	}
});

law("without JavaScript the page names the other ways, in both languages", async (t) => {
	const { server } = await t.box(CONGRESS), page = await t.page({ javaScriptEnabled: false });
	await page.goto(server.address);
	const said = await textOf(page, "body");
	assert.match(said, /needs JavaScript/);
	assert.match(said, /Il lui faut JavaScript/);
});

law("each page is under 150 kB compressed, and asks for the closing time alone", async (t) => {
	const { server } = await t.box(CONGRESS), page = await t.page();
	for (const name of ["vote", "check"]) {
		assert.ok(server.pages[name].zipped.length < 150000, `${name}: ${server.pages[name].zipped.length} bytes`);
		assert.doesNotMatch(server.pages[name].html, /<(link rel="?stylesheet|script src|img|iframe)|@import|url\(/);
	}
	await Promise.all([page.waitForResponse(/turnout/), page.goto(server.address)]);
	await ready(page);
	assert.deepEqual(server.seen.map((r) => r.url), ["/", "/turnout"]);
});
