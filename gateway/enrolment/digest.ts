/** Codes and secrets as they are kept: never themselves, only what they are recognised by. */
import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import { CLAIM_BYTES, claimCodeOf } from "#protocol/enrolment.ts";

/** SHA-256. */
export type Digest = Uint8Array;

/**
 * One round of a fast hash is enough, where a person's password would need a slow one: that makes guessing a likely word
 * dear, and here no word is likelier than another. 256 random bits are not guessed at any speed; of a claim code's 80, at
 * 10¹² guesses a second, half are tried in 19,000 years, and it is good for days.
 */
export const digestOf = (text: string): Digest => createHash("sha256").update(text).digest();

/** In a time that does not tell how much of it is right. */
export const matches = (digest: Digest | null, text: string): boolean => {
  const given = digestOf(text);
  return digest !== null && timingSafeEqual(digest, given);
};

export const newClaimCode = (): string => claimCodeOf(randomBytes(CLAIM_BYTES));
