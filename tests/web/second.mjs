// SPDX-License-Identifier: MIT
//
// second - protocol sections 2 to 4 a second time: written from protocol.md over @noble/curves,
// sharing no code with the product. It makes ballots that ours must accept, checks those that ours
// makes, and makes elections of its own. For tests: it is neither fast nor careful with secrets.

import { createHash, randomBytes } from "node:crypto";
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

export const ROOT = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../..");
const modules = process.env.VOTEPOST_MODULES ?? path.join(ROOT, "build/node/node_modules");
const noble = (name) => import(pathToFileURL(path.join(modules, "@noble", name)).href);
const { ed25519, ristretto255 } = await noble("curves/ed25519.js");
const { argon2id } = await noble("hashes/argon2.js");

const { Point } = ristretto255;
const G = Point.BASE;
const Q = 2n ** 252n + 27742317777372353535851937790883648493n;
const B32 = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const LABEL = "votepost/1 ";

export class Refused extends Error {}
function want(holds, check) {
	if (!holds)
		throw new Refused(check);
}

function parse(line) {
	try {
		return JSON.parse(line);
	} catch {
		throw new Refused("json");
	}
}

// Bytes and numbers

const ascii = (text) => Buffer.from(text, "utf8");
export const b64 = (bytes) => Buffer.from(bytes).toString("base64url");
export function unb64(text, length) {
	const bytes = Buffer.from(text, "base64url");
	want(bytes.toString("base64url") === text, "base64");
	want(length === undefined || bytes.length === length, "length");
	return bytes;
}
function le(n, bytes) {
	const out = Buffer.alloc(bytes);
	for (let i = 0, rest = BigInt(n); i < bytes; i++, rest >>= 8n)
		out[i] = Number(rest & 255n);
	return out;
}
const fromLe = (bytes) => BigInt("0x" + Buffer.from(bytes).reverse().toString("hex"));
const mod = (n) => ((n % Q) + Q) % Q;
const randomScalar = () => mod(fromLe(randomBytes(64)));
const sha256 = (...parts) => createHash("sha256").update(Buffer.concat(parts)).digest();

function transcript(label, parts) {
	const sha = createHash("sha512");
	for (const part of [ascii(LABEL + label), ...parts])
		sha.update(le(part.length, 8)).update(part);
	return sha.digest();
}
const H = (label, ...parts) => transcript(label, parts).subarray(0, 32);
const Hs = (label, ...parts) => mod(fromLe(transcript(label, parts)));

// Points: multiplication by zero, and of the identity, is the identity.
const times = (n, p) => (mod(n) === 0n || p.is0() ? Point.ZERO : p.multiply(mod(n)));
const encode = (p) => Buffer.from(p.toBytes());
function point(bytes) {
	try {
		return Point.fromHex(Buffer.from(bytes).toString("hex"));
	} catch {
		throw new Refused("point");
	}
}
function scalar(bytes) {
	const n = fromLe(bytes);
	want(n < Q, "scalar");
	return n;
}

function base32(bytes, bits) {
	let out = "";
	for (let at = 0; at < bits; at += 5) {
		let value = 0;
		for (let bit = at; bit < at + 5; bit++)
			value = (value << 1) | (bit < bits ? (bytes[bit >> 3] >> (7 - (bit & 7))) & 1 : 0);
		out += B32[value];
	}
	return out;
}
const grouped = (text, size) => text.match(new RegExp(`.{1,${size}}`, "g")).join("-");

// Section 2: the election and its rows

function rowsOf(question) {
	if (question.kind === "grades")
		return question.options.map(() => ({ weights: question.grades.map(() => 1), lo: 1, hi: 1 }));
	const weights = question.options.map(() => 1);
	if (question.blank)
		weights.push(question.max);
	return [{ weights, lo: question.min, hi: question.max }];
}

export function election(line) {
	const manifest = JSON.parse(line);
	const id = H("election", ascii(line));
	return {
		manifest, id, line,
		key: point(unb64(manifest.election_key, 32)),
		rows: manifest.questions.flatMap(rowsOf),
		fingerprint: grouped(base32(id, 125), 5),
	};
}

// Answers as the pages give them, to cells row by row.
export function cellsOf(e, answers) {
	return e.manifest.questions.flatMap((question, i) => {
		const answer = answers[i];
		if (question.kind === "grades")
			return question.options.map((_, o) => question.grades.map((_, g) => Number(answer.grades[o] === g)));
		const row = question.options.map((_, o) => Number((answer.options ?? []).includes(o)));
		if (question.blank)
			row.push(Number(answer.blank === true));
		return [row];
	});
}

// Section 3: token, credential, second factor

const tokenCheck = (token) => sha256(ascii(LABEL + "token check"), token);

export function writeToken(token) {
	const check = tokenCheck(token);
	return grouped(base32(Buffer.concat([token, check.subarray(0, 2)]), 140), 4);
}

