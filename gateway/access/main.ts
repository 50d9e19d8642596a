/**
 * `npm run access`: people and tokens, for whoever sits at the machine, beside a running gateway or without one. What it does holds
 * at once, without approval; a running gateway takes it over within a second and enters it in the audit log.
 */
import { join } from "node:path";
import { Command, InvalidArgumentError, Option } from "commander";
import { type permissions, Role } from "#protocol/roles.ts";
import { CertificateError, readOwn } from "../certificate.ts";
import { type Config, ConfigError, readConfig } from "../config.ts";
import { browsersOrigin } from "../origin.ts";
import { type Access, openAccess } from "./access.ts";
import { MACHINE } from "./events.ts";
import { signInLink } from "./link-address.ts";
import { AccessError, AccessFileError } from "./refusal.ts";
import { limitsOf } from "./sessions.ts";
import { personView, tokenView } from "./views.ts";

interface Common {
  readonly config?: string;
  readonly data?: string;
  readonly site?: string;
  readonly url?: string;
  readonly json?: true;
}

/** What a command answers: lines for people, a value for programs. */
interface Answer {
  readonly lines: readonly string[];
  readonly value: unknown;
}
/** `origin` is asked for links alone: behind a proxy it may not be known. */
type Run<O> = (access: Access, options: O & Common, origin: () => string, argument: string) => Answer;

const command = new Command("npm run access --").description(
  "People and tokens, on the gateway's own machine. A running gateway takes the changes over within a second.",
);

const list = (value: string, before: readonly string[] = []): readonly string[] => [...before, ...value.split(",")];
const roleOption = (text: string) =>
  new Option("--role <role>", `${text}: ${Role.options.join(", ")}`).argParser(
    (value, before: readonly Role[] = []) => {
      const role = Role.safeParse(value);
      if (!role.success) throw new InvalidArgumentError(`Use one of ${Role.options.join(", ")}.`);
      return [...before, role.data];
    },
  );
const onlyOption = new Option("--only <permissions>", "these permissions of the role only").argParser(list);

function add<O>(words: string, description: string, run: Run<O>): Command {
  return command
    .command(words)
    .description(description)
    .option("--config <file>", "settings file")
    .option("--data <folder>", "data folder (FORTROLIG_DATA)")
    .option("--site <file>", "site file (FORTROLIG_SITE)")
    .option("--url <address>", "where browsers reach the gateway, for links")
    .option("--json", "for programs")
    .action(async (...given: unknown[]) => {
      const [options] = given.slice(-2) as [O & Common];
      await perform(run, options, typeof given[0] === "string" ? given[0] : "");
    });
}

async function perform<O>(run: Run<O>, options: O & Common, argument: string): Promise<void> {
  try {
    const config = readConfig(process.env, { data: options.data, site: options.site }, options.config);
    await using access = openAccess({
      file: join(config.data, "access.db"),
      // What is over is put away here as well.
      limits: limitsOf(config),
      rooms: config.site.rooms.map(({ id }) => id),
    });
    const answer = run(access, options, () => options.url ?? originIn(config), argument);
    process.stdout.write(options.json ? `${JSON.stringify(answer.value, null, 2)}\n` : `${answer.lines.join("\n")}\n`);
  } catch (error) {
    if (![AccessError, AccessFileError, CertificateError, ConfigError].some((kind) => error instanceof kind))
      throw error;
    process.stderr.write(`access: ${(error as Error).message}\n`);
    process.exitCode = 1;
  }
}

/** Throws ConfigError, CertificateError. */
function originIn(config: Config): string {
  const origin = browsersOrigin(config, config.httpCert === undefined ? undefined : readOwn(config.httpCert));
  if (origin !== undefined) return origin;
  throw new ConfigError("--url: say where browsers reach the gateway: a proxy stands before it (or FORTROLIG_URL)");
}

const day = (at: number) => new Date(at).toISOString().slice(0, 10);
const linkAnswer = (access: Access, id: string, link: string, origin: string): Answer => {
  const { kind, name } = access.signIn.linkKind(link);
  const url = signInLink(origin, link);
  return {
    lines: [`${name ?? id}: opens once, ${kind === "sign-in" ? "signs in" : "asks for a new password"}`, url],
    value: { id, name, kind, url },
  };
};

interface Grants {
  readonly role?: readonly Role[];
  readonly room?: readonly string[];
}

