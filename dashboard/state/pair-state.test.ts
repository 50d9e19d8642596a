import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { AUDIBLE_SNR_DB, OVERHEARD_SNR_DB, WORDS_SNR_DB } from "#protocol/acoustics/hearing.ts";
import { spcClassOf } from "#protocol/acoustics/speech-privacy-class.ts";
import type { AlertView, PairView } from "#protocol/api.ts";
import { leakOf, matrixOf, pairSign, privacyOf, voiceThrough } from "./pair-state.ts";
import { alertView, pairView as pair, roomView as room } from "./views.fixture.ts";

const alert = (more: Partial<AlertView>) =>
  alertView("a", { rule: "overheard", pair: ["K1", "G1"], hearing: "words", ...more });

describe("the sign of a pair", () => {
  const rooms = new Map([room("K1"), room("G1"), room("K6", { kind: "private-office" })].map((one) => [one.id, one]));
  const sign = (view: PairView, live = true) => pairSign(view, rooms, live);

  it.each([
    [
      "says what the gateway says",
      pair("K1", "G1", { state: "overheard" }),
      { state: "overheard", reason: null, reasonRoom: null },
    ],
    [
      "keeps the reason and the room it lies in",
      pair("K1", "G1", { state: "unknown", reason: "muted", reasonRoom: "G1" }),
      { state: "unknown", reason: "muted", reasonRoom: "G1" },
    ],
    [
      "tells nothing of talk in a private office, whatever came",
      pair("K6", "G1", { state: "overheard" }),
      { state: "not-shown", reason: null, reasonRoom: null },
    ],
    [
      "nor in another room of one person",
      pair("K1", "G1", { state: "unknown", reason: "silent-room", reasonRoom: "K1" }),
      { state: "not-shown", reason: null, reasonRoom: null },
    ],
    [
      "nor of a room that is not for whoever looks",
      pair("K1", "G1", { state: "unknown", reason: "not-told" }),
      { state: "not-shown", reason: "not-told", reasonRoom: null },
    ],
  ])("%s", (_claim, view, expected) => expect(sign(view)).toEqual(expected));

  it("is unknown when the connection is lost, never private", () =>
    expect(sign(pair("K1", "G1"), false)).toEqual({ state: "unknown", reason: "stale", reasonRoom: null }));
});

describe("the class of a boundary", () => {
  it.each([
    ["as the gateway has it", { spc: 62, spcLimited: false, spcClass: "below-minimal" }, "below-minimal"],
    [
      "also as a lower bound, when that reaches a class",
      { spc: 76, spcLimited: true, spcClass: "standard-privacy" },
      "standard-privacy",
    ],
    [
      "unknown when the bound reaches none: it may be tight",
      { spc: 62, spcLimited: true, spcClass: "below-minimal" },
      "unknown",
    ],
    ["unknown when nothing is known", { spc: null, spcLimited: false, spcClass: null }, "unknown"],
  ] as const)("is %s", (_claim, known, leak) => expect(leakOf(known)).toBe(leak));
});

