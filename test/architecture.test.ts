/** Who may import whom, and which folders stay pure: the drawing in README as a test. */
import { readdirSync, readFileSync } from "node:fs";
import { isBuiltin } from "node:module";
import { join, posix, relative } from "node:path";
import { describe, expect, it } from "vitest";

const root = join(import.meta.dirname, "..");

/** Folder → the project folders its files may import from, besides itself. The longest matching key rules. */
const mayImport: Record<string, readonly string[]> = {
  protocol: [],
  "firmware-sim": ["protocol"],
  "firmware-sim/dsp": ["protocol"],
  "firmware-sim/detector": ["protocol", "firmware-sim/dsp"],
  "firmware-sim/world": ["protocol", "firmware-sim/dsp"],
  "firmware-sim/scenarios": ["protocol", "firmware-sim/world"],
  "firmware-sim/audio": ["protocol", "firmware-sim/dsp", "firmware-sim/device"],
  gateway: ["protocol"],
  "gateway/detect": ["protocol"],
  "gateway/alerts": ["protocol", "gateway/detect"],
  "gateway/display": ["protocol"],
  "gateway/approval": ["protocol"],
  dashboard: ["protocol"],
  test: ["protocol", "firmware-sim", "gateway", "dashboard"],
};

/** Packages the shared vocabulary may use: parsing and calendars, nothing that does IO. */
const protocolPackages = new Set(["zod", "yaml", "temporal-polyfill"]);

const pure = [
  "firmware-sim/dsp",
  "firmware-sim/detector",
  "firmware-sim/world",
  "gateway/detect",
  "gateway/alerts",
  "gateway/display",
  "gateway/approval",
];
/** What would make a pure step depend on more than its arguments. */
const impure: readonly [string, RegExp][] = [
  ["a clock", /\b(Date\.now|new Date\(\)|performance\.)/],
  ["a random source of its own", /\b(Math\.random|crypto\.)/],
  ["promises", /\b(async |await |Promise\b)/],
  ["timers", /\b(setTimeout|setInterval|setImmediate|queueMicrotask)\b/],
  ["the process", /\bprocess\./],
];

interface Source {
  readonly path: string;
  readonly text: string;
  readonly imports: readonly string[];
}

const aliases: Record<string, string> = {
  "#protocol/": "protocol/",
  "#firmware/": "firmware-sim/",
  "#gateway/": "gateway/",
  "#dashboard/": "dashboard/",
  "#test/": "test/",
};

/** Project path of an import, or the package's name. */
function resolveImport(from: string, specifier: string): string {
  if (specifier.startsWith(".")) return posix.normalize(posix.join(posix.dirname(from), specifier));
  const alias = Object.keys(aliases).find((prefix) => specifier.startsWith(prefix));
  return alias ? aliases[alias] + specifier.slice(alias.length) : specifier;
}

function sources(): Source[] {
  const top = ["protocol", "firmware-sim", "gateway", "dashboard", "test"];
  return top.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name) && !entry.parentPath.includes("dashboard/dist"))
      .filter((entry) => !/[\\/](dist|\.cache|node_modules)[\\/]/.test(entry.parentPath))
      .map((entry) => {
        const path = relative(root, join(entry.parentPath, entry.name)).replaceAll("\\", "/");
        const text = readFileSync(join(root, path), "utf8");
        const specifiers = [
          ...text.matchAll(/^(?:import|export)\b[^"';]*?from\s+"([^"]+)"|^import\s+"([^"]+)"|\bimport\("([^"]+)"\)/gm),
        ];
        return { path, text, imports: specifiers.map((m) => resolveImport(path, (m[1] ?? m[2] ?? m[3])!)) };
      }),
  );
}

const isTest = (path: string) => /\.test\.tsx?$/.test(path);
const within = (path: string, folder: string) => path === folder || path.startsWith(`${folder}/`);
const ruleOf = (path: string) =>
  Object.keys(mayImport)
    .filter((folder) => within(path, folder))
    .sort((a, b) => b.length - a.length)[0]!;
