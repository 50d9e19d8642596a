/** Requests as the generated OpenAPI invites them, as it nearly does, and as nobody would send them. */
import fc from "fast-check";
import { Role } from "#protocol/roles.ts";

/** As far as it is read here. */
export interface OpenApi {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}
export interface Operation {
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly content?: Readonly<Record<string, { readonly schema?: Schema }>> };
  readonly responses: Readonly<Record<string, { readonly content?: Readonly<Record<string, unknown>> }>>;
}
interface Parameter {
  readonly name: string;
  readonly in: string;
  readonly required?: boolean;
  readonly schema?: Schema;
}
export interface Schema {
  readonly type?: string;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
}

export interface FuzzedRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
  /** Template and method of the operation it was made from; null: from none. */
  readonly operation: readonly [path: string, method: string] | null;
}

const METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "QUERY", "SEARCH", "PROPFIND"];
const ROOMS = ["K1", "k2", "K3", "K6", "S1", "V1", "G1", "X9"];
const BOUNDS = [
  ...["2026-11-23", "2026-11-22", "2026-11-01", "2025-10-26", "2026-02-30", "0000-00-00", "9999-12-31"],
  ...[
    "2026-11-23T10:00:00Z",
    "2026-11-23T10:00:00+14:00",
    "2026-11-23T24:00:00Z",
    "-271821-04-20T00:00:00Z",
    "now",
    "",
  ],
];

/** What breaks parsers, paths, queries and pages. */
const nasty = fc.oneof(
  fc.constantFrom(
    ...[
      "__proto__",
      "constructor",
      "../../etc/passwd",
      "..%2f..%2fetc",
      "%00",
      "%",
      "%E0%A4%A",
      "\u0000",
      "\ud800",
      "'; DROP TABLE message;--",
    ],
    ...[
      "<script>alert(1)</script>",
      "{{7*7}}",
      "null",
      "undefined",
      "NaN",
      "-1",
      "1e309",
      "[]",
      "{}",
      "true",
      "Ａ",
      "🤫".repeat(50),
    ],
    ...["a".repeat(199), "a".repeat(300), "a".repeat(9000)],
  ),
  fc.string({ unit: "binary", maxLength: 40 }),
  fc.string({ maxLength: 40 }),
);

/** A value that the schema allows, mostly. */
function valueFor(schema: Schema | undefined, name = ""): fc.Arbitrary<unknown> {
  if (schema === undefined) return fc.jsonValue();
  if (schema.const !== undefined) return fc.constant(schema.const);
  if (schema.enum) return fc.constantFrom(...schema.enum);
  if (schema.anyOf) return fc.oneof(...schema.anyOf.map((one) => valueFor(one, name)));
  switch (schema.type) {
    case "integer":
    case "number":
      return fc.integer({ min: schema.minimum ?? -1000, max: schema.maximum ?? 1000 });
    case "boolean":
      return fc.boolean();
    case "null":
      return fc.constant(null);
    case "array":
      return fc.array(valueFor(schema.items, name), { maxLength: 5 });
    case "object":
      return fc.record(
        Object.fromEntries(Object.entries(schema.properties ?? {}).map(([key, one]) => [key, valueFor(one, key)])),
      );
    default:
      return textFor(schema, name);
  }
}

function textFor({ minLength = 0, maxLength = 60 }: Schema, name: string): fc.Arbitrary<string> {
  const any = fc.string({ minLength, maxLength: Math.max(minLength, Math.min(maxLength, 200)) });
  if (/room/i.test(name)) return fc.oneof({ weight: 9, arbitrary: fc.constantFrom(...ROOMS) }, any);
  if (/^(from|to|compare.*)$/i.test(name)) return fc.oneof({ weight: 9, arbitrary: fc.constantFrom(...BOUNDS) }, any);
  return any;
}

const nearly = (schema: Schema | undefined, name: string) =>
  fc.oneof({ weight: 8, arbitrary: valueFor(schema, name) }, { weight: 2, arbitrary: nasty });

/** Lone surrogates cannot be written into an address. */
const encoded = (value: unknown): string =>
  encodeURIComponent(String(typeof value === "object" ? JSON.stringify(value) : value).toWellFormed());

