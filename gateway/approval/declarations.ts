/**
 * Which way each configuration key widens: what is measured, how long it is kept, how soon and to whom it is told. A key
 * that is not here widens with any change. Beside the schemas protocol/site.ts and gateway/config.ts, and held to them by
 * a test.
 */
import type { Notice } from "./law-profile.ts";
import type { Plain } from "./settings.ts";

/**
 * `larger`, `smaller`: a value further that way widens · `any`: another value widens, whichever it is · `never`: nothing
 * about people follows from it · or a function that is true where it widens. That a key goes narrows, whatever it is; that
 * one comes widens, unless `never`; the other way round with `unlessSaid`.
 */
export type Wider = "larger" | "smaller" | "any" | "never" | ((before: Plain, after: Plain) => boolean);

export interface Declaration {
  readonly wider: Wider;
  /** What has to be given notice of, and so for how long (law-profile.ts). */
  readonly notice: Notice;
  /** Of a key that is younger than what may have been agreed: it was as wide as can be. That it comes narrows. */
  readonly unlessSaid?: "widest";
}

/** Changes how staff are measured or watched over. */
const measure = (wider: Wider): Declaration => ({ wider, notice: "control-measure" });
/** Changes where to, or for how long, what is measured goes. */
const handling = (wider: Wider): Declaration => ({ wider, notice: "handling" });
const never: Declaration = { wider: "never", notice: "handling" };

const further = (rank: (value: Plain) => number) => (before: Plain, after: Plain) => !(rank(after) <= rank(before));
/** From narrow to wide; what is not among them is the widest. */
const ordered = (...values: readonly Plain[]) =>
  further((value) => (values.includes(value) ? values.indexOf(value) : values.length));

/** With one person a room is silent; with more, more of it is shown; where nobody is said to sit, nothing is held back. */
const staff = further((assigned) => (assigned === 0 ? Number.POSITIVE_INFINITY : Number(assigned)));

/** Away from this machine, or to another one than before; a file beside the gateway, or a server on the same machine, is here. */
const elsewhere = (_before: Plain, after: Plain): boolean => !isHere(String(after));
const isHere = (place: string): boolean =>
  place === "" || place.startsWith("sqlite") || /^\w+:\/\/(localhost|127\.\d+\.\d+\.\d+|\[::1\])([:/]|$)/.test(place);

/** Of lists: whether there is anything that was not there before. */
const more = (before: Plain, after: Plain): boolean => {
  const had = new Set(JSON.parse(String(before)) as unknown[]);
  return (JSON.parse(String(after)) as unknown[]).some((item) => !had.has(item));
};

/** `*` stands for a name: of a room, a device in its room (`k1@K1`), two rooms (`K1|K2`), a zone, a weekday, a webhook, a group. */
export const declarations: Readonly<Record<string, Declaration>> = {
  // The site file
  site: measure("any"),
  name: never,
  timeZone: measure("any"),
  "openingHours.*.from": measure("smaller"),
  "openingHours.*.until": measure("larger"),
  "policy.measuring": measure(ordered("opening-hours", "always")),
  "policy.conversationAlertAfterS": measure("smaller"),
  "policy.privacy": measure(ordered("strict", "normal")),
  // Its id is its path: another one is another room.
  "rooms.*.id": never,
  "rooms.*.name": never,
  "rooms.*.kind": measure("any"),
  "rooms.*.assigned": measure(staff),
  "rooms.*.volume": never,
  "rooms.*.reverberation": never,
  "rooms.*.noise": never,
  "zones.*.id": never,
  "zones.*.name": never,
  // Told by one zone and then by another, what is told could be subtracted.
  "zones.*.rooms": measure("any"),
  "boundaries.*.between": never,
  "boundaries.*.kind": measure("any"),
  "boundaries.*.rw": never,
  "boundaries.*.area": never,
  "devices.*.id": never,
  // In another room it is another path: it leaves the one at once, and waits for the other.
  "devices.*.room": measure("any"),
  "devices.*.silent": measure(ordered(true, false)),

  // The gateway's settings
  "retention.raw": handling("larger"),
  "retention.minute": handling("larger"),
  "retention.hour": handling("larger"),
  "retention.episodes": { ...handling("larger"), unlessSaid: "widest" },
  broker: handling(elsewhere),
  history: handling(elsewhere),
  historyToken: never,
  "webhooks.*.url": handling("any"),
  "webhooks.*.secret": never,
  // Who vouches for people, and what their groups are worth here: by these roles are given.
  "oidc.issuer": handling("any"),
  "oidc.groupsClaim": handling("any"),
  "oidc.groups.*.roles": handling(more),
  "oidc.groups.*.rooms": handling(more),
  "oidc.clientId": never,
  "oidc.clientSecret": never,
  "oidc.name": never,
  "oidc.scope": never,
  "oidc.callback": never,
  oidcSecret: never,
  // Roles of local accounts are approved one by one.
  localAccounts: never,
  sessionIdle: never,
  sessionHours: never,
  // What is decided lies in it: another folder is another gateway, with an audit log of its own.
  data: never,
  // Where the gateway listens: who is answered there, and what, is for sign-in, TLS and roles to say.
  http: never,
  httpCert: never,
  httpKey: never,
  proxy: never,
  url: never,
  mqtt: never,
  // Who may speak, and by which papers: of what is said nothing follows from it.
  deviceAccess: never,
  mqttCert: never,
  mqttKey: never,
  mqttClientCa: never,
  brokerCa: never,
  brokerCert: never,
  brokerKey: never,
  brokerUser: never,
  brokerPassword: never,
  // Whoever is on the network reads along.
  mqttPlain: handling(ordered(false, true)),
  memory: never,
  log: never,
};

const UNDECLARED: Declaration = measure("any");

const patterns = Object.entries(declarations).map(([path, declaration]) => ({ keys: path.split("."), declaration }));

const find = (path: string): Declaration | undefined => {
  if (Object.hasOwn(declarations, path)) return declarations[path];
  const names = path.split(".");
  return patterns.find(
    ({ keys }) => keys.length === names.length && keys.every((key, i) => key === "*" || key === names[i]),
  )?.declaration;
};

export const isDeclared = (path: string): boolean => find(path) !== undefined;
export const declarationOf = (path: string): Declaration => find(path) ?? UNDECLARED;
