/**
 * Signed checkpoints: a bare chain does not show that it was written anew from some entry on, or that its end is missing. Who
 * has kept a checkpoint elsewhere sees both.
 */
import { createPublicKey, type KeyObject, sign, verify } from "node:crypto";
import type { CheckpointView } from "#protocol/audit.ts";
import type { Id, Millis } from "#protocol/quantities.ts";
import { canonical } from "./canonical.ts";
import type { Head } from "./chain.ts";

export type Checkpoint = Readonly<CheckpointView>;

/** Every Ed25519 key as SPKI begins so in base64, and is so long. */
const PUBLIC_KEY = /MCowBQYDK2VwAyEA[A-Za-z0-9+/]{43}=/g;

/** Ed25519, SPKI as base64, from the private key. */
export const publicKeyOf = (key: KeyObject): string =>
  createPublicKey(key).export({ format: "der", type: "spki" }).toString("base64");

/** Keys named in a text, whatever is around them: PEM, JSON, lines. */
export const publicKeysIn = (text: string): readonly string[] => text.match(PUBLIC_KEY) ?? [];

/** `key`: private, Ed25519. */
export function checkpointOf({ count, hash }: Head, site: Id, at: Millis, key: KeyObject): Checkpoint {
  const said = { count, head: hash, key: publicKeyOf(key), site, time: new Date(at).toISOString() };
  return { ...said, signature: sign(null, Buffer.from(canonical(said)), key).toString("base64") };
}

/** Whether it says what was signed by the key that it names; whose key that is, is for others to know. */
export function isSigned({ signature, ...said }: Checkpoint): boolean {
  try {
    const key = createPublicKey({ key: Buffer.from(said.key, "base64"), format: "der", type: "spki" });
    return verify(null, Buffer.from(canonical(said)), key, Buffer.from(signature, "base64"));
  } catch {
    return false;
  }
}