const isProject = (target: string) => Object.keys(mayImport).some((folder) => within(target, folder));
const stripComments = (text: string) => text.replace(/\/\*[\s\S]*?\*\//g, "").replace(/(^|\s)\/\/.*$/gm, "$1");

/** Everything that is loaded with a file, at once and whatever happens. */
function loadedBy(path: string, found = new Set([path])): string[] {
  const text = all.find((source) => source.path === path)?.text ?? "";
  for (const [, named, bare] of text.matchAll(
    /^(?:import|export) (?!type\b)[^"';]*?from "([^"]+)"|^import "([^"]+)"/gm,
  )) {
    const target = resolveImport(path, (named ?? bare)!);
    if (found.has(target)) continue;
    found.add(target);
    loadedBy(target, found);
  }
  return [...found];
}

const all = sources();
const code = all.filter((source) => !isTest(source.path));

describe("architecture", () => {
  it("has sources to look at", () => {
    expect(code.length).toBeGreaterThan(20);
  });

  it("imports point one way", () => {
    const wrong = code.flatMap(({ path, imports }) => {
      const folder = ruleOf(path);
      const allowed = [folder, ...mayImport[folder]!];
      return imports
        .filter((target) => isProject(target) && !allowed.some((ok) => within(target, ok)))
        .map((target) => `${path} imports ${target}`);
    });
    expect(wrong).toEqual([]);
  });

  it("protocol imports parsing and calendars only", () => {
    const wrong = code
      .filter(({ path }) => within(path, "protocol"))
      .flatMap(({ path, imports }) =>
        imports.filter((t) => !isProject(t) && !protocolPackages.has(t)).map((t) => `${path} imports ${t}`),
      );
    expect(wrong).toEqual([]);
  });

  it("pure folders use no node modules, clocks, randomness, promises or timers", () => {
    const wrong = code
      .filter(({ path }) => pure.some((folder) => within(path, folder)))
      .flatMap(({ path, text, imports }) => [
        ...imports.filter((target) => target.startsWith("node:")).map((target) => `${path} imports ${target}`),
        ...impure.filter(([, pattern]) => pattern.test(stripComments(text))).map(([what]) => `${path} uses ${what}`),
      ]);
    expect(wrong).toEqual([]);
  });

  it("a thread of the gateway's loads no library, unless a setting has chosen one that needs it", () => {
    const threads = code.filter(({ path }) => /^gateway\/.*-?worker\.ts$/.test(path)).map(({ path }) => path);
    expect(threads).toHaveLength(3);
    for (const thread of threads)
      expect({
        thread,
        packages: loadedBy(thread).filter((target) => !isProject(target) && !isBuiltin(target)),
      }).toEqual({
        thread,
        packages: [],
      });
  });

  it("the dashboard takes types, not code, from protocol, and nothing from node in the browser", () => {
    const wrong = code
      .filter(({ path }) => within(path, "dashboard") && !/dashboard\/(build|vite\.config)\.ts$/.test(path))
      .flatMap(({ path, text, imports }) => [
        ...imports.filter((target) => target.startsWith("node:")).map((target) => `${path} imports ${target}`),
        ...[...text.matchAll(/^import (?!type\b)[^;]*from "#protocol\/[^"]+"/gm)].map((m) => `${path}: ${m[0]}`),
      ]);
    expect(wrong).toEqual([]);
  });

  it("server code does not use the browser's globals", () => {
    const wrong = code
      .filter(({ path }) => ["protocol", "firmware-sim", "gateway"].some((folder) => within(path, folder)))
      .filter(({ text }) => /\b(document|localStorage)\.\w/.test(stripComments(text)))
      .map(({ path }) => path);
    expect(wrong).toEqual([]);
  });
});
