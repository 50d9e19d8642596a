/** Secrets made by chance, and how they are kept: told once, to whom they are for, and from then on only recognised. */
import { createHash, randomBytes, timingSafeEqual } from "node:crypto";

/** 256 bit, 43 characters that may stand in cookies, headers and addresses. */
export const newSecret = (): string => randomBytes(32).toString("base64url");

/** SHA-256. */
export type Digest = Uint8Array;

/**
 * One round of a fast hash is enough, where a person's password would need a slow one: that makes guessing a likely word
 * dear, and here no word is likelier than another. 256 random bits are not guessed at any speed; of a claim code's 80, at
 * 10¹² guesses a second, half are tried in 19,000 years, and it is good for days.
 */
export const digestOf = (secret: string): Digest => sha256(secret).digest();

/** The same as text, to look up by: by its time that tells nothing that helps to find another. */
export const hashOf = (secret: string): string => sha256(secret).digest("base64url");

/** In a time that does not tell how much of it is right. */
export const matches = (digest: Digest | null, secret: string): boolean => {
  const given = digestOf(secret);
  return digest !== null && timingSafeEqual(digest, given);
};

const sha256 = (secret: string) => createHash("sha256").update(secret);
