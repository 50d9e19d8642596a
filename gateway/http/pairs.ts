/** The pairs of rooms a site has. Leakage is not measured in this version, so each is unknown and says so. */
import type { PairView } from "#protocol/api.ts";
import type { Site } from "#protocol/site.ts";

export const pairViews = (site: Site): PairView[] =>
  site.boundaries.flatMap(({ between: [a, b] }) => [unmeasured(a, b), unmeasured(b, a)]);

const unmeasured = (from: string, to: string): PairView => ({
  from,
  to,
  state: "unknown",
  reason: "not-measured",
  snr: null,
  sii5: null,
  spc: null,
  ld: null,
  confidence: null,
});
