/** What is done to a log, and what the verifier says of it. */
import { generateKeyPairSync } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type ChainedEntry, hashOf, lineOf } from "./chain.ts";
import { type Checkpoint, publicKeyOf } from "./checkpoint.ts";
import { deed, formerLog, headOf, key, linesOf, logged, logOf, rechained, witnessed } from "./log.fixture.ts";
import { type Verdict, verifier } from "./verify.ts";

function verify(lines: readonly string[], checkpoints: readonly Checkpoint[] = [], keys?: readonly string[]): Verdict {
  const verifying = verifier(checkpoints, keys);
  for (const line of lines) verifying.line(line);
  return verifying.finish();
}

const log = logOf(8);
const lines = linesOf(log);
const edited = (n: number, change: (entry: ChainedEntry) => ChainedEntry) =>
  log.map((entry, i) => (i === n - 1 ? change(entry) : entry));
const changed = (entry: ChainedEntry) => ({ ...entry, actor: "p-ffff" });
const withOwnHash = (entry: ChainedEntry) => ({ ...entry, hash: hashOf(entry) });
/** Kind, entry and line of the first fault. */
const faultOf = ({ faults: [fault] }: Verdict) => fault && [fault.kind, fault.entry, fault.line];

describe("an untouched log", () => {
  it("is sound, and what it spans and who witnessed it is told", () => {
    expect(verify(lines, [witnessed(log, 6), witnessed(log, 3)], [publicKeyOf(key)])).toEqual({
      sound: true,
      lines: 8,
      entries: 8,
      head: headOf(log).hash,
      from: "2026-11-02T08:00:00.000Z",
      until: "2026-11-02T08:07:00.000Z",
      checkpoints: { given: 2, fitting: 2, through: 6, keys: [publicKeyOf(key)] },
      faults: [],
    });
  });

  it("that an earlier version began, and this one went on with, is sound", () => {
    const grown = logged([deed(0), deed(1, { reason: "holiday-cover" })], formerLog(3));
    expect(verify(linesOf(grown), [witnessed(grown, 2), witnessed(grown, 5)])).toMatchObject({
      sound: true,
      entries: 5,
      checkpoints: { fitting: 2 },
    });
  });

  it("holds texts of any kind, also such as look like the end of a line", () => {
    const odd = ["a\nb", "\u2028", "\u0000", "\ud83d\ude00", '"\\', "\ud800"];
    const strange = logged(odd.map((scope, n) => deed(n, { scope, reason: scope })));
    expect(verify(linesOf(strange))).toMatchObject({ sound: true, entries: odd.length });
  });
});

it("a file without an entry proves nothing, and is not sound: whoever exports a log is in it", () => {
  const words = "there is nothing to verify: an export holds at least the entry of whoever asked for it";
  expect(verify([])).toMatchObject({
    sound: false,
    lines: 0,
    entries: 0,
    from: null,
    head: "0".repeat(64),
    faults: [{ kind: "empty", entry: null, line: null, words }],
  });
  expect(faultOf(verify([], [witnessed([], 0)]))).toEqual(["empty", null, null]);
});

it("an entry of a time that there is not is none", () => {
  const [entry] = formerLog(1);
  const { hash: _, ...said } = { ...entry!, at: 9e15 };
  const line = lineOf({ ...said, hash: hashOf(said) });
  expect(verify([line])).toMatchObject({ sound: false, faults: [{ kind: "unreadable", entry: 1, line: 1 }] });
});