const who = fc.oneof(
  fc.constant({}),
  fc
    .tuple(fc.subarray([...Role.options], { minLength: 1, maxLength: 2 }), fc.subarray(["K1", "K2", "K3", "S1"]))
    .map(([roles, rooms]) => ({ authorization: `Bearer ${roles.join("+")} ${rooms.join(",")}` })),
  fc.constantFrom<Record<string, string>>(
    { cookie: "session=expired" },
    { cookie: "session=dpo+team-lead K1" },
    { authorization: "Bearer" },
    { authorization: `Bearer ${"x".repeat(4000)}` },
    { authorization: "Basic YTpi", cookie: "=;=;;" },
  ),
);

/** What can be written into a header's value. */
const headerText = fc.string({
  unit: fc.integer({ min: 0x20, max: 0x7e }).map((code) => String.fromCharCode(code)),
  maxLength: 60,
});
const curious = fc
  .record(
    {
      accept: fc.constantFrom("text/html", "application/json", "*/*", "text/event-stream", ""),
      "content-type": fc.constantFrom(
        "application/json",
        "text/plain",
        "application/x-www-form-urlencoded",
        "a",
        "multipart/form-data; boundary=x",
      ),
      origin: fc.constantFrom("null", "https://evil.example", "http://localhost"),
      "sec-fetch-site": fc.constantFrom("same-origin", "cross-site", "none", ""),
      "last-event-id": fc.constantFrom("0", "-1", "1e9", "99999999999999999999", "x"),
      "if-none-match": headerText,
      "if-modified-since": headerText,
      range: fc.constantFrom("bytes=0-1", "bytes=-1", "bytes=9999999-", "x"),
      "accept-encoding": headerText,
      "x-forwarded-for": headerText,
      "x-forwarded-proto": fc.constantFrom("https", "x", ""),
      "x-http-method-override": fc.constantFrom("DELETE", "PUT"),
      "accept-version": headerText,
    },
    { requiredKeys: [] },
  )
  .map((headers) => headers as Record<string, string>);

const body = (schema: Schema | undefined) =>
  fc.oneof(
    { weight: 5, arbitrary: valueFor(schema).map((value) => JSON.stringify(value)) },
    { weight: 2, arbitrary: fc.json() },
    {
      weight: 1,
      arbitrary: fc.constantFrom(
        "",
        "{",
        '{"__proto__":{"a":1}}',
        '{"constructor":{"prototype":{}}}',
        "[".repeat(5000),
        "0".repeat(70_000),
      ),
    },
  );

/** From one operation: its parameters, mostly as they should be, and now and then one too many. */
function invited(
  path: string,
  method: string,
  { parameters = [], requestBody }: Operation,
): fc.Arbitrary<FuzzedRequest> {
  const schema = requestBody?.content?.["application/json"]?.schema;
  const given = parameters.map((parameter) => ({
    ...parameter,
    value: parameter.required
      ? nearly(parameter.schema, parameter.name)
      : fc.option(nearly(parameter.schema, parameter.name), { nil: undefined }),
  }));
  return fc
    .record({
      values: fc.tuple(...given.map(({ value }) => value)),
      more: fc.option(fc.tuple(nasty, nasty), { nil: undefined, freq: 8 }),
      who,
      curious: fc.oneof({ weight: 3, arbitrary: fc.constant({}) }, { weight: 1, arbitrary: curious }),
      body:
        schema === undefined
          ? fc.option(body(undefined), { nil: undefined, freq: 9 })
          : body(schema).map((text): string | undefined => text),
    })
    .map(({ values, more, who, curious, body }) => {
      const valued = given.map((parameter, i) => ({ ...parameter, value: values[i] }));
      const place = path.replace(/\{(\w+)\}/g, (_, name) =>
        encoded(valued.find((one) => one.name === name)?.value ?? ""),
      );
      const query = valued.flatMap(({ in: where, name, value }) =>
        where === "query" && value !== undefined ? [`${name}=${encoded(value)}`] : [],
      );
      if (more) query.push(`${encoded(more[0])}=${encoded(more[1])}`);
      return {
        method: method.toUpperCase(),
        url: place + (query.length > 0 ? `?${query.join("&")}` : ""),
        headers: { ...(body !== undefined && { "content-type": "application/json" }), ...curious, ...who },
        body,
        // An empty parameter is another address.
        operation: place.includes("//") || place.endsWith("/") ? null : ([path, method] as const),
      };
    });
}

