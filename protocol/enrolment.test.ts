import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  CLAIM_BYTES,
  ClaimCode,
  claimCodeOf,
  claimPassword,
  clientIdFor,
  DeviceSecret,
  purposeOf,
  readClaimCode,
  readPassword,
} from "./enrolment.ts";

const codes = fc.uint8Array({ minLength: CLAIM_BYTES, maxLength: CLAIM_BYTES }).map(claimCodeOf);
const secrets = fc
  .uint8Array({ minLength: 32, maxLength: 32 })
  .map((bytes) => Buffer.from(bytes).toString("base64url"));

describe("a claim code", () => {
  it("is another one for other bytes, and reads as what it is", () => {
    expect(claimCodeOf(new Uint8Array(10))).toBe("0000-0000-0000-0000");
    expect(claimCodeOf(new Uint8Array(10).fill(255))).toBe("ZZZZ-ZZZZ-ZZZZ-ZZZZ");
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 10, maxLength: 10 }), fc.nat(79), (bytes, bit) => {
        const other = bytes.map((byte, i) => (i === bit >> 3 ? byte ^ (1 << (bit & 7)) : byte));
        const code = claimCodeOf(bytes);
        expect(ClaimCode.parse(code)).toBe(code);
        expect(claimCodeOf(other)).not.toBe(code);
      }),
    );
  });

  it("may be typed as it is read off a label: small letters, spaces, O and I for 0 and 1", () => {
    expect(readClaimCode("7q2m kovx-9tsc4lhi")).toBe("7Q2M-K0VX-9TSC-41H1");
    expect(["7Q2M-K0VX-9TSC", "7Q2M-K0VX-9TSC-41HU", ""].map(readClaimCode)).toEqual([undefined, undefined, undefined]);
  });
});

describe("a password", () => {
  it("is a secret, or a claim of one", () => {
    fc.assert(
      fc.property(codes, secrets, (code, secret) => {
        expect(DeviceSecret.safeParse(secret).success).toBe(true);
        expect(readPassword(secret)).toEqual({ kind: "secret", secret });
        expect(readPassword(claimPassword(code, secret))).toEqual({ kind: "claim", code, secret });
      }),
    );
  });

  it("is nothing else", () => {
    const secret = "s".repeat(43);
    const none = ["", "word", `${secret}=`, "claim:", `claim:${secret}`, `claim:7Q2M-K0VX-9TSC-41HE:short`];
    expect([...none, `claim:7Q2M-K0VX-9TSC-41HE:${secret}:more`].map(readPassword)).toEqual(
      none.map(() => undefined).concat([undefined]),
    );
  });
});

it("a client id is a device's own when it is its id, or that and what the connection is for", () => {
  const ids = [
    "k1",
    clientIdFor("k1", "aside", "0a1b2c3d"),
    clientIdFor("k1", "hello", "4711"),
    "k1-1",
    "k1-hello-",
    "k",
    "k1-aside-a-b",
    "K1",
  ];
  expect(ids.map((id) => purposeOf(id, "k1"))).toEqual([
    "device",
    "aside",
    "hello",
    undefined,
    undefined,
    undefined,
    undefined,
    undefined,
  ]);
});