describe("of a log that was meddled with the first wrong entry is named", () => {
  it.each<[string, readonly string[], unknown, RegExp]>([
    ["changed", linesOf(edited(5, changed)), ["changed", 5, 5], /^entry 5 was changed: it does not fit its hash$/],
    [
      "changed, with a hash of its own that fits",
      linesOf(edited(5, (entry) => withOwnHash(changed(entry)))),
      ["replaced", 5, 6],
      /^entry 6 does not follow entry 5: one of the two was replaced by another$/,
    ],
    ["left out", lines.toSpliced(4, 1), ["missing", 5, 5], /^entry 5 is missing: entry 6 stands in its place$/],
    ["several left out", lines.toSpliced(2, 3), ["missing", 3, 3], /^entries 3 to 5 are missing: entry 6 stands/],
    ["the beginning left out", lines.slice(2), ["missing", 1, 1], /^entries 1 to 2 are missing/],
    ["put in twice", lines.toSpliced(4, 0, lines[2]!), ["inserted", 3, 5], /^an entry was put in behind entry 4/],
    [
      "put in as if it belonged there",
      linesOf(edited(5, (entry) => withOwnHash({ ...changed(entry), previous: "f".repeat(64) }))),
      ["replaced", 4, 5],
      /^entry 5 does not follow entry 4/,
    ],
    [
      "another first entry",
      linesOf(edited(1, (entry) => withOwnHash({ ...entry, previous: "f".repeat(64) }))),
      ["replaced", 1, 1],
      /^entry 1 does not begin the log/,
    ],
    [
      "in another order",
      [...lines.slice(0, 3), lines[5]!, lines[3]!, lines[4]!, ...lines.slice(6)],
      ["moved", 4, 4],
      /^the order was changed: entry 4 stands in line 5, and belongs into line 4$/,
    ],
    ["no JSON", lines.with(4, "entry 5"), ["unreadable", 5, 5], /^line 5 is no entry of the log; entry 5 should/],
    ["broken off", lines.with(7, lines[7]!.slice(0, 50)), ["unreadable", 8, 8], /^line 8 is no entry/],
    ["an empty line", lines.toSpliced(4, 0, ""), ["unreadable", 5, 5], /^line 5 is no entry/],
    ["more than it has", lines.with(4, lines[4]!.replace("{", '{"note":1,')), ["unreadable", 5, 5], /^line 5/],
    [
      "a name said twice, of which the second counts",
      lines.with(4, lines[4]!.replace("{", '{"actor":"p-ffff",')),
      ["changed", 5, 5],
      /^entry 5 was changed: the log does not write it so$/,
    ],
    ["a space more", lines.with(4, lines[4]!.replace(":", ": ")), ["changed", 5, 5], /the log does not write it so$/],
  ])("%s", (_what, meddled, where, words) => {
    const verdict = verify(meddled);
    expect(faultOf(verdict)).toEqual(where);
    expect(verdict.faults[0]!.words).toMatch(words);
    expect(verdict.sound).toBe(false);
  });
});

describe("checkpoints", () => {
  it("show that the end is missing", () => {
    const verdict = verify(lines.slice(0, 5), [witnessed(log, 3), witnessed(log, 7)]);
    expect(verdict).toMatchObject({ sound: false, entries: 5, checkpoints: { given: 2, fitting: 1, through: 3 } });
    expect(faultOf(verdict)).toEqual(["truncated", 6, null]);
    expect(verdict.faults[0]!.words).toBe(
      "the end is missing: the log had 7 entries at the checkpoint of 2026-11-02T08:07:00.000Z, the file ends after entry 5",
    );
    expect(faultOf(verify([], [witnessed(log, 7)]))).toEqual(["truncated", 1, null]);
  });

  it("show that the chain was made anew, and between which entries", () => {
    const anew = linesOf(rechained(edited(5, changed)));
    expect(verify(anew), "the chain itself is whole").toMatchObject({ sound: true, entries: 8 });
    const verdict = verify(anew, [witnessed(log, 3), witnessed(log, 7)]);
    expect(faultOf(verdict)).toEqual(["rewritten", 4, 7]);
    expect(verdict.faults[0]!.words).toBe(
      "the log was written anew: of entries 4 to 7 at least one is another than the checkpoint of 2026-11-02T08:07:00.000Z has seen",
    );
  });

  it("that were changed, or are another key's, are not believed, and said to be so", () => {
    const other = generateKeyPairSync("ed25519").privateKey;
    const [fits, forged] = [witnessed(log, 3), witnessed(log, 6, other)];
    const verdict = verify(lines, [fits, { ...witnessed(log, 7), count: 8 }, forged], [publicKeyOf(key)]);
    expect(verdict.faults.map(({ kind, words }) => [kind, words])).toEqual([
      [
        "unsigned",
        "the checkpoint of 2026-11-02T08:07:00.000Z over 8 entries was changed, or never signed by the gateway",
      ],
      [
        "unsigned",
        "the checkpoint of 2026-11-02T08:06:00.000Z over 6 entries is signed by another key than those given",
      ],
    ]);
    expect(verdict).toMatchObject({ sound: false, entries: 8, checkpoints: { given: 3, fitting: 1, through: 3 } });
    expect(verify(lines, [fits, forged]).sound, "without a key that is known any will do").toBe(true);
    expect(verify(lines, [{ ...fits, key: "" }]).sound).toBe(false);
  });
});

