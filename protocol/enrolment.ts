/**
 * How a device says who it is. Its MQTT user name is its id. Its password is its secret; once it is a claim: the code that an
 * administrator has given out for it, and the secret that it has drawn for itself and will use from then on.
 */
import { z } from "zod";
import { Id } from "./quantities.ts";

/** 256 random bits in base64url (RFC 4648 §5), unpadded. */
export const DeviceSecret = z.string().regex(/^[A-Za-z0-9_-]{43}$/);
export const SECRET_BYTES = 32;

/** 80 random bits in Crockford's base 32, in four groups: `7Q2M-K0VX-9TSC-41HE`. */
export const ClaimCode = z.string().regex(/^[0-9A-HJKMNP-TV-Z]{4}(-[0-9A-HJKMNP-TV-Z]{4}){3}$/);
export const CLAIM_BYTES = 10;
const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

export function claimCodeOf(random: Uint8Array): string {
  let bits = random.reduce((all, byte) => (all << 8n) | BigInt(byte), 0n);
  let digits = "";
  for (let i = 0; i < 16; i++) {
    digits = ALPHABET[Number(bits & 31n)] + digits;
    bits >>= 5n;
  }
  return digits.replace(/(.{4})(?=.)/g, "$1-");
}

/** As somebody has typed it: any case, spaces for hyphens, O for 0, I and L for 1. Undefined where that is no code. */
export function readClaimCode(typed: string): string | undefined {
  const digits = typed.toUpperCase().replace(/[\s-]/g, "").replaceAll("O", "0").replace(/[IL]/g, "1");
  const code = digits.replace(/(.{4})(?=.)/g, "$1-");
  return ClaimCode.safeParse(code).data;
}

/** What a device is known by. `not-needed`: the site asks none for one · `revoked`: it had one, which was taken away. */
export const CredentialState = z.enum(["not-needed", "none", "secret", "certificate", "revoked"]);
export type CredentialState = z.infer<typeof CredentialState>;

const Time = z.iso.datetime().describe("RFC 3339, UTC");

/** Of one device of the site. */
export const EnrolmentView = z.object({
  device: Id,
  credential: CredentialState,
  since: Time.nullable().describe("since when it is so; null where it has never had one"),
  claimUntil: Time.nullable().describe("until when an unused claim code is good"),
});
export type EnrolmentView = z.infer<typeof EnrolmentView>;

/** Shown once: what is kept is a hash. */
export const ClaimOffer = z.object({ device: Id, code: ClaimCode, until: Time });
export type ClaimOffer = z.infer<typeof ClaimOffer>;

/** With where the device is to use it. */
export const ClaimView = ClaimOffer.extend({
  broker: z
    .string()
    .describe("`mqtt://host:port` or `mqtts://host:port`, as the gateway listens: `0.0.0.0` is every address"),
});
export type ClaimView = z.infer<typeof ClaimView>;

export type Password =
  | { readonly kind: "secret"; readonly secret: string }
  | { readonly kind: "claim"; readonly code: string; readonly secret: string };

const CLAIM = "claim:";

export const claimPassword = (code: string, secret: string): string => `${CLAIM}${code}:${secret}`;

/** Undefined where it is neither; a secret has no colon. */
export function readPassword(text: string): Password | undefined {
  if (!text.startsWith(CLAIM)) {
    const secret = DeviceSecret.safeParse(text).data;
    return secret === undefined ? undefined : { kind: "secret", secret };
  }
  const [typed = "", drawn, ...rest] = text.slice(CLAIM.length).split(":");
  const code = readClaimCode(typed);
  const secret = DeviceSecret.safeParse(drawn).data;
  return code === undefined || secret === undefined || rest.length > 0 ? undefined : { kind: "claim", code, secret };
}

/**
 * What a connection is for, which its client id says: `device` speaks and listens · `aside` sees who else uses the device's
 * name · `hello` asks whether it would be let in, or claims.
 */
export type Purpose = "device" | "aside" | "hello";

/** `own` tells connections of one purpose apart: 1–16 characters of a–z, 0–9. */
export const clientIdFor = (device: Id, purpose: Exclude<Purpose, "device">, own: string): string =>
  `${device}-${purpose}-${own}`;

/** What a connection under this client id is for; undefined when it is not one of this device's. */
export function purposeOf(clientId: string, device: Id): Purpose | undefined {
  if (clientId === device) return "device";
  if (!clientId.startsWith(`${device}-`)) return undefined;
  const match = /^(aside|hello)-[a-z0-9]{1,16}$/.exec(clientId.slice(device.length + 1));
  return match?.[1] as Purpose | undefined;
}
