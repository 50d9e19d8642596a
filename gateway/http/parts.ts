/** What the HTTP layer is given; it owns none of it. */
import type { Registry } from "prom-client";
import type { StatusView } from "#protocol/api.ts";
import type { Budget } from "#protocol/budget.ts";
import type { Site } from "#protocol/site.ts";
import type { Identify } from "../access/person.ts";
import type { HistorySightOf, SightOf } from "../access/sight.ts";
import type { Checkpoint } from "../audit/checkpoint.ts";
import type { Changes } from "../changes.ts";
import type { Clock } from "../clock.ts";
import type { Live } from "../deliver/live.ts";
import type { ToldFrom } from "../display/regrouping.ts";
import type { DeviceBook } from "../enrolment/device-book.ts";
import type { History } from "../history/history.ts";
import type { Journal } from "../journal/journal.ts";
import type { Load } from "../overload.ts";
import type { HeldPairs } from "./held-pairs.ts";
import type { Limits } from "./limits.ts";
import type { Accounts } from "./sign-in-parts.ts";
import type { TransportSettings } from "./transport.ts";

export type CheckState = "ok" | "degraded" | "failed";

/** One line of `/readyz`. A degraded part does not make the gateway unready: it keeps what it takes in. */
export interface Check {
  readonly state: CheckState;
  readonly detail: string;
}

export interface HttpParts {
  readonly site: Site;
  readonly live: Live;
  readonly journal: Journal;
  readonly history: History;
  readonly clock: Clock;
  readonly budget: Budget;
  readonly metrics: Registry;
  /** The same for everybody, without the words of other programs. */
  status(): StatusView;
  /** How hard pressed the gateway is. */
  load(): Load;
  /** Named states of the gateway's parts. */
  checks(): Readonly<Record<string, Check>>;
  readonly audit: {
    /** Checkpoints are signed by; SPKI as base64. */
    readonly publicKey: string;
    /** The last checkpoint. */
    latest(): Checkpoint | null;
  };
  /** What is in force of the configuration, and what was asked of it. */
  readonly changes: Changes;
  /** What devices are known by; without it they need nothing. */
  readonly enrolments: DeviceBook | undefined;
  /** Since when rooms are told together as they are; without it always. */
  readonly toldFrom?: ToldFrom;
  /** Where devices connect: `mqtt://host:port`. */
  readonly broker: string;
  /** Folder of the built dashboard; without it `/` answers 404. */
  readonly dashboard: string | undefined;
  /** Who asks; asked again every other second of who reads the stream. */
  readonly identify: Identify;
  /** Without it nobody can sign in, and it is known by other means who asks. */
  readonly accounts?: Accounts;
  /** Plain without it. */
  readonly transport?: TransportSettings;
  /** As in limits.ts without it. */
  readonly limits?: Limits;
}

/** What routes are given besides. */
export interface RouteParts extends HttpParts {
  readonly sightOf: SightOf;
  readonly historySightOf: HistorySightOf;
  readonly heldPairs: HeldPairs;
}
