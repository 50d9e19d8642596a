/** The gateway where other machines reach it: with TLS or a declared proxy; without, it does not start. */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { copyFile } from "node:fs/promises";
import { get } from "node:https";
import { join } from "node:path";
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
    /a\.crt, a\.key: no certificate and its key \(ENOENT\)/,
  ],
])("%s it does not listen beyond this machine", async (_, env, words) => {
  await using program = start(env);
  expect(await program.ended).toEqual({ code: 1, signal: null });
  expect(program.err).toMatch(words);
  expect(program.err.trim().split("\n")).toHaveLength(1);
});

it("with a certificate it does, over TLS alone, and takes up a renewed one on SIGHUP", async () => {
  makeCertificate("first");
  makeCertificate("second");
  const file = (name: string) => join(folder.path, name);
  for (const end of ["crt", "key"]) await copyFile(file(`first.${end}`), file(`now.${end}`));
  await using program = start({ FORTROLIG_HTTP_CERT: file("now.crt"), FORTROLIG_HTTP_KEY: file("now.key") });
  const [, port] = await program.says(/gateway: https:\/\/0\.0\.0\.0:(\d+), /);
  const ca = ["first.crt", "second.crt"].map((name) => readFileSync(file(name)));
  const shown = () =>
    new Promise<string>((resolve, reject) =>
      get(`https://127.0.0.1:${port}/livez`, { ca, agent: false }, (answer) => {
        const { subject } = (answer.socket as TLSSocket).getPeerCertificate();
        answer.resume().once("end", () => resolve(`${answer.statusCode} ${subject.CN}`));
      }).once("error", reject),
    );
  expect(await shown()).toBe("200 first");
  await expect(fetch(`http://127.0.0.1:${port}/livez`)).rejects.toThrow();
  for (const end of ["crt", "key"]) await copyFile(file(`second.${end}`), file(`now.${end}`));
  program.kill("SIGHUP");
  await expect.poll(shown, { timeout: 10_000 }).toBe("200 second");
  program.kill("SIGTERM");
  expect(await program.ended, program.err).toEqual({ code: 0, signal: null });
}, 60_000);
