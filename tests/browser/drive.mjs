// SPDX-License-Identifier: MIT
//
// drive - one member with a real browser, for the flow tests: reads a line of JSON from standard
// input for each thing to do, and answers each with a line.
//
//   { "do": "vote", "link", "four", "pick" }            -> { "tracker" }
//   { "do": "seal", "page", "token", "pick" }           -> { "tracker", "block" }
//   { "do": "look", "address" }                         -> { "said" }
//   { "do": "verify", "address" }                       -> { "said" }

import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import readline from "node:readline";
import { pathToFileURL } from "node:url";
import { start } from "./support.mjs";

const browser = await start();

async function code(page, typed, pick) {
	await page.fill("#code", typed);
	await page.click("button[type=submit]");
	await page.check(`#q0-${pick}`);
	await page.click("button[type=submit]");
	await page.click("main.at-check button.main");
}

const DEEDS = {
	async vote(page, { link, four, pick }) {
		await page.goto(link);
		await code(page, four, pick);
		await page.waitForSelector("#tracker");
		if (!await page.locator(".card.good").count())
			return { tracker: "", said: await page.textContent("main") };
		return { tracker: await page.textContent("#tracker") };
	},
	async seal(page, { page: address, token, pick }) {
		const folder = fs.mkdtempSync(path.join(os.tmpdir(), "votepost-page-")), file = path.join(folder, "page.html");
		try {
			fs.writeFileSync(file, await (await fetch(address)).text());
			await page.context().setOffline(true);
			await page.goto(pathToFileURL(file).href);
			await code(page, token, pick);
			await page.waitForSelector("#block");
			return { tracker: await page.textContent("#tracker"), block: await page.inputValue("#block") };
		} finally {
			fs.rmSync(folder, { recursive: true });
		}
	},
	async look(page, { address }) {
		await page.goto(address);
		await page.waitForSelector("#found .note");
		return { said: await page.textContent("#found") };
	},
	async verify(page, { address }) {
		await page.goto(address);
		await page.click("#verify button.main");
		await page.waitForSelector("#report .note", { timeout: 60000 });
		return { said: await page.textContent("#report") };
	},
};

for await (const line of readline.createInterface({ input: process.stdin })) {
	const deed = JSON.parse(line), context = await browser.newContext({ locale: "en-GB" }), page = await context.newPage();
	page.setDefaultTimeout(20000);
	try {
		console.log(JSON.stringify(await DEEDS[deed.do](page, deed)));
	} catch (error) {
		console.log(JSON.stringify({ error: error.message }));
	}
	await context.close();
}
await browser.close();
process.exit(0);
