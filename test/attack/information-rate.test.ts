/** How much devices say, in bits: what the schemas allow, what is really sent, and how much of it is news. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { generate } from "#firmware/generate.ts";
import { senseWorld } from "#firmware/simulated-world.ts";
import { createRandom } from "#firmware/world/random.ts";
import { informationBudget, LEASED_LIMIT_BITS_PER_S, UNLEASED_LIMIT_BITS_PER_S } from "#protocol/budget.ts";
import { parseSite } from "#protocol/site-file.ts";
import { parseTopic } from "#protocol/topics.ts";
import { innovationBits } from "./entropy.ts";
import { publish } from "./published.ts";
import { spokenWords } from "./words.ts";

const demo = new URL("../../protocol/demo-site.yaml", import.meta.url);
const site = parseSite(readFileSync(demo, "utf8"), "demo-site.yaml");
/** Monday, 9:30 in Copenhagen: a busy hour. */
const FROM = Date.UTC(2026, 0, 5, 8, 30);
const HOUR_S = 3600;

describe("the information rate", () => {
  it("of an hour in a busy house under leases that never end is what the schemas allow, device by device", () => {
    const budget = informationBudget();
    const bitsOf = new Map<string, number>(
      budget.lines.map(({ channel, bitsPerMessage }) => [channel, bitsPerMessage]),
    );
    const sense = senseWorld({ site, scenario: "busy-day", seed: "bits", form: "levels", openNow: false });
    const span = { from: FROM, until: FROM + HOUR_S * 1000 };
    const rates = new Map(site.devices.map(({ id }) => [id, { leased: 0, unleased: 0 }]));
    for (const { topic } of generate({ site, seed: "bits", sense, ...span, leaseUntil: (_, t) => t + 600_000 })) {
      const { device, channel } = parseTopic(topic)!;
      rates.get(device)![channel === "bands" ? "leased" : "unleased"] += (bitsOf.get(channel) ?? 0) / HOUR_S;
    }
    for (const { leased, unleased } of rates.values()) {
      expect(leased).toBeLessThanOrEqual(budget.leasedBitsPerS);
      expect(unleased).toBeLessThanOrEqual(budget.unleasedBitsPerS);
    }
    const { k6, k1 } = Object.fromEntries(rates);
    expect(k6!.leased).toBe(0);
    expect(k1!.leased).toBeCloseTo(budget.leasedBitsPerS);
    expect(budget.leasedBitsPerS).toBeLessThan(LEASED_LIMIT_BITS_PER_S);
    expect(budget.unleasedBitsPerS).toBeLessThan(UNLEASED_LIMIT_BITS_PER_S);
  });

  it("is counted right: a process whose news are normal with a standard deviation of 2 dB in each of two bands", () => {
    const random = createRandom("news");
    const news = () => 2 * random.gaussian();
    const frames: number[][] = [[50, 50]];
    for (let n = 1; n < 5000; n++) frames.push(frames[n - 1]!.map((level) => 10 + 0.8 * level + news()));
    const each = Math.log2((2 * Math.sqrt(2 * Math.PI * Math.E)) / 0.5);
    expect(innovationBits(frames, 2, 0.5)).toBeCloseTo(2 * each, 1);
  });

  it("of continuous speech is about 23 bit/s, most of it loudness: less than the 39 that words need", async () => {
    const words = (await spokenWords()).map((samples) => samples.map((x) => 0.3 * x));
    const random = createRandom("continuous");
    const speech = Array.from({ length: 20 }, () => random.shuffle(words)).flat();
    const { seconds } = await publish(speech);
    const spoken = Math.floor(speech.reduce((sum, { length }) => sum + length, 0) / 16_000);
    const bits = innovationBits(seconds.slice(0, spoken), 2, 0.5);
    expect(bits).toBeGreaterThan(18);
    expect(bits).toBeLessThan(28);
  });
});
