// SPDX-License-Identifier: MIT
//
// support - laws about the pages, each tried in a real browser: law("a sentence", async (t) => …).
// `t` opens pages against a ballot box of the tests and closes everything afterwards. A file of
// laws is a program: `node voting.mjs`; it ends with 77 where there is nothing to test with.
//
//   VOTEPOST_BUILD   the build folder with web/vote.html
//   VOTEPOST_MODULES the folder node_modules
//   VOTEPOST_SHOTS   where pictures go, if they are wanted

import assert from "node:assert/strict";
import crypto from "node:crypto";
import fs from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { Box, tokenText } from "./box.mjs";
import { CONGRESS, manifest, secrets } from "./manifests.mjs";
import { Server } from "./server.mjs";

export { assert };
export const BUILD = process.env.VOTEPOST_BUILD || "build/release";
const CHROMIUM = ["/usr/bin/chromium", "/usr/bin/chromium-browser"].find((file) => fs.existsSync(file));
const laws = [];

function skip(why) {
	console.log(`skipped: ${why}`);
	process.exit(77);
}

const require = createRequire(path.resolve(process.env.VOTEPOST_MODULES || "build/node/node_modules", "here.js"));
const module = (name) => {
	try {
		return require(name);
	} catch {
		return skip(`${name} is not installed; ./run tests does that`);
	}
};
const { chromium } = module("playwright-core");
const axeSource = module("axe-core").source;

if (!CHROMIUM)
	skip("there is no Chromium here");
if (!fs.existsSync(path.join(BUILD, "web/vote.html")))
	skip(`${BUILD}/web/vote.html is not built`);

export function newToken() {
	return tokenText(crypto.randomBytes(16));
}

// The link of a letter: all of the code but its last group.
export function linkOf(server, token) {
	return `${server.address}#${token.slice(0, -5)}`;
}

class Trial {
	constructor(browser) {
		this.browser = browser;
		this.end = [];
	}

	// A ballot box with its server: { box, server }.
	async box(change = CONGRESS, seed = secrets("one-question").receiver_seed, lines = []) {
		const box = new Box(typeof change === "string" ? change : manifest(change), seed, lines);
		const server = await new Server(BUILD, box).start();
		this.end.push(() => server.stop());
		return { box, server };
	}

	async context(options = {}) {
		const context = await this.browser.newContext({ locale: "en-GB", timezoneId: "Europe/Paris", ...options });
		this.end.push(() => context.close());
		return context;
	}

	// A page that fails the law when its script fails, or writes to the console.
	async page(options = {}, context = null) {
		const page = await (context || await this.context(options)).newPage();
		page.setDefaultTimeout(10000);
		this.wrong = this.wrong || [];
		page.on("pageerror", (error) => this.wrong.push(`script error: ${error.message}`));
		page.on("console", (message) => {
			if (!/Failed to load resource/.test(message.text())) /* the browser's own words on 404 and 409 */
				this.wrong.push(`console: ${message.text()}`);
		});
		return page;
	}

	// Everything at once: a box, a page, the link of a new member opened.
	async member(change = CONGRESS, options = {}) {
		const { box, server } = await this.box(change), token = newToken(), page = await this.page(options);
		await page.goto(linkOf(server, token));
		await ready(page);
		return { box, server, token, page };
	}

	async close() {
		for (const end of this.end.reverse())
			await end().catch(() => {});
		assert.deepEqual(this.wrong || [], [], "the page is silent");
	}
}

export function ready(page) {
	return page.waitForSelector("html.ready", { state: "attached" });
}

// The steps of a vote, as a member takes them with the mouse.
export async function enterCode(page, token) {
	await page.fill("#code", token.slice(-4));
	await page.click("button[type=submit]");
	await page.waitForSelector("main.at-choose");
}

export async function choose(page, ...ids) {
	for (const id of ids)
		await page.check(`#${id}`);
	await page.click("button[type=submit]");
	await page.waitForSelector("main.at-check");
}

export async function cast(page) {
	await page.click("main.at-check button.main");
}

export async function upToCheck(page, token, ...ids) {
	await enterCode(page, token);
	await choose(page, ...(ids.length ? ids : ["q0-1"]));
}

export async function vote(page, token, ...ids) {
	await upToCheck(page, token, ...ids);
	await cast(page);
	await page.waitForSelector(".card.good #tracker");
	return page.textContent("#tracker");
}

export async function textOf(page, selector = "main") {
	return (await page.textContent(selector)).replace(/[\s\u2068\u2069]+/g, " ");
}

const TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

// Nothing that axe finds fault with, and nothing that is wider than the window.
export async function axe(page, where) {
	await page.evaluate(axeSource);
	const found = await page.evaluate(async (tags) => (await window.axe.run(document, { runOnly: tags })).violations
		.map((v) => `${v.id}: ${v.help} (${v.nodes.map((n) => n.html.slice(0, 120)).join(" | ")})`), TAGS);
	assert.deepEqual(found, [], where);
}

export async function fits(page, where) {
	const { wide, room } = await page.evaluate(() => ({ wide: document.documentElement.scrollWidth, room: innerWidth }));
	assert.ok(wide <= room, `${where} is ${wide} pixels wide where there are ${room}`);
}

export async function picture(page, name) {
	if (process.env.VOTEPOST_SHOTS)
		await page.screenshot({ path: path.join(process.env.VOTEPOST_SHOTS, `${name}.png`), fullPage: true });
}

export function law(name, body) {
	laws.push({ name, body });
}

export async function start(args = []) {
	return chromium.launch({ executablePath: CHROMIUM, args });
}

async function run() {
	const browser = await start(), only = process.argv[2];
	let failed = 0;
	for (const { name, body } of laws.filter((l) => !only || l.name.includes(only))) {
		const trial = new Trial(browser), begun = Date.now();
		try {
			await body(trial);
			await trial.close();
			console.log(`ok    ${name}  (${((Date.now() - begun) / 1000).toFixed(1)} s)`);
		} catch (error) {
			failed++;
			console.log(`FAIL  ${name}\n${error.stack}`);
			await trial.close().catch(() => {});
		}
	}
	await browser.close();
	process.exit(failed ? 1 : 0);
}

setImmediate(() => { if (laws.length) run(); });