add<Grants>(
  "invite <name>",
  "adds somebody; prints the one-time link with which they choose a password",
  (access, options, origin, name) => {
    // Before anything is done: a link that leads nowhere would be no use.
    const at = origin();
    const { id, link } = access.people.invite(name, { roles: options.role ?? [], rooms: options.room ?? [] }, MACHINE);
    return linkAnswer(access, id, link, at);
  },
)
  .addOption(roleOption("may be given more than once"))
  .option("--room <ids>", "rooms of a team lead, or in which staff work: K1,K2", list);

add<Grants>(
  "grant <name>",
  "puts other roles and rooms in the place of those somebody has",
  (access, options, _, name) => {
    access.people.change(name, { roles: options.role ?? [], rooms: options.room ?? [] }, MACHINE);
    return people(access);
  },
)
  .addOption(roleOption("may be given more than once"))
  .option("--room <ids>", "rooms: K1,K2", list);

add("reset <name>", "prints a one-time link with which somebody chooses a new password", (access, _, origin, name) => {
  const at = origin();
  const link = access.people.link(name, "reset", MACHINE);
  return linkAnswer(access, access.people.find(name)!.id, link, at);
});

add("link <name>", "prints a one-time link that signs somebody in", (access, _, origin, name) => {
  const at = origin();
  const link = access.people.link(name, "sign-in", MACHINE);
  return linkAnswer(access, access.people.find(name)!.id, link, at);
});

add("close <name>", "closes an account; its sessions and tokens end at once", (access, _options, _origin, name) => {
  access.people.close(name, MACHINE);
  return people(access);
});

add<{ readonly tokens?: true }>(
  "list",
  "who there is, with roles and rooms; with --tokens the tokens",
  (access, options) => (options.tokens ? tokens(access) : people(access)),
).option("--tokens", "tokens instead of people");

interface TokenOptions extends Grants {
  readonly label: string;
  readonly days: number;
  readonly only?: readonly (typeof permissions)[number][];
}
add<TokenOptions>("token", "makes a token for a program and prints it, this once", (access, options) => {
  const [role, ...more] = options.role ?? [];
  if (role === undefined || more.length > 0) throw new AccessError("role-not-held", "a token has one --role");
  const { label, days, only, room = [] } = options;
  const { token, secret } = access.addToken({ role, label, days, rooms: room, ...(only && { only }) });
  const use = `curl -H "Authorization: Bearer ${secret}" …`;
  return {
    lines: [secret, `${token.id}: ${role}, until ${day(token.expires)}; it is not shown again. ${use}`],
    value: { ...tokenView(token), secret },
  };
})
  .addOption(roleOption("one").makeOptionMandatory())
  .requiredOption("--label <text>", "what it is for, such as Grafana")
  .requiredOption("--days <number>", "how long it lasts, 1–400", Number)
  .option("--room <ids>", "rooms it reaches where the role reaches its own", list)
  .addOption(onlyOption);

add("revoke <token>", "ends a token, by its id", (access, _options, _origin, id) => {
  access.tokens.revoke(id, MACHINE);
  return tokens(access);
});

function people(access: Access): Answer {
  const all = access.people.all().filter(({ state }) => state !== "closed");
  const lines = all.map(({ id, name, roles, rooms, state, sessions, wish }) =>
    [
      id,
      name ?? "–",
      roles.join(", ") || "no role",
      ...(rooms.length > 0 ? [rooms.join(" ")] : []),
      state,
      `${sessions} sessions`,
      ...(wish ? [`asked for: ${wish.roles.join(", ")} ${wish.rooms.join(" ")}`] : []),
    ].join("  "),
  );
  return { lines: all.length === 0 ? ["nobody yet"] : lines, value: all.map(personView) };
}

function tokens(access: Access): Answer {
  const all = access.tokens.all();
  const lines = all.map(({ id, label, role, rooms, only, expires, usedDay, revoked }) =>
    [
      id,
      label,
      role,
      ...(rooms.length > 0 ? [rooms.join(" ")] : []),
      ...(only ? [`only ${only.join(", ")}`] : []),
      revoked === null ? `until ${day(expires)}` : `revoked ${day(revoked)}`,
      usedDay ? `last used ${usedDay}` : "never used",
    ].join("  "),
  );
  return { lines: all.length === 0 ? ["no tokens yet"] : lines, value: all.map(tokenView) };
}

await command.parseAsync();