/** Any method to any address, known or not. */
const uninvited = (paths: readonly string[]): fc.Arbitrary<FuzzedRequest> =>
  fc
    .record({
      method: fc.constantFrom(...METHODS),
      path: fc.oneof(
        fc.constantFrom(
          ...paths,
          "/",
          "/metrics",
          "/openapi.json",
          "/index.html",
          "/assets/x.js",
          "/.env",
          "/api/",
          "/api/v2/rooms",
        ),
        nasty.map((text) => `/${encoded(text)}`),
        nasty.map((text) => `/api/v1/${encoded(text)}`),
      ),
      query: fc.option(nasty.map(encoded), { nil: undefined }),
      who,
      curious,
      body: fc.option(body(undefined), { nil: undefined }),
    })
    .map(({ path, query, who, curious, body, method }) => ({
      method,
      url: path.replace(/[{}]/g, "") + (query === undefined ? "" : `?${query}`),
      headers: { ...curious, ...who },
      body,
      operation: null,
    }));

export function requestsFor({ paths }: OpenApi): fc.Arbitrary<FuzzedRequest> {
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => invited(path, method, operation)),
  );
  return fc.oneof(
    { weight: 4, arbitrary: fc.oneof(...operations) },
    { weight: 1, arbitrary: uninvited(Object.keys(paths)) },
  );
}

/** Bytes that begin as HTTP and do not stay it. */
export const malformedHttp: fc.Arbitrary<Buffer> = fc
  .record({
    method: fc.constantFrom(...METHODS, "get", "", "\0", "GET GET"),
    path: fc.oneof(
      fc.constantFrom("/livez", "/api/v1/rooms", "http://x/livez", "*", "x:1", ""),
      fc.string({ maxLength: 30 }),
    ),
    version: fc.constantFrom("HTTP/1.1", "HTTP/1.0", "HTTP/2.0", "HTTP/1.1.1", "http/1.1", ""),
    headers: fc.array(
      fc.oneof(
        fc.constantFrom(
          "host: x",
          "host: y",
          "Content-Length: 5",
          "content-length: -1",
          "content-length: 1e3",
          "transfer-encoding: chunked",
        ),
        fc.constantFrom(
          "transfer-encoding: chunked, identity",
          "expect: 100-continue",
          "expect: nothing",
          "upgrade: websocket",
          "connection: upgrade",
        ),
        fc.constantFrom(
          " folded",
          "no colon",
          ": no name",
          "a:\0",
          "a: \x80\xff",
          `long: ${"x".repeat(17_000)}`,
          "trailer: x",
        ),
        fc
          .tuple(fc.string({ maxLength: 10 }), fc.string({ maxLength: 20 }))
          .map(([name, value]) => `${name}: ${value}`),
      ),
      { maxLength: 6 },
    ),
    body: fc.oneof(
      fc.constantFrom("", "5\r\nhello\r\n0\r\n\r\n", "FFFFFFFFFFFFFFFFF\r\n", "-1\r\n", "hello"),
      fc.string({ maxLength: 30 }),
    ),
    end: fc.constantFrom("\r\n", "\r\n", "\r\n", "\n", "\r", ""),
    damage: fc.array(fc.tuple(fc.nat(400), fc.nat(255)), { maxLength: 4 }),
    cut: fc.option(fc.nat(400), { nil: undefined }),
  })
  .map(({ method, path, version, headers, body, end, damage, cut }) => {
    const bytes = Buffer.from([`${method} ${path} ${version}`, ...headers, "", body].join(end), "latin1");
    for (const [at, byte] of damage) if (at < bytes.length) bytes[at] = byte;
    return cut === undefined ? bytes : bytes.subarray(0, cut);
  });
