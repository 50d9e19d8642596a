/**
 * What a device is known by: a secret that it has drawn for itself, in a file that only its user may read. It becomes good when
 * the broker has taken it together with a claim code.
 */
import { randomBytes } from "node:crypto";
import { chmod, mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { z } from "zod";
import { claimPassword, clientIdFor, DeviceSecret, SECRET_BYTES } from "#protocol/enrolment.ts";
import { Id } from "#protocol/quantities.ts";
import { LinkError } from "./device/link.ts";
import { type Access, mqttDial } from "./device/mqtt-link.ts";

const CredentialFile = z.strictObject({ site: Id, device: Id, secret: DeviceSecret });

/** A file that holds something else than a credential, or a claim that was refused. */
export class CredentialError extends Error {
  override readonly name = "CredentialError";
}

export interface Whose {
  readonly folder: string;
  readonly site: Id;
  readonly device: Id;
}

const pathOf = ({ folder, site, device }: Whose): string => join(folder, `${site}.${device}.json`);
/** Where a secret waits for the word that it has been taken. */
const pending = (path: string): string => `${path}.new`;

/** Name and password; nothing when the device has no credential. Throws a CredentialError. */
export async function readCredential(whose: Whose): Promise<Access> {
  const secret = await readSecret(pathOf(whose), whose);
  return secret === undefined ? {} : { username: whose.device, password: secret };
}

async function readSecret(path: string, { site, device }: Whose): Promise<string | undefined> {
  const text = await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw error;
  });
  if (text === undefined) return undefined;
  let file: z.infer<typeof CredentialFile>;
  try {
    file = CredentialFile.parse(JSON.parse(text));
  } catch (cause) {
    throw new CredentialError(`${path}: not a credential; move the file away`, { cause });
  }
  if (file.site === site && file.device === device) return file.secret;
  throw new CredentialError(`${path}: the credential of device ${file.device} of site ${file.site}`);
}

/**
 * Claims with a code; from then on the device's file holds its secret. The secret is on the disk before it is sent, so that a
 * claim whose answer got lost is not lost with it: said again, the secret alone is tried too. Throws a CredentialError when
 * the broker refuses, a LinkError when it cannot be reached.
 */
export async function claimCredential(whose: Whose, code: string, broker: string, tls: Access): Promise<string> {
  const path = pathOf(whose);
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const secret = (await readSecret(pending(path), whose)) ?? (await drawSecret(pending(path), whose));
  const hello = (password: string) => sayHello(whose.device, broker, { ...tls, username: whose.device, password });
  try {
    await hello(claimPassword(code, secret)).catch(async (error: unknown) => {
      if (!(error instanceof LinkError && error.refused)) throw error;
      await hello(secret).catch((second: unknown) => {
        throw second instanceof LinkError && second.refused ? error : second;
      });
    });
  } catch (cause) {
    if (!(cause instanceof LinkError && cause.refused)) throw cause;
    await rm(pending(path), { force: true });
    throw new CredentialError(
      `${broker} does not take this claim code for ${whose.device}: is it used up, too old, mistyped?`,
      {
        cause,
      },
    );
  }
  await rename(pending(path), path);
  return path;
}

async function drawSecret(path: string, { site, device }: Whose): Promise<string> {
  const secret = randomBytes(SECRET_BYTES).toString("base64url");
  await writeFile(path, `${JSON.stringify({ site, device, secret })}\n`, { mode: 0o600, flush: true });
  await chmod(path, 0o600);
  return secret;
}

/** Whether the broker lets the device in; throws a LinkError. */
export async function sayHello(device: Id, broker: string, access: Access): Promise<void> {
  const link = await mqttDial(
    broker,
    access,
  )({
    clientId: clientIdFor(device, "hello", String(process.pid)),
    lasting: false,
    subscribe: [],
    heard: () => {},
    ended: () => {},
  });
  await link.close();
}
