/** With what the devices of a command line come to their broker; claims first, where they were given codes. */
import { readFile } from "node:fs/promises";
import { z } from "zod";
import type { Id } from "#protocol/quantities.ts";
import type { Site } from "#protocol/site.ts";
import type { Words } from "./command-line.ts";
import { CredentialError, claimCredential, readCredential } from "./credential.ts";
import type { Access } from "./device/mqtt-link.ts";
import { deviceOf, UserError } from "./source.ts";

export interface Credentials {
  /** What a device shows the broker; read when it first connects. */
  readonly accessOf: (device: Id) => Access;
}

/** As `npm run devices -- claim --all --json` says them. */
const Claims = z.array(z.object({ device: z.string(), code: z.string() }));

/** Throws a CredentialError, LinkError or UserError. */
export async function comeWithCredentials(words: Words, site: Site): Promise<Credentials> {
  const tls = await tlsOf(words);
  for (const { device, code } of await claimsOf(words, site)) {
    const path = await claimCredential(whose(words, site, device), code, words.broker, tls);
    console.log(`${device}: claimed; its credential is in ${path}`);
  }
  const accesses = new Map<Id, Access>();
  for (const { id } of site.devices) {
    const secret = words.cert === undefined ? await readCredential(whose(words, site, id)) : {};
    accesses.set(id, { ...tls, ...secret });
  }
  return { accessOf: (device) => accesses.get(device) ?? tls };
}

const whose = ({ credentials: folder }: Words, { site }: Site, device: Id) => ({ folder, site, device });

async function claimsOf(words: Words, site: Site): Promise<readonly { readonly device: Id; readonly code: string }[]> {
  if (words.claim !== undefined) return [{ device: deviceOf(words, site).id, code: words.claim }];
  if (words.claims === undefined) return [];
  try {
    return Claims.parse(JSON.parse((await readPem(words.claims)).toString()));
  } catch (cause) {
    if (cause instanceof UserError) throw cause;
    throw new CredentialError(`${words.claims}: not what npm run devices -- claim --all --json says`, { cause });
  }
}

async function tlsOf({ ca, cert, key }: Words): Promise<Access> {
  return {
    ...(ca !== undefined && { ca: await readPem(ca) }),
    ...(cert !== undefined && { cert: await readPem(cert) }),
    ...(key !== undefined && { key: await readPem(key) }),
  };
}

async function readPem(path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (cause) {
    throw new UserError(`${path}: cannot be read (${(cause as NodeJS.ErrnoException).code})`, { cause });
  }
}
