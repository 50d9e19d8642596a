/** What is put into somebody else's keeping, and neither read nor changed there: AES-256-GCM (NIST SP 800-38D) with a key made at the start. */
import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";

export interface Sealed {
  /** Characters that may stand in a cookie. */
  seal(text: string): string;
  /** Undefined for what was not sealed here since the start. */
  open(sealed: string): string | undefined;
}

const ALGORITHM = "aes-256-gcm";
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

export function sealed(): Sealed {
  const key = randomBytes(32);
  return {
    seal(text) {
      // Of 96 random bits, two are the same with a chance of 2⁻³² after 2³² of them (§8.3).
      const nonce = randomBytes(NONCE_BYTES);
      const cipher = createCipheriv(ALGORITHM, key, nonce);
      const hidden = Buffer.concat([cipher.update(text, "utf8"), cipher.final()]);
      return Buffer.concat([nonce, cipher.getAuthTag(), hidden]).toString("base64url");
    },
    open(given) {
      const bytes = Buffer.from(given, "base64url");
      if (bytes.length < NONCE_BYTES + TAG_BYTES) return undefined;
      const decipher = createDecipheriv(ALGORITHM, key, bytes.subarray(0, NONCE_BYTES), { authTagLength: TAG_BYTES });
      decipher.setAuthTag(bytes.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES));
      try {
        return decipher.update(bytes.subarray(NONCE_BYTES + TAG_BYTES), undefined, "utf8") + decipher.final("utf8");
      } catch {
        return undefined;
      }
    },
  };
}