describe("whatever the log", () => {
  const anyText = fc.string({ unit: "binary", maxLength: 12 });
  const anyDeed = fc.record({
    at: fc.integer({ min: 0, max: 4_102_444_800_000 }),
    actor: anyText,
    role: anyText,
    action: fc.constantFrom("read" as const, "export" as const, "sign-in" as const),
    object: anyText,
    scope: anyText,
    count: fc.nat(),
    reason: anyText,
  });
  const anyLog = fc
    .tuple(fc.nat({ max: 3 }), fc.array(anyDeed, { minLength: 2, maxLength: 12 }))
    .map(([former, deeds]) => logged(deeds, formerLog(former)));
  /** A place in a log. */
  const anywhere = fc.nat({ max: 10_000 });
  const at = (place: number, length: number) => place % length;

  it("untouched it is sound, behind any of its checkpoints", () => {
    fc.assert(
      fc.property(anyLog, fc.array(anywhere, { maxLength: 3 }), (log, places) => {
        const checkpoints = places.map((place) => witnessed(log, 1 + at(place, log.length)));
        expect(verify(linesOf(log), checkpoints, [publicKeyOf(key)])).toMatchObject({
          sound: true,
          entries: log.length,
          checkpoints: { fitting: places.length },
        });
      }),
    );
  });

  it("one changed character is found, in that entry", () => {
    fc.assert(
      fc.property(
        anyLog,
        anywhere,
        anywhere,
        fc.string({ unit: "binary", minLength: 1, maxLength: 1 }),
        (log, a, b, to) => {
          const line = at(a, log.length);
          const text = lineOf(log[line]!);
          const characters = [...text];
          const meddled = characters.with(at(b, characters.length), to).join("");
          fc.pre(meddled !== text);
          expect(faultOf(verify(linesOf(log).with(line, meddled)))?.[2]).toBe(line + 1);
        },
      ),
    );
  });

  it("one entry left out, put in again or swapped is found, no later than there", () => {
    fc.assert(
      fc.property(anyLog, anywhere, anywhere, (log, a, b) => {
        const lines = linesOf(log);
        const [one, other] = [at(a, log.length - 1), at(b, log.length)];
        const checkpoint = [witnessed(log, log.length)];
        expect(faultOf(verify(lines.toSpliced(one, 1)))?.slice(0, 2)).toEqual(["missing", one + 1]);
        expect(faultOf(verify(lines.slice(0, -1), checkpoint))).toEqual(["truncated", log.length, null]);
        expect(verify(lines.toSpliced(one, 0, lines[other]!)).sound).toBe(false);
        fc.pre(one !== other);
        const swapped = lines.with(one, lines[other]!).with(other, lines[one]!);
        expect(faultOf(verify(swapped))?.slice(0, 2)).toEqual(["moved", Math.min(one, other) + 1]);
      }),
    );
  });

  it("cut off anywhere before a checkpoint, or written anew in any entry before it, it is found", () => {
    fc.assert(
      fc.property(anyLog, anywhere, anywhere, anyText, (log, a, b, actor) => {
        const seen = 1 + at(a, log.length);
        const checkpoint = [witnessed(log, seen)];
        const left = at(b, seen);
        expect(faultOf(verify(linesOf(log).slice(0, left), checkpoint))).toEqual(["truncated", left + 1, null]);
        fc.pre(actor.toWellFormed() !== log[left]!.actor);
        const anew = rechained(log.with(left, { ...log[left]!, actor: actor.toWellFormed() }));
        expect(verify(linesOf(anew)).sound).toBe(true);
        expect(faultOf(verify(linesOf(anew), checkpoint))?.[0]).toBe("rewritten");
        const without = rechained(log.toSpliced(left, 1));
        expect(verify(linesOf(without), checkpoint).sound).toBe(false);
      }),
    );
  });
});
