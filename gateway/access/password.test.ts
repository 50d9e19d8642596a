import { describe, expect, it } from "vitest";
import { assertPassword, COST, hashPassword, isOutdated, isPassword, NOBODYS } from "./password.ts";
import { AccessError } from "./refusal.ts";

const verdict = (password: string, name = "anna") => {
  try {
    assertPassword(password, name);
    return "taken";
  } catch (error) {
    if (error instanceof AccessError) return error.reason;
    throw error;
  }
};

describe("a password", () => {
  it.each([
    ["eleven-char", "password-short"],
    ["torskegilde", "password-short"],
    ["øåæøåæøåæøåæ", "password-common"],
    ["aaaaaaaaaaaaaaaa", "password-common"],
    ["123456789012", "password-common"],
    ["passwordpassword", "password-common"],
    ["P@ssw0rd2026!!", "password-common"],
    ["qwertyuiop12", "password-common"],
    ["Fortrolig2026!", "password-common"],
    ["correcthorsebatterystaple", "password-common"],
    ["sommer2026!!", "password-common"],
    ["x".repeat(64) + "y".repeat(65), "password-long"],
    ["tre små grise ude", "taken"],
    ["mangler-kun-en-hat", "taken"],
    ["kx7#Qw!9zLm2", "taken"],
    ["et langt kodeord om havet", "taken"],
    ["🐟🐟🦀🦐🐙🐠🐡🦑🦞🐳🐬🦈", "taken"],
  ])("%s is %s", (password, expected) => expect(verdict(password)).toBe(expected));

  it("is not the login name with something around it", () => {
    expect(verdict("mette.hansen1", "mette.hansen")).toBe("password-name");
    expect(verdict("annaannaanna")).toBe("password-name");
    expect(verdict("hannah likes herring")).toBe("taken");
  });
});

describe("what is kept of it", () => {
  it("is argon2id with OWASP's parameters and a salt of its own, and knows the password again", async () => {
    const [one, other] = await Promise.all([hashPassword("tre små grise ude"), hashPassword("tre små grise ude")]);
    expect(one).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/);
    expect(one).not.toBe(other);
    expect(await isPassword("tre små grise ude", one)).toBe(true);
    expect(await isPassword("tre små grise inde", one)).toBe(false);
    expect(await isPassword("anything", NOBODYS)).toBe(false);
  });

  it("is that of RFC 9106's reference implementation", async () => {
    // Made by libargon2's command: printf 'password' | argon2 somesalt -id -t 2 -m 16 -p 1 -e (test vector of its test.c).
    const vector = "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc";
    expect(await isPassword("password", vector)).toBe(true);
    expect(await isPassword("differentpassword", vector)).toBe(false);
  });

  it("is the same for two ways to write one letter", async () => {
    const stored = await hashPassword("blåbærgrød".normalize("NFD"), { memory: 64, passes: 1, parallelism: 1 });
    expect(await isPassword("blåbærgrød".normalize("NFC"), stored)).toBe(true);
  });

  it("is outdated when it was made with less", async () => {
    const weak = await hashPassword("tre små grise ude", { memory: 64, passes: 1, parallelism: 1 });
    expect([isOutdated(weak), isOutdated(NOBODYS), isOutdated(NOBODYS, { ...COST, passes: 3 })]).toEqual([
      true,
      false,
      true,
    ]);
  });
});
