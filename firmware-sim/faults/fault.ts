/** Faults on request: what goes wrong with a device, from when until when. `KIND[:AMOUNT][@START..END]` */
import { InvalidArgumentError } from "commander";

export const faultKinds = {
  disconnect: "the network is away",
  duplicate: "every tenth message (or AMOUNT, 0–1) arrives twice",
  reorder: "every tenth message (or AMOUNT, 0–1) arrives behind the next one",
  skew: "the clock is 45 s (or AMOUNT) ahead",
  jump: "the clock jumps ahead by an hour (or AMOUNT), then back",
  silence: "the microphone delivers nothing",
  stuck: "the microphone delivers one value for ever",
  clipped: "the microphone is overdriven",
  reboot: "the power goes at START and comes back at END",
} as const;
export type FaultKind = keyof typeof faultKinds;

/** Times are ms after the start of the run. */
export interface Fault {
  readonly kind: FaultKind;
  readonly amount: number;
  readonly from: number;
  readonly until: number;
}

const defaultAmount: Partial<Record<FaultKind, number>> = { duplicate: 0.1, reorder: 0.1, skew: 45, jump: 3600 };
const PATTERN = /^([a-z]+)(?::(-?[\d.]+))?(?:@(\d+(?:\.\d+)?)([smh]?)(?:\.\.(\d+(?:\.\d+)?)([smh]?))?)?$/;
/** How long a reboot without an END takes. */
const REBOOT_MS = 5000;
const UNIT_MS = { s: 1000, m: 60_000, h: 3_600_000 } as const;

/** Reads `disconnect@60..120` or `skew:45@5m..1h`; throws commander's `InvalidArgumentError`. */
export function parseFault(text: string): Fault {
  const match = PATTERN.exec(text);
  const kind = match?.[1];
  if (!match || kind === undefined || !isFaultKind(kind))
    throw new InvalidArgumentError(
      `"${text}" is not KIND[:AMOUNT][@START..END] with one of ${Object.keys(faultKinds).join(", ")}`,
    );
  const [, , amount, from, fromUnit, until, untilUnit] = match;
  const fault = {
    kind,
    amount: amount === undefined ? (defaultAmount[kind] ?? 0) : Number(amount),
    from: timeOf(from, fromUnit, 0),
    until: timeOf(
      until,
      untilUnit,
      kind === "reboot" ? timeOf(from, fromUnit, 0) + REBOOT_MS : Number.POSITIVE_INFINITY,
    ),
  };
  if (fault.until <= fault.from) throw new InvalidArgumentError(`"${text}" ends before it starts`);
  return fault;
}

export const isFaultKind = (kind: string): kind is FaultKind => Object.hasOwn(faultKinds, kind);

/** The fault of this kind that holds at `elapsed` ms after the start. */
export const faultAt = (faults: readonly Fault[], kind: FaultKind, elapsed: number): Fault | undefined =>
  faults.find((fault) => fault.kind === kind && elapsed >= fault.from && elapsed < fault.until);

function timeOf(number: string | undefined, unit: string | undefined, otherwise: number): number {
  return number === undefined ? otherwise : Number(number) * UNIT_MS[(unit || "s") as keyof typeof UNIT_MS];
}
