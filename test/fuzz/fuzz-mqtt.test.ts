/** The short version of `npm run torture -- --fuzz mqtt`. */
import { expect, it } from "vitest";
import { fuzzMqtt } from "./fuzz-mqtt.ts";

it("6,000 packets, right, wrong and none at all: the gateway goes on, and has stored nothing that it should not", async () => {
  const phases = await fuzzMqtt(6000, "short");
  expect(phases.map(({ devices, violations }) => [devices, violations])).toEqual([
    ["enrolled", []],
    ["open", []],
  ]);
  for (const { devices, accepted, refused, denied, endings, stored, levels, good } of phases) {
    // What never came to be judged proves nothing.
    const judged = ["oversize", "bad-topic", "not-json", "schema", "clock-ahead", "clock-behind", "no-lease"];
    for (const reason of judged)
      if (reason !== "bad-topic" || devices === "open") expect(refused[reason], reason).toBeGreaterThan(0);
    const { closed, answered } = endings;
    const happened = {
      accepted,
      levels,
      stored,
      good: good.acknowledged,
      closed,
      answered,
      denied: denied.subscribe,
    };
    for (const [what, times] of Object.entries(happened)) expect(times, what).toBeGreaterThan(0);
    if (devices === "enrolled")
      for (const reason of ["publish", "will", "client-id"]) expect(denied[reason], reason).toBeGreaterThan(0);
  }
});
