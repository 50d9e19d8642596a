/** The gateway where other machines reach it: with TLS or a declared proxy; without, it does not start. */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { copyFile } from "node:fs/promises";
import { get } from "node:https";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import type { TLSSocket } from "node:tls";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type Folder, temporaryFolder } from "./folder.ts";
import { startProgram } from "./program.ts";

let folder: Folder;
beforeAll(async () => {
  folder = await temporaryFolder();
});
afterAll(() => folder?.[Symbol.asyncDispose]());

/** A certificate and key of this test alone, in `name`.crt and `name`.key. */
function makeCertificate(name: string): void {
  const made = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"];
  const named = ["-subj", `/CN=${name}`, "-addext", "subjectAltName=IP:127.0.0.1"];
  const files = ["-keyout", join(folder.path, `${name}.key`), "-out", join(folder.path, `${name}.crt`)];
  execFileSync("openssl", [...made, ...named, ...files], { stdio: "ignore" });
}

const FLAGS = ["--http=0.0.0.0:0", "--mqtt=127.0.0.1:0", "--log=silent"];
const start = (env: Readonly<Record<string, string>>) =>
  startProgram("gateway/main.ts", [...FLAGS, "--data", join(folder.path, "data")], { cwd: folder.path, env });

it.each([
  ["without TLS", {}, /FORTROLIG_HTTP: 0\.0\.0\.0 is reachable from other machines, and the dashboard has no TLS/],
  [
    "with half a certificate",
    { FORTROLIG_HTTP_CERT: "a.crt" },
    /FORTROLIG_HTTP_CERT and FORTROLIG_HTTP_KEY go together/,
  ],
  [
    "with a certificate that is not there",
    { FORTROLIG_HTTP_CERT: "a.crt", FORTROLIG_HTTP_KEY: "a.key" },
    /a\.crt: cannot be read \(ENOENT\)/,
  ],
])("%s it does not listen beyond this machine", async (_, env, words) => {
  await using program = start(env);
  expect(await program.ended).toEqual({ code: 1, signal: null });
  expect(program.err).toMatch(words);
  expect(program.err.trim().split("\n")).toHaveLength(1);
});

/** Of IT, made on the machine beside the running gateway. */
async function token(): Promise<string> {
  const words = ["token", "--role", "it-admin", "--label", "metrics", "--days", "1", "--json"];
  await using made = startProgram("gateway/access/main.ts", [...words, "--data", join(folder.path, "data")]);
  await made.ended;
  return JSON.parse(made.out).secret;
}

it("with a certificate it does, over TLS alone, and takes up a renewed one on SIGHUP", async () => {
  makeCertificate("first");
  makeCertificate("second");
  const file = (name: string) => join(folder.path, name);
  for (const end of ["crt", "key"]) await copyFile(file(`first.${end}`), file(`now.${end}`));
  await using program = start({ FORTROLIG_HTTP_CERT: file("now.crt"), FORTROLIG_HTTP_KEY: file("now.key") });
  const [, port] = await program.says(/gateway: https:\/\/0\.0\.0\.0:(\d+), /);
  const ca = ["first.crt", "second.crt"].map((name) => readFileSync(file(name)));
  const ask = (path: string, headers = {}) =>
    new Promise<{ by: string; status: number | undefined; body: string }>((resolve, reject) =>
      get(`https://127.0.0.1:${port}${path}`, { ca, agent: false, headers }, async (answer) => {
        const { CN } = (answer.socket as TLSSocket).getPeerCertificate().subject;
        resolve({ by: String(CN), status: answer.statusCode, body: await text(answer) });
      }).once("error", reject),
    );
  const shown = async () => {
    const { status, by } = await ask("/livez");
    return `${status} ${by}`;
  };
  expect(await shown()).toBe("200 first");
  // Of two days: worth a warning, as the broker's is.
  const { checks } = JSON.parse((await ask("/readyz")).body);
  expect([checks.transport.state, checks.transport.detail]).toEqual([
    "degraded",
    expect.stringMatching(/^HTTP: TLS, with a certificate until 20[\d-]{8}; MQTT: plain, on loopback only$/),
  ]);
  const authorization = `Bearer ${await token()}`;
  const metrics = async () => (await ask("/metrics", { authorization })).body;
  await expect.poll(metrics).toMatch(/^fortrolig_http_certificate_expires_seconds \d{10}$/m);
  // 0.0.0.0 is no place to go to; the certificate says which is.
  expect(program.err).toMatch(new RegExp(`^  https://127\\.0\\.0\\.1:${port}/sign-in#link=\\S+$`, "m"));
  await expect(fetch(`http://127.0.0.1:${port}/livez`)).rejects.toThrow();
  for (const end of ["crt", "key"]) await copyFile(file(`second.${end}`), file(`now.${end}`));
  program.kill("SIGHUP");
  await expect.poll(shown).toBe("200 second");
  program.kill("SIGTERM");
  expect(await program.ended, program.err).toEqual({ code: 0, signal: null });
});
