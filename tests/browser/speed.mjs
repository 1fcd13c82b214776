// SPDX-License-Identifier: MIT
//
// speed - how long a member waits: until the page can be used on a slow line, and for the ballot
// to be encrypted. Prints one line of JSON for the bench; fails beyond the limits given.
//
//   node speed.mjs [--check]    1 s to use it on "Fast 3G", 100 ms to encrypt one of four

import { Box } from "./box.mjs";
import { CONGRESS, manifest, secrets } from "./manifests.mjs";
import { Server } from "./server.mjs";
import { BUILD, linkOf, newToken, start } from "./support.mjs";

// The profile of that name in Chromium's own tools: 1.6 Mbit/s less a tenth, 150 ms of a way.
const FAST_3G = { offline: false, downloadThroughput: 1.6e6 / 8 * 0.9, uploadThroughput: 0.75e6 / 8 * 0.9, latency: 150 };
const TIMES = 5;

function median(list) {
	return [...list].sort((a, b) => a - b)[list.length >> 1];
}

const server = await new Server(BUILD, new Box(manifest(CONGRESS), secrets("one-question").receiver_seed)).start();
const browser = await start();
const usable = [], encrypt = [];
for (let i = 0; i < TIMES; i++) {
	const context = await browser.newContext(), page = await context.newPage(), token = newToken();
	const tools = await context.newCDPSession(page);
	await tools.send("Network.enable");
	await tools.send("Network.emulateNetworkConditions", FAST_3G);
	await page.addInitScript(() => {
		new MutationObserver(() => {
			if (!window.usable && document.getElementById("code"))
				requestAnimationFrame(() => { window.usable = performance.now(); });
		}).observe(document, { childList: true, subtree: true });
		const run = WebAssembly.instantiate; /* times the one export that makes a ballot */
		WebAssembly.instantiate = async (...args) => {
			const made = await run.apply(WebAssembly, args), exports = { ...made.instance.exports };
			const ballot = exports.ballot;
			exports.ballot = (...words) => {
				const begun = performance.now(), result = ballot(...words);
				window.encrypting = performance.now() - begun;
				return result;
			};
			return { instance: { exports } };
		};
	});
	await page.goto(linkOf(server, token));
	await page.waitForFunction(() => window.usable);
	usable.push(await page.evaluate(() => window.usable));
	await page.fill("#code", token.slice(-4));
	await page.click("button[type=submit]");
	await page.check("#q0-1");
	await page.click("button[type=submit]");
	await page.click("main.at-check button.main");
	await page.waitForSelector("#tracker");
	encrypt.push(await page.evaluate(() => window.encrypting));
	await context.close();
}
await browser.close();
await server.stop();
const said = { page_bytes: server.pages.vote.zipped.length, board_page_bytes: server.pages.check?.zipped.length,
	usable_ms: Math.round(median(usable)), encrypt_ms: Math.round(10 * median(encrypt)) / 10, times: TIMES };
console.log(JSON.stringify(said));
process.exit(process.argv.includes("--check") && (said.usable_ms > 1000 || said.encrypt_ms > 100) ? 1 : 0);
