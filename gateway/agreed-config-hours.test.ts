/** Whatever is taken away of the hours in which a house measures, it measures no more than before. */
import fc from "fast-check";
import { expect, it } from "vitest";
import { measuringHours } from "#protocol/measuring-hours.ts";
import { Site, Weekday } from "#protocol/site.ts";
import { siteInForce } from "./agreed-config.ts";
import { diff } from "./approval/diff.ts";
import type { Settings } from "./approval/settings.ts";

const HOUR = 3_600_000;
/** A Monday at midnight in Copenhagen. */
const MONDAY = Date.UTC(2026, 2, 22, 23);

const file = Site.parse({
  site: "house",
  name: "The house",
  timeZone: "Europe/Copenhagen",
  openingHours: Object.fromEntries(Weekday.options.map((day) => [day, { from: "08:00", until: "16:00" }])),
  policy: { measuring: "opening-hours" },
  rooms: [{ id: "K1", name: "K1", kind: "shared-office", assigned: 3 }],
});
const rest: Settings = {
  site: "house",
  timeZone: "Europe/Copenhagen",
  "rooms.K1.kind": "shared-office",
  "rooms.K1.assigned": 3,
};
const time = fc.constantFrom("00:00", "07:30", "08:00", "12:00", "16:00", "24:00");
const hours = fc.record(
  Object.fromEntries(
    Weekday.options.flatMap((day) => [
      [`openingHours.${day}.from`, time],
      [`openingHours.${day}.until`, time],
    ]),
  ),
  { requiredKeys: [] },
) as fc.Arbitrary<Settings>;
const settings = fc
  .tuple(hours, fc.constantFrom("opening-hours", "always"))
  .map(([of, measuring]): Settings => ({ ...rest, ...of, "policy.measuring": measuring }));

/** The hours of a week in which something is measured. */
function measured(now: Settings): readonly number[] {
  const measures = measuringHours(siteInForce(file, now));
  return Array.from({ length: 7 * 48 }, (_, half) => MONDAY + (half * HOUR) / 2).filter(measures);
}

it("what narrows the hours, one by one or all together, widens nothing that is measured", () => {
  const from: fc.Arbitrary<[Settings, Settings]> = settings.chain((before) =>
    fc
      .tuple(settings, fc.subarray(Object.keys(before).filter((path) => path.startsWith("openingHours."))))
      .map(([other, gone]) => {
        const wanted: Settings = Object.fromEntries(
          Object.entries({ ...before, ...other }).filter(([path]) => !gone.includes(path)),
        );
        const after: Record<string, Settings[string]> = { ...before };
        for (const { path, after: value } of diff(before, wanted).narrowing)
          if (value === null) delete after[path];
          else after[path] = value;
        return [before, after];
      }),
  );
  fc.assert(
    fc.property(from, ([before, after]) => {
      const had = new Set(measured(before));
      expect(measured(after).filter((t) => !had.has(t))).toEqual([]);
    }),
    {
      examples: [
        [
          [
            {
              ...rest,
              "policy.measuring": "opening-hours",
              "openingHours.monday.from": "08:00",
              "openingHours.monday.until": "16:00",
            },
            { ...rest, "policy.measuring": "opening-hours" },
          ],
        ],
        [
          [
            {
              ...rest,
              "policy.measuring": "opening-hours",
              "openingHours.monday.from": "08:00",
              "openingHours.monday.until": "16:00",
            },
            {
              ...rest,
              "policy.measuring": "opening-hours",
              "openingHours.monday.from": "16:00",
              "openingHours.monday.until": "16:00",
            },
          ],
        ],
      ],
    },
  );
});
