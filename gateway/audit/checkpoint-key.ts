/** The key that signs checkpoints: made at the first start, in the data folder, readable to nobody else. */
import { createPrivateKey, generateKeyPairSync, type KeyObject } from "node:crypto";
import { closeSync, fsyncSync, openSync, readFileSync, renameSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";

export const KEY_FILE = "audit-key.pem";

export class CheckpointKeyError extends Error {
  override readonly name = "CheckpointKeyError";
}

/** Throws a text that a person can act on when what lies there is no such key, and the file system's errors. */
export function openCheckpointKey(folder: string): KeyObject {
  const path = join(folder, KEY_FILE);
  const pem = read(path);
  if (pem === undefined) return make(path);
  try {
    const key = createPrivateKey(pem);
    if (key.asymmetricKeyType === "ed25519") return key;
  } catch {}
  throw new CheckpointKeyError(
    `${path}: is no Ed25519 key; put the file back from a copy, or move it away: then a new one is made, which those who verify the audit log must be told`,
  );
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

/** Under another name first, so that a crash leaves no half of a key. */
function make(path: string): KeyObject {
  const { privateKey } = generateKeyPairSync("ed25519");
  const fresh = `${path}.new`;
  rmSync(fresh, { force: true });
  const file = openSync(fresh, "wx", 0o600);
  try {
    writeSync(file, privateKey.export({ format: "pem", type: "pkcs8" }) as string);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(fresh, path);
  return privateKey;
}