export function readToken(text) {
	const folded = text.toUpperCase().replace(/[ -]/g, "").replace(/O/g, "0").replace(/[IL]/g, "1");
	const bits = [...folded].map((c) => B32.indexOf(c).toString(2).padStart(5, "0")).join("");
	const token = Buffer.from(bits.slice(0, 128).match(/.{8}/g).map((byte) => parseInt(byte, 2)));
	want(writeToken(token).replace(/-/g, "") === folded, "token");
	return token;
}

export function factorOf(id, token, typed) {
	const password = typed.toUpperCase().replace(/[ .-]/g, "");
	want(/^[0-9A-Z]{4,64}$/.test(password), "factor");
	const salt = H("factor", id, token).subarray(0, 16);
	return Buffer.from(argon2id(password, salt, { t: 3, m: 65536, p: 1, dkLen: 32 }));
}

export function secretOf(id, token, factor = Buffer.alloc(0)) {
	return Hs("credential", id, token, factor);
}

export const scalarBytes = (s) => le(s, 32);
export const credentialOf = (secret) => b64(encode(times(secret, G)));

// Section 4: the ballot

function cellChallenge(e, C, row, cell, points) {
	return Hs("cell proof", e.id, encode(e.key), C, le(row, 4), le(cell, 4), ...points);
}

function makeCell(e, C, row, cell, value) {
	const r = randomScalar(), w = randomScalar(), other = { c: randomScalar(), z: randomScalar() };
	const alpha = times(r, G), beta = times(r, e.key).add(times(BigInt(value), G));
	const branches = [0n, 1n].map((v) => {
		const shifted = beta.subtract(times(v, G));
		return v === BigInt(value)
			? [times(w, G), times(w, e.key)]
			: [times(other.z, G).subtract(times(other.c, alpha)), times(other.z, e.key).subtract(times(other.c, shifted))];
	});
	const points = [alpha, beta, ...branches.flat()].map(encode);
	const real = mod(cellChallenge(e, C, row, cell, points) - other.c);
	const z = mod(w + real * r);
	const scalars = value ? [other.c, other.z, z] : [real, z, other.z];
	return { r, bytes: Buffer.concat([...points, ...scalars.map(scalarBytes)]) };
}

function rowChallenge(e, C, row, shape, ciphertexts, points) {
	return Hs("row proof", e.id, encode(e.key), C, le(row, 4), le(shape.lo, 4), le(shape.hi, 4), ...ciphertexts, ...points);
}

function makeRow(e, C, row, shape, values) {
	const cells = values.map((value, cell) => makeCell(e, C, row, cell, value));
	const r = mod(cells.reduce((sum, cell, i) => sum + BigInt(shape.weights[i]) * cell.r, 0n));
	const real = values.reduce((sum, value, i) => sum + value * shape.weights[i], 0) - shape.lo;
	const ciphertexts = cells.flatMap(({ bytes }) => [bytes.subarray(0, 32), bytes.subarray(32, 64)]);
	const { alpha, beta } = sums(shape, ciphertexts);
	const n = shape.hi - shape.lo + 1, w = randomScalar();
	const c = [], z = [], points = [];
	for (let j = 0; j < n; j++) {
		c[j] = randomScalar();
		z[j] = randomScalar();
		const shifted = beta.subtract(times(BigInt(shape.lo + j), G));
		points.push(...(j === real ? [times(w, G), times(w, e.key)]
			: [times(z[j], G).subtract(times(c[j], alpha)), times(z[j], e.key).subtract(times(c[j], shifted))]).map(encode));
	}
	const others = c.reduce((sum, cj, j) => (j === real ? sum : sum + cj), 0n);
	if (real >= 0 && real < n) { // else no branch is true, and the proof is none
		c[real] = mod(rowChallenge(e, C, row, shape, ciphertexts, points) - others);
		z[real] = mod(w + c[real] * r);
	}
	return Buffer.concat([...cells.map((cell) => cell.bytes), ...points, ...c.slice(0, -1).map(scalarBytes), ...z.map(scalarBytes)]);
}

function sums(shape, ciphertexts) {
	let alpha = Point.ZERO, beta = Point.ZERO;
	shape.weights.forEach((weight, i) => {
		alpha = alpha.add(times(BigInt(weight), point(ciphertexts[2 * i])));
		beta = beta.add(times(BigInt(weight), point(ciphertexts[2 * i + 1])));
	});
	return { alpha, beta };
}

export function signedLine(e, secret, channel, body) {
	const C = encode(times(secret, G)), k = randomScalar(), R = encode(times(k, G));
	const c = Hs("ballot", e.id, C, ascii(channel), body, R);
	const signature = Buffer.concat([R, scalarBytes(mod(k + c * secret))]);
	return `{"type":"ballot","channel":"${channel}","credential":"${b64(C)}","body":"${b64(body)}","signature":"${b64(signature)}"}`;
}

// `cells` row by row; nothing stops a caller from cells that no ballot may hold.
export function makeBallot(e, secret, channel, cells) {
	const C = encode(times(secret, G));
	const body = Buffer.concat(e.rows.map((shape, row) => makeRow(e, C, row, shape, cells[row])));
	return signedLine(e, secret, channel, body);
}