describe("an ordinary conversation", () => {
  const through = (spc: number | null, spcSigma: number | null = 0.1, spcLimited = false) =>
    voiceThrough({ spc, spcSigma, spcLimited });

  it.each([
    [57, { voice: "followed", sure: true }],
    [65, { voice: "words", sure: true }],
    [70, { voice: "audible", sure: true }],
    [80, { voice: "inaudible", sure: true }],
  ] as const)("at SPC %d", (spc, expected) => expect(through(spc)).toEqual(expected));

  it("is not surely so where the interval holds more than one answer", () =>
    expect(through(63, 1.5)).toEqual({ voice: "followed", sure: false }));

  it("is only said to be kept in by a lower bound, never to come through", () =>
    expect([57, 65, 70, 80].map((spc) => through(spc, null, true).voice)).toEqual([
      "unknown",
      "unknown",
      "not-understood",
      "inaudible",
    ]));

  it("is unknown where nothing is known", () => expect(through(null, null)).toEqual({ voice: "unknown", sure: true }));

  it("changes where the gateway's thresholds lie, and is never better in a worse class", () => {
    const order = ["followed", "words", "audible", "inaudible"];
    const NORMAL_VOICE_DB = 51.7;
    for (const [snr, below] of [
      [OVERHEARD_SNR_DB, "followed"],
      [WORDS_SNR_DB, "words"],
      [AUDIBLE_SNR_DB, "audible"],
    ] as const) {
      const edge = NORMAL_VOICE_DB - snr;
      expect([through(edge - 0.01).voice, order.indexOf(through(edge + 0.01).voice)]).toEqual([
        below,
        order.indexOf(below) + 1,
      ]);
    }
    fc.assert(
      fc.property(
        fc.double({ min: 30, max: 110, noNaN: true }),
        fc.double({ min: 30, max: 110, noNaN: true }),
        (a, b) => {
          const [less, more] = [Math.min(a, b), Math.max(a, b)];
          expect(order.indexOf(through(less).voice)).toBeLessThanOrEqual(order.indexOf(through(more).voice));
          // Whoever can follow it, the boundary is in no class.
          if (through(more).voice === "followed") expect(spcClassOf(more)).toBe("below-minimal");
        },
      ),
    );
  });
});

describe("whether a room is private", () => {
  const nowhere = { heardHere: false, heardIn: [] };

  it("is what the gateway says, with its reason", () => {
    expect(privacyOf(room("K1"), [], [], true)).toEqual({ state: "private", reason: null, ...nowhere });
    expect(privacyOf(room("K1", { privacy: "unknown", privacyReason: "learning" }), [], [], true)).toEqual({
      state: "unknown",
      reason: "learning",
      ...nowhere,
    });
  });

  it("names where it is heard, worst first: from the pairs, and from alerts of pairs that are no longer sure", () => {
    const pairs = [
      pair("K1", "K2", { state: "private" }),
      pair("K1", "G1", { state: "overheard", hearing: "partly" }),
      pair("K1", "V1", { state: "overheard", hearing: "clearly" }),
      pair("K3", "G1", { state: "overheard", hearing: "clearly" }),
    ];
    const alerts = [
      alert({}),
      alert({ pair: ["K1", "S1"], hearing: "intelligible" }),
      alert({ pair: ["K3", "S1"] }),
      alert({ rule: "privacy-degraded", pair: ["K1", "K2"], hearing: null }),
    ];
    expect(privacyOf(room("K1", { privacy: "overheard" }), pairs, alerts, true)).toEqual({
      state: "overheard",
      reason: null,
      heardHere: false,
      heardIn: [
        { room: "V1", hearing: "clearly" },
        { room: "S1", hearing: "intelligible" },
        { room: "G1", hearing: "partly" },
      ],
    });
  });

  it("says that a conversation in a shared office is heard there", () => {
    const here = alert({ rule: "conversation-in-shared-office", pair: null, hearing: null });
    expect(privacyOf(room("K1", { privacy: "overheard" }), [], [here], true)).toMatchObject({
      heardHere: true,
      heardIn: [],
    });
  });

  it("is unknown when the connection is lost", () =>
    expect(privacyOf(room("K1"), [], [], false)).toEqual({ state: "unknown", reason: "stale", ...nowhere }));
});

it("the matrix holds the rooms that adjoin another, each way by itself", () => {
  const there = pair("K1", "G1");
  const back = pair("G1", "K1", { state: "unknown" });
  const matrix = matrixOf([room("G1"), room("K1"), room("K9")], [there, back]);
  expect(matrix.rooms.map(({ id }) => id)).toEqual(["G1", "K1"]);
  expect([matrix.of("K1", "G1"), matrix.of("G1", "K1"), matrix.of("K1", "K1")]).toEqual([there, back, undefined]);
});
