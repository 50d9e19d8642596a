/** A network that is away for a while, duplicates or reorders: `Dial` in, `Dial` out. */
import type { Clock } from "../device/clock.ts";
import { type Dial, type Link, LinkError } from "../device/link.ts";
import { createDisturbance, disturbedLink } from "./delivery-faults.ts";
import { type Fault, faultAt } from "./fault.ts";

/** `random` in [0, 1). The run began at `start` of the clock. */
export function faultyDial(
  dial: Dial,
  faults: readonly Fault[],
  clock: Clock,
  random: () => number,
  start: number,
): Dial {
  const elapsed = () => clock.now() - start;
  const disturb = createDisturbance(faults, random);
  return async (call) => {
    if (faultAt(faults, "disconnect", elapsed())) throw new LinkError("the network is away (fault on request)");
    const over = new AbortController();
    const link = await dial({
      ...call,
      ended: (reason) => {
        over.abort();
        call.ended(reason);
      },
    });
    const next = nextOutage(faults, elapsed());
    if (next !== undefined)
      clock.wait(next, over.signal).then(
        () => {
          link.drop();
          call.ended("the network went away (fault on request)");
        },
        () => {},
      );
    return disturbedLink(endingWith(link, over), disturb, elapsed);
  };
}

/** The link, whose end also ends what was planned for it. */
const endingWith = (link: Link, over: AbortController): Link => ({
  publish: (publication, acknowledged) => link.publish(publication, acknowledged),
  close() {
    over.abort();
    return link.close();
  },
  drop() {
    over.abort();
    link.drop();
  },
});

/** ms until the next outage begins. */
function nextOutage(faults: readonly Fault[], elapsed: number): number | undefined {
  const starts = faults.filter(({ kind, from }) => kind === "disconnect" && from > elapsed).map(({ from }) => from);
  return starts.length === 0 ? undefined : Math.min(...starts) - elapsed;
}
