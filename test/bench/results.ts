/** The figures as a page that people read: RESULTS.md. */
import { type Figure, told } from "./figure.ts";

export function resultsPage(figures: readonly Figure[], machine: Readonly<Record<string, string>>, at: Date): string {
  return `# Results

Made by \`npm run bench\` on ${at.toISOString().slice(0, 10)}; what is measured and how: [README](README.md). Load generators and databases run on the same
cores as the gateway.

${table(["", ""], Object.entries(machine))}

## Against DESIGN §8

${table(
  ["", "measured", "goal", "", "lost", "least and greatest run"],
  figures.map((figure) => {
    const { least, greatest, runs } = figure.conditions;
    return [
      `[${figure.title}](#${figure.name})`,
      `**${told(figure.value)} ${figure.unit}**`,
      `${figure.reach === "at least" ? "≥" : "≤"} ${told(figure.goal)}`,
      figure.reached ? "reached" : "**not reached**",
      String(figure.lost),
      Number(runs) > 1 ? `${told(Number(least))} … ${told(Number(greatest))} of ${runs}` : "one run",
    ];
  }),
)}

${figures.map(section).join("\n\n")}
`;
}

const TOLD_ABOVE = new Set(["lost", "runs", "least", "greatest"]);

function section({ name, value, unit, conditions, beside }: Figure): string {
  const how = Object.entries(conditions).filter(([key]) => !TOLD_ABOVE.has(key));
  const others = beside.map((one) => [one.name, `${told(one.value)} ${one.unit}`, one.conditions ?? ""]);
  return [
    `## ${name}`,
    table(
      ["condition", ""],
      how.map(([key, value]) => [inWords(key), typeof value === "number" ? told(value) : value]),
    ),
    ...(others.length > 0
      ? [table(["beside it", "", ""], [["Fortrolig", `${told(value)} ${unit}`, ""], ...others])]
      : []),
  ].join("\n\n");
}

/** `gatewayCpu` → `gateway cpu` */
const inWords = (key: string): string => key.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);

const table = (head: readonly string[], lines: readonly (readonly string[])[]): string =>
  [head, head.map(() => "---"), ...lines].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