function checkCell(e, C, row, cell, bytes) {
	const at = (i) => bytes.subarray(32 * i, 32 * i + 32);
	want(!at(0).equals(Buffer.alloc(32)), "ballot alpha");
	const points = [0, 1, 2, 3, 4, 5].map(at), [alpha, beta, A0, B0, A1, B1] = points.map(point);
	const [c0, z0, z1] = [6, 7, 8].map((i) => scalar(at(i)));
	const c1 = mod(cellChallenge(e, C, row, cell, points) - c0);
	const holds = (z, c, A, B, b) => times(z, G).equals(A.add(times(c, alpha))) && times(z, e.key).equals(B.add(times(c, b)));
	want(holds(z0, c0, A0, B0, beta) && holds(z1, c1, A1, B1, beta.subtract(G)), "cell proof");
}

function checkRow(e, C, row, shape, bytes) {
	const cells = shape.weights.length, n = shape.hi - shape.lo + 1;
	for (let i = 0; i < cells; i++)
		checkCell(e, C, row, i, bytes.subarray(288 * i, 288 * i + 288));
	const ciphertexts = shape.weights.flatMap((_, i) => [bytes.subarray(288 * i, 288 * i + 32), bytes.subarray(288 * i + 32, 288 * i + 64)]);
	const at = (i) => bytes.subarray(288 * cells + 32 * i, 288 * cells + 32 * i + 32);
	const points = Array.from({ length: 2 * n }, (_, i) => at(i));
	const c = Array.from({ length: n - 1 }, (_, j) => scalar(at(2 * n + j)));
	const z = Array.from({ length: n }, (_, j) => scalar(at(3 * n - 1 + j)));
	c.push(mod(rowChallenge(e, C, row, shape, ciphertexts, points) - c.reduce((sum, cj) => sum + cj, 0n)));
	const { alpha, beta } = sums(shape, ciphertexts);
	for (let j = 0; j < n; j++) {
		const shifted = beta.subtract(times(BigInt(shape.lo + j), G));
		want(times(z[j], G).equals(point(points[2 * j]).add(times(c[j], alpha))) &&
			times(z[j], e.key).equals(point(points[2 * j + 1]).add(times(c[j], shifted))), "row proof");
	}
}

export const rowBytes = (shape) => 288 * shape.weights.length + 32 * (4 * (shape.hi - shape.lo + 1) - 1);

// Throws Refused; the check's name is this file's own.
export function checkBallot(e, line) {
	const b = parse(line);
	want(JSON.stringify(b) === line, "line not canonical");
	want(Object.keys(b).join() === "type,channel,credential,body,signature" && b.type === "ballot", "keys");
	want(e.manifest.channels.includes(b.channel), "channel");
	const body = unb64(b.body), C = unb64(b.credential, 32), signature = unb64(b.signature, 64);
	want(body.length === e.rows.reduce((sum, shape) => sum + rowBytes(shape), 0), "length");
	want(!C.equals(Buffer.alloc(32)), "credential");
	const R = signature.subarray(0, 32), z = scalar(signature.subarray(32));
	const c = Hs("ballot", e.id, C, ascii(b.channel), body, R);
	want(times(z, G).equals(point(R).add(times(c, point(C)))), "signature");
	let at = 0;
	e.rows.forEach((shape, row) => {
		checkRow(e, C, row, shape, body.subarray(at, at + rowBytes(shape)));
		at += rowBytes(shape);
	});
}

export const trackerOf = (line) => grouped(base32(sha256(ascii(line)), 100), 5);

export function armourOf(line) {
	const text = ascii(line).toString("base64").match(/.{1,60}/g).join("\n");
	return `-----BEGIN VOTEPOST BALLOT-----\n${text}\n-----END VOTEPOST BALLOT-----\n`;
}

// An election of one trustee: `change` replaces members of the manifest, keys keep their order.
export function makeManifest(change) {
	const a = randomScalar(), ceremony = "second", sealing = randomBytes(32), F = encode(times(a, G));
	const w = randomScalar(), R = encode(times(w, G));
	const c = Hs("trustee", ascii(ceremony), le(1, 4), le(1, 4), le(1, 4), sealing, F, R);
	const key = () => b64(ed25519.getPublicKey(randomBytes(32)));
	return JSON.stringify({
		type: "manifest", protocol: "votepost/1", title: { en: "Second" }, organiser: "Second", languages: ["en"],
		opens: "2026-12-01T12:00:00Z", closes: "2026-12-02T22:00:00Z", channels: ["sealed-reply", "link"],
		reply_to: "vote@example.org", link: "https://vote.example.org/",
		questions: [{ id: "q", kind: "choice", title: { en: "Which?" }, options: [{ en: "A" }, { en: "B" }], min: 1, max: 1, blank: true }],
		roll: [{ weight: 1, members: 20 }], min_ballots: 10,
		trustees: { ceremony, threshold: 1, members: [{ name: "T", sealing_key: b64(sealing), commitments: [b64(F)],
			proof: b64(Buffer.concat([R, scalarBytes(mod(w + c * a))])) }] },
		election_key: b64(F), mailer_key: key(), receiver_key: key(), second_factor: false, test: true,
		...change,
	});
}
