/**
 * The ids of a stream's events, as readers get them. A number would tell by its gaps how much happened in rooms that a
 * reader may not see; sealed, an id tells nothing but where to go on, and to this process alone.
 */
import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";

export interface EventIds {
  seal(id: number): string;
  /** Undefined for what was not sealed here. */
  open(sealed: string): number | undefined;
}

const BLOCK = 16;
const NUMBER = 8;

/** One block of AES each: equal numbers have equal ids, and nothing follows from their order or distance. */
export function sealedIds(): EventIds {
  const key = randomBytes(BLOCK);
  const last = { id: Number.NaN, sealed: "" };

  function seal(id: number): string {
    const block = Buffer.alloc(BLOCK);
    block.writeBigUInt64BE(BigInt(id));
    const cipher = createCipheriv("aes-128-ecb", key, null).setAutoPadding(false);
    return Buffer.concat([cipher.update(block), cipher.final()]).toString("base64url");
  }

  return {
    // Many readers are told the same event.
    seal(id) {
      if (last.id !== id) Object.assign(last, { id, sealed: seal(id) });
      return last.sealed;
    },
    open(sealed) {
      const bytes = Buffer.from(sealed, "base64url");
      if (bytes.length !== BLOCK) return undefined;
      const decipher = createDecipheriv("aes-128-ecb", key, null).setAutoPadding(false);
      const block = Buffer.concat([decipher.update(bytes), decipher.final()]);
      return block.subarray(NUMBER).every((byte) => byte === 0) ? Number(block.readBigUInt64BE()) : undefined;
    },
  };
}
