/** Names of people and tokens, made by chance: nothing of whom or what they are for is in them. */
import { randomBytes } from "node:crypto";

export const newPersonId = (): string => `person-${randomBytes(6).toString("hex")}`;
export const newTokenId = (): string => `token-${randomBytes(6).toString("hex")}`;

export const isPersonId = (text: string): boolean => /^person-[0-9a-f]{12}$/.test(text);
export const isTokenId = (text: string): boolean => /^token-[0-9a-f]{12}$/.test(text);
