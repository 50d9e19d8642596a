/**
 * `npm test`: services, types, lint, dashboard build, every test; ends with the plain line `N passed, N failed`.
 * Journeys mostly wait for the clock, parts for the processor, so that they go on beside each other, journeys first where
 * both want it: they are of real time. What they say follows when both are over.
 */
import { type SpawnOptions, spawn } from "node:child_process";
import { mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { getPriority, setPriority, tmpdir } from "node:os";
import { join } from "node:path";

const root = join(import.meta.dirname, "..");
const bin = (name: string) => join(root, "node_modules", ".bin", name);
const scratch = mkdtempSync(join(tmpdir(), "fortrolig-test-"));
/** The attack needs a recogniser that not every system has (test/attack); everything else has what it needs. */
const MAY_BE_SKIPPED = /[\\/]test[\\/]attack[\\/]/;

const PARTS_NICE = 10;

let passed = 0;
let failed = 0;
let skipped = 0;

/** Checks that are no vitest tests count as one each. */
const checks: readonly [string, string, readonly string[]][] = [
  ["services", "bash", ["test/services/install.sh"]],
  ["types", bin("tsc"), []],
  ["lint", bin("biome"), ["check", "."]],
  ["dashboard build", process.execPath, ["dashboard/build.ts"]],
];
// Without its services no test can tell the truth.
if (await check(...checks[0]!)) {
  for (const one of checks.slice(1)) await check(...one);
  const said = join(scratch, "journeys.txt");
  const journeys = tests("journeys", openSync(said, "w"));
  await tests("parts", "inherit", PARTS_NICE);
  await journeys;
  process.stdout.write(readFileSync(said));
}
rmSync(scratch, { recursive: true });
if (skipped > 0) process.stdout.write(`\n${skipped} skipped: what needs pocketsphinx\n`);
process.stdout.write(`\n${passed} passed, ${failed} failed\n`);
process.exitCode = failed === 0 && passed > 0 ? 0 : 1;

async function check(name: string, command: string, args: readonly string[]): Promise<boolean> {
  const started = performance.now();
  const { status, trouble } = await run(command, args, "inherit");
  if (status === 0) passed++;
  else failed++;
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  process.stdout.write(`${status === 0 ? "ok" : "FAILED"}: ${name} (${seconds} s)${trouble}\n`);
  return status === 0;
}

/** One of the projects of vitest.config.ts. */
async function tests(project: string, output: number | "inherit", nice = 0): Promise<void> {
  const results = join(scratch, `${project}.json`);
  const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${results}`];
  const { status } = await run(bin("vitest"), ["run", "--project", project, ...reporters], output, nice);
  const counted = countResults(results);
  passed += counted.passed;
  skipped += counted.skipped;
  failed += counted.failed + (status !== 0 && counted.failed === 0 ? 1 : 0);
}

function run(command: string, args: readonly string[], output: number | "inherit", nice = 0) {
  const stdio: SpawnOptions["stdio"] = ["inherit", output, output];
  return new Promise<{ status: number | null; trouble: string }>((resolve) => {
    const child = spawn(command, args, { cwd: root, stdio });
    if (child.pid !== undefined && nice > getPriority()) setPriority(child.pid, nice);
    child
      .once("error", ({ message }) => resolve({ status: null, trouble: `: ${message}` }))
      .once("close", (status) => resolve({ status, trouble: "" }));
  });
}

function countResults(results: string): { passed: number; failed: number; skipped: number } {
  try {
    const report = JSON.parse(readFileSync(results, "utf8")) as {
      testResults: { name: string; assertionResults: { status: string }[] }[];
    };
    const counted = { passed: 0, failed: 0, skipped: 0 };
    for (const { name, assertionResults } of report.testResults)
      for (const { status } of assertionResults)
        if (status === "passed") counted.passed++;
        else if (status !== "failed" && MAY_BE_SKIPPED.test(name)) counted.skipped++;
        // Elsewhere a skipped test has shown nothing, so it counts as a failed one.
        else counted.failed++;
    return counted;
  } catch {
    return { passed: 0, failed: 1, skipped: 0 };
  }
}
