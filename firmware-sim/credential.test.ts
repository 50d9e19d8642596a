import { randomBytes } from "node:crypto";
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { readPassword } from "#protocol/enrolment.ts";
import { split } from "#test/mqtt/packets.ts";
import { CredentialError, claimCredential, readCredential } from "./credential.ts";
import { LinkError } from "./device/link.ts";

const CODE = "7Q2M-K0VX-9TSC-41HE";

/** Answers each CONNECT with what the test says: a return code, or hanging up without one. */
let answers: (number | "hang up")[];
let passwords: string[];
let server: Server;
let broker: string;
let folder: string;
beforeEach(async () => {
  answers = [];
  passwords = [];
  folder = await mkdtemp(join(tmpdir(), "fortrolig-credential-"));
  server = createServer((socket) => socket.on("data", (bytes) => hear(socket, bytes)).on("error", () => {}));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  broker = `mqtt://127.0.0.1:${(server.address() as { port: number }).port}`;
});
afterEach(async () => {
  await new Promise((resolve) => server.close(resolve));
  await rm(folder, { recursive: true });
});

function hear(socket: Socket, bytes: Buffer): void {
  for (const { type, body } of split(bytes).packets) {
    if (type === "disconnect") socket.end();
    if (type !== "connect") continue;
    passwords.push(lastField(body));
    const answer = answers.shift() ?? 0;
    if (answer === "hang up") socket.destroy();
    else socket.write(Buffer.from([0x20, 2, 0, answer]));
  }
}

/** Behind the fixed ten bytes: client id, user name, password. */
function lastField(body: Buffer): string {
  let text = "";
  for (let at = 10; at < body.length; ) {
    const end = at + 2 + body.readUInt16BE(at);
    text = body.toString("utf8", at + 2, end);
    at = end;
  }
  return text;
}

const whose = () => ({ folder, site: "demo", device: "k1" });
const claim = () => claimCredential(whose(), CODE, broker, {});
const file = () => join(folder, "demo.k1.json");

describe("a device that claims", () => {
  it("draws a secret of 256 bits, sends it with the code, and keeps it where only its user reads", async () => {
    expect(await readCredential(whose())).toEqual({});
    expect(await claim()).toBe(file());
    const [password] = passwords.map(readPassword);
    expect(password).toMatchObject({ kind: "claim", code: CODE });
    expect(await readCredential(whose())).toEqual({ username: "k1", password: password!.secret });
    expect((await stat(file())).mode & 0o777).toBe(0o600);
    expect(await readdir(folder)).toEqual(["demo.k1.json"]);
  });

  it("and is refused keeps what it had, and nothing else", async () => {
    await claim();
    const before = await readFile(file(), "utf8");
    answers = [4, 4];
    await expect(claim()).rejects.toThrow(CredentialError);
    expect(await readFile(file(), "utf8")).toBe(before);
    expect(await readdir(folder)).toEqual(["demo.k1.json"]);
  });

  it("and hears no answer says the same again; when the code is used up by then, its secret is good", async () => {
    answers = ["hang up"];
    await expect(claim()).rejects.toThrow(LinkError);
    answers = [4, 0];
    await claim();
    const [first, second, third] = passwords.map((text) => readPassword(text)!);
    expect([second, third]).toEqual([first, { kind: "secret", secret: first!.secret }]);
    expect(await readCredential(whose())).toEqual({ username: "k1", password: first!.secret });
  });
});

it.each([
  ["nonsense", "nonsense", /not a credential/],
  [
    "another device's credential",
    JSON.stringify({ site: "demo", device: "k2", secret: randomBytes(32).toString("base64url") }),
    /of device k2/,
  ],
])("%s in its file is said, and left as it is", async (_, text, words) => {
  await writeFile(file(), text);
  await expect(readCredential(whose())).rejects.toThrow(words);
  expect(await readFile(file(), "utf8")).toBe(text);
});
