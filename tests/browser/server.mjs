// SPDX-License-Identifier: MIT
//
// server - serves the pages and a Box over HTTP, as the receiver does: the same routes, the same
// headers. `fault`, a function of (request, response, body), may answer in its place and lie.

import fs from "node:fs";
import http from "node:http";
import path from "node:path";
import zlib from "node:zlib";

export function headersFor(csp) {
	const [script, style] = csp.trim().split("\n");
	return {
		"Content-Security-Policy": `default-src 'none'; script-src ${script} 'wasm-unsafe-eval'; style-src ${style}; `
			+ "connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
		"Referrer-Policy": "no-referrer", "X-Content-Type-Options": "nosniff", "Cache-Control": "no-cache",
		"Cross-Origin-Opener-Policy": "same-origin",
	};
}

// A page as the build made it, with its manifest filled in.
export function pageOf(build, name, manifest) {
	const at = (suffix) => fs.readFileSync(path.join(build, "web", name + suffix), "utf8");
	const spoken = ["en", ...JSON.parse(manifest).languages.map((tag) => tag.split("-")[0])];
	const html = at(".html").replace("@MANIFEST@", Buffer.from(manifest).toString("base64"))
		.replace(/<script type="application\/json" id="words-(\w+)">.*<\/script>\n/g,
			(block, tag) => (spoken.includes(tag) ? block : ""));
	return { html, zipped: zlib.gzipSync(html, { level: 9 }), headers: headersFor(at(".csp")) };
}

function json(response, status, value, more = {}) {
	response.writeHead(status, { "Content-Type": "application/json", ...more });
	response.end(typeof value === "string" ? value : JSON.stringify(value));
}

export class Server {
	constructor(build, box) {
		this.box = box;
		this.pages = { vote: pageOf(build, "vote", box.manifest) };
		if (fs.existsSync(path.join(build, "web", "check.html")))
			this.pages.check = pageOf(build, "check", box.manifest);
		this.fault = null;
		this.seen = []; // method, address and headers of every request, and its body
		this.http = http.createServer((request, response) => this.take(request, response));
	}

	async start(port = 0) {
		await new Promise((ready) => { this.http.listen(port, "127.0.0.1", ready); });
		this.address = `http://127.0.0.1:${this.http.address().port}/`;
		return this;
	}

	stop() {
		this.http.closeAllConnections();
		return new Promise((done) => { this.http.close(done); });
	}

	take(request, response) {
		const chunks = [];
		request.on("data", (chunk) => chunks.push(chunk));
		request.on("end", () => {
			const body = Buffer.concat(chunks).toString();
			this.seen.push({ method: request.method, url: request.url, headers: request.headers, body });
			if (!this.fault || !this.fault(request, response, body))
				this.answer(request, response, body);
		});
	}

	page(response, name) {
		const page = this.pages[name];
		response.writeHead(200, { ...page.headers, "Content-Type": "text/html; charset=utf-8", "Content-Encoding": "gzip" });
		response.end(page.zipped);
	}

	answer(request, response, body) {
		const url = new URL(request.url, this.address), [, first, second] = url.pathname.split("/");
		if (request.method === "POST" && first === "ballot") {
			const { status, text } = this.box.post(body);
			return json(response, status, text);
		}
		if (request.method !== "GET" && request.method !== "HEAD")
			return json(response, 405, { error: "method" });
		if (url.pathname === "/" || /^\/%(25)*23/i.test(request.url))
			return this.page(response, "vote");
		if (url.pathname === "/check")
			return this.page(response, "check");
		return this.records(response, url, first, second);
	}

	records(response, url, first, second) {
		const box = this.box, number = (name) => Number(url.searchParams.get(name));
		const routes = {
			manifest: () => box.manifest,
			head: () => box.files["head.json"]?.trimEnd() || box.head(),
			turnout: () => box.turnout(),
			receipt: () => box.indexOf(second) >= 0 && box.receipt(box.indexOf(second)),
			tracker: () => box.receiptOf(decodeURIComponent(second)),
			proof: () => (second === "inclusion"
				? { index: number("index"), size: number("size"), proof: box.inclusion(number("index"), number("size")) }
				: { first: number("first"), second: number("second"), proof: box.consistency(number("first"), number("second")) }),
			record: () => box.files[second],
		};
		if (first === "board")
			return this.board(response, number("from"), number("to") || box.lines.length);
		const said = routes[first]?.();
		return said ? json(response, 200, said) : json(response, 404, { error: "unknown", text: "There is nothing here." });
	}

	board(response, from, to) {
		response.writeHead(200, { "Content-Type": "application/x-ndjson", "Votepost-Lines": `${from}-${to}` });
		response.end(this.box.lines.slice(from, to).map((line) => line + "\n").join(""));
	}
}
