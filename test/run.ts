/** `npm test`: services, types, lint, dashboard build, every test; ends with the plain line `N passed, N failed`. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const root = join(import.meta.dirname, "..");
const bin = (name: string) => join(root, "node_modules", ".bin", name);
const scratch = mkdtempSync(join(tmpdir(), "fortrolig-test-"));
const results = join(scratch, "results.json");

/** Checks that are no vitest tests count as one each. */
const steps: readonly [string, string, readonly string[]][] = [
  ["services", "bash", ["test/services/install.sh"]],
  ["types", bin("tsc"), []],
  ["lint", bin("biome"), ["check", "."]],
  ["dashboard build", process.execPath, ["dashboard/build.ts"]],
  ["tests", bin("vitest"), ["run", "--reporter=default", "--reporter=json", `--outputFile.json=${results}`]],
];

let passed = 0;
let failed = 0;
for (const [name, command, args] of steps) {
  const started = performance.now();
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: "inherit" });
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  if (name !== "tests") {
    if (status === 0) passed++;
    else failed++;
    process.stdout.write(
      `${status === 0 ? "ok" : "FAILED"}: ${name} (${seconds} s)${error ? `: ${error.message}` : ""}\n`,
    );
    // Without its services no test can tell the truth.
    if (name === "services" && status !== 0) break;
    continue;
  }
  const counted = countResults();
  passed += counted.passed;
  failed += counted.failed + (status !== 0 && counted.failed === 0 ? 1 : 0);
}
rmSync(scratch, { recursive: true });
process.stdout.write(`\n${passed} passed, ${failed} failed\n`);
process.exitCode = failed === 0 && passed > 0 ? 0 : 1;

function countResults(): { passed: number; failed: number } {
  try {
    const report = JSON.parse(readFileSync(results, "utf8")) as {
      numPassedTests: number;
      numFailedTests: number;
      numPendingTests: number;
      numTodoTests: number;
    };
    // A skipped test has shown nothing, so it counts as a failed one.
    return {
      passed: report.numPassedTests,
      failed: report.numFailedTests + report.numPendingTests + report.numTodoTests,
    };
  } catch {
    return { passed: 0, failed: 1 };
  }
}
