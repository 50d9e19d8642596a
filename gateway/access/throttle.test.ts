import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Attempt, createThrottle, network, type Throttle } from "./throttle.ts";

const SECOND = 1000;
const HOUR = 3_600_000;
const house = "203.0.113.7";
const guess = (name: string, address = house): Attempt => ({ name, address, browser: undefined });

/** Attempts as fast as they are let; how many were made in `ms`. */
function hammer(throttle: Throttle, attempts: Iterable<Attempt>, from: number, ms: number): number {
  let made = 0;
  let now = from;
  for (const attempt of attempts) {
    while (now < from + ms) {
      const wait = throttle.begin(attempt, now);
      if (wait === 0) break;
      now += wait;
    }
    if (now >= from + ms) return made;
    made += 1;
  }
  return made;
}
function* forever<T>(item: (n: number) => T): Generator<T> {
  for (let n = 0; ; n += 1) yield item(n);
}

describe("sign-in is slowed", () => {
  it("six attempts are free, then each waits twice as long as the one before, five minutes at most", () => {
    const throttle = createThrottle();
    let now = 0;
    const waits = Array.from({ length: 17 }, () => {
      const wait = throttle.begin(guess("anna"), now);
      now += wait;
      if (wait > 0) expect(throttle.begin(guess("anna"), now)).toBe(0);
      return wait / SECOND;
    });
    expect(waits).toEqual([0, 0, 0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300]);
  });

  it("too early is not an attempt: hammering makes nobody wait longer", () => {
    const throttle = createThrottle();
    for (let n = 0; n < 7; n += 1) throttle.begin(guess("anna"), 0);
    const wait = throttle.begin(guess("anna"), 0);
    for (let n = 0; n < 1000; n += 1) throttle.begin(guess("anna"), n / 1000);
    expect(throttle.begin(guess("anna"), wait)).toBe(0);
  });

  it("one address guesses at one account some 300 times a day, many addresses together 1,500 times", () => {
    const day = 24 * HOUR;
    expect(
      hammer(
        createThrottle(),
        forever(() => guess("anna")),
        0,
        day,
      ),
    ).toBeLessThan(310);
    const many = forever((n) => guess("anna", `10.0.${n % 250}.1`));
    expect(hammer(createThrottle(), many, 0, day)).toBeLessThan(1500);
  });

  it("an address goes through accounts at an attempt in five seconds", () => {
    const many = forever((n) => guess(`name${n}`));
    expect(hammer(createThrottle(), many, 0, HOUR)).toBeLessThan(800);
  });

  it("a day after the last failure nothing is held against anybody", () => {
    const throttle = createThrottle();
    hammer(
      throttle,
      forever(() => guess("anna")),
      0,
      HOUR,
    );
    for (let n = 0; n < 5; n += 1) expect(throttle.begin(guess("anna"), 25 * HOUR)).toBe(0);
  });

  it("a right password is taken back and forgets what failed before it", () => {
    const throttle = createThrottle();
    for (let n = 0; n < 6; n += 1) throttle.begin(guess("anna"), 0);
    throttle.succeeded(guess("anna"), 0);
    for (let n = 0; n < 5; n += 1) expect(throttle.begin(guess("anna"), 0)).toBe(0);
  });
});

describe("a building is not locked out", () => {
  it("one attacker on one account behind the house's one address: everybody else gets in at once, from any browser", () => {
    const throttle = createThrottle();
    hammer(
      throttle,
      forever(() => guess("anna")),
      0,
      HOUR,
    );
    const waits = Array.from({ length: 100 }, (_, n) => {
      const honest = guess(`honest${n}`);
      const wait = throttle.begin(honest, HOUR + n * SECOND);
      throttle.succeeded(honest, HOUR + n * SECOND);
      return wait;
    });
    expect(Math.max(...waits)).toBe(0);
  });

  it("whoever has signed in there before gets in at once, whatever is done to the account and the address", () => {
    const throttle = createThrottle();
    fc.assert(
      fc.property(
        fc.array(fc.record({ name: fc.constantFrom("anna", "bo", "ole"), at: fc.nat(HOUR) }), { maxLength: 500 }),
        (attacks) => {
          const sorted = attacks.toSorted((a, b) => a.at - b.at);
          for (const { name, at } of sorted) throttle.begin(guess(name), at);
          const known = { name: "anna", address: house, browser: "seen" };
          expect(throttle.begin(known, HOUR)).toBe(0);
          throttle.succeeded(known, HOUR);
        },
      ),
    );
  });

  it("a new browser at an address that goes through accounts waits five seconds at most", () => {
    const throttle = createThrottle();
    hammer(
      throttle,
      forever((n) => guess(`name${n}`)),
      0,
      HOUR,
    );
    expect(throttle.begin(guess("honest"), HOUR)).toBeLessThanOrEqual(5 * SECOND);
  });

  it("a stolen mark of a known browser is slowed like any other guesser", () => {
    const thief = { name: "anna", address: house, browser: "stolen" };
    const throttle = createThrottle();
    expect(
      hammer(
        throttle,
        forever(() => thief),
        0,
        24 * HOUR,
      ),
    ).toBeLessThan(310);
  });
});

it("a clock that is set back locks nobody out", () => {
  const throttle = createThrottle();
  const now = 24 * HOUR;
  throttle.begin(guess("anna"), now);
  expect([throttle.begin(guess("anna"), now - HOUR), throttle.begin(guess("bo"), now - HOUR)]).toEqual([0, 0]);
});

describe("an address is", () => {
  it.each([
    ["192.0.2.1", "192.0.2.1"],
    ["::ffff:192.0.2.1", "192.0.2.1"],
    ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"],
    ["2001:db8:1:2::9", "2001:db8:1:2::/64"],
    ["2001:DB8::1", "2001:db8:0:0::/64"],
    ["fe80::1%eth0", "fe80:0:0:0::/64"],
    ["::1", "0:0:0:0::/64"],
  ])("%s counted as %s", (address, counted) => expect(network(address)).toBe(counted));
});
