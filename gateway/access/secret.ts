/** Names and secrets made by chance. A secret is told once, to whom it is for; what is kept is its SHA-256. */
import { createHash, randomBytes } from "node:crypto";

/** 256 bit, 43 characters that may stand in cookies, headers and addresses. */
export const newSecret = (): string => randomBytes(32).toString("base64url");

/**
 * Of a secret with 256 bit of chance: nothing can be guessed, so no slow hash is needed, and looking a hash up tells by its
 * time nothing that helps to find another.
 */
export const hashOf = (secret: string): string => createHash("sha256").update(secret).digest("base64url");

export const newPersonId = (): string => `person-${randomBytes(6).toString("hex")}`;
export const newTokenId = (): string => `token-${randomBytes(6).toString("hex")}`;
