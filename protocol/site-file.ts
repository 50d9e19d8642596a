/** Text of a site file (YAML) → `Site`, or errors that name file, line and key. */
import { type Document, isNode, LineCounter, parseDocument } from "yaml";
import { Site } from "./site.ts";

/** Every fault found in one settings file, one line each: `file:line: key: what is wrong`. */
export class FileError extends Error {
  override readonly name = "FileError";
  readonly problems: readonly string[];
  constructor(problems: readonly string[]) {
    super(problems.join("\n"));
    this.problems = problems;
  }
}

interface Issue {
  readonly path: readonly PropertyKey[];
  readonly message: string;
  readonly code?: string | undefined;
  readonly keys?: readonly string[];
}

/** Parses YAML against a schema; `file` is only named in the errors. Throws `FileError`. */
export function parseYaml<T>(
  text: string,
  file: string,
  schema: { safeParse(value: unknown): { success: true; data: T } | { success: false; error: { issues: Issue[] } } },
): T {
  const lines = new LineCounter();
  const parsed = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  if (parsed.errors.length > 0)
    throw new FileError(parsed.errors.map((e) => `${file}:${lines.linePos(e.pos[0]).line}: ${e.message}`));
  const result = schema.safeParse(parsed.toJS());
  if (result.success) return result.data;
  throw new FileError(
    result.error.issues.flatMap((issue) => {
      const unknown = issue.code === "unrecognized_keys" ? (issue.keys ?? []) : [];
      const places = unknown.length > 0 ? unknown.map((key) => [...issue.path, key]) : [issue.path];
      return places.map((path) => {
        const what = unknown.length > 0 ? "is not a known key" : issue.message;
        return `${file}:${lineOf(parsed, path, lines)}: ${path.join(".") || "the file"}: ${what}`;
      });
    }),
  );
}

/** Line of the deepest part of `path` that the file has. */
function lineOf(parsed: Document, path: readonly PropertyKey[], lines: LineCounter): number {
  for (let depth = path.length; depth >= 0; depth--) {
    const node = depth === 0 ? parsed.contents : parsed.getIn(path.slice(0, depth), true);
    if (isNode(node) && node.range) return lines.linePos(node.range[0]).line;
  }
  return 1;
}

/** Hours can be narrowed until none are left, and nothing is measured; a file that says so has left them out. */
const WrittenSite = Site.superRefine(({ policy, openingHours }, context) => {
  if (policy.measuring === "opening-hours" && Object.keys(openingHours).length === 0)
    context.addIssue({
      code: "custom",
      path: ["policy", "measuring"],
      message: "is opening-hours, and the site has no openingHours",
    });
});

export const parseSite = (text: string, file: string): Site => parseYaml(text, file, WrittenSite);
