/** Whether a point is what the table of measurements says: asked before any maker writes it. */
import { type FieldValue, HistoryError, type Point } from "./history.ts";
import { type FieldType, measurementNames, shapeOf } from "./measurements.ts";

/** Line protocol cannot carry these in a tag: control characters end the line, a last backslash escapes what follows. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const unfitForTag = /[\u0000-\u001f\u007f]|\\$/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: it is what is looked for
const unfitForField = /\u0000/;

/** As quick to ask as may be: every point is asked. */
const shapes = new Map(
  measurementNames.map((name) => {
    const { tags, fields } = shapeOf(name);
    return [name, { tags, first: Object.keys(fields)[0]!, types: new Map(Object.entries(fields)) }];
  }),
);

/** What is wrong with a point, or undefined. */
export function whyUnfit(point: Point): string | undefined {
  const { tags, first, types } = shapes.get(point.measurement)!;
  if (!Number.isSafeInteger(point.t)) return `time ${point.t} is no whole number of milliseconds`;
  const unfitTags = fitTags.get(point.tags) === tags ? undefined : whyTagsUnfit(point, tags);
  if (unfitTags) return unfitTags;
  if (point.fields[first] === undefined) return `field ${first} is missing`;
  for (const field in point.fields) {
    const type = types.get(field);
    if (type === undefined) return `${field} is no field of ${point.measurement}`;
    if (!isOf(type, point.fields[field])) return `field ${field} is no ${type}`;
  }
  return undefined;
}

/** Tags that have been found fit, and for which list: those of a device are one object, point after point. */
const fitTags = new WeakMap<Point["tags"], readonly string[]>();

function whyTagsUnfit({ measurement, tags: given }: Point, tags: readonly string[]): string | undefined {
  for (const tag of tags) {
    const value = given[tag];
    if (!value) return `tag ${tag} is missing`;
    if (unfitForTag.test(value)) return `tag ${tag} has a character that no tag can carry`;
  }
  for (const tag in given) if (!tags.includes(tag)) return `${tag} is no tag of ${measurement}`;
  if (Object.isFrozen(given)) fitTags.set(given, tags);
  return undefined;
}

/** `refused`, for a point that does not conform. */
export function unfitness(point: Point): HistoryError | undefined {
  const fault = whyUnfit(point);
  return fault === undefined ? undefined : new HistoryError(`${point.measurement} at ${point.t}: ${fault}`, "refused");
}

function isOf(type: FieldType, value: FieldValue | undefined): boolean {
  switch (type) {
    case "float":
      return typeof value === "number" && Number.isFinite(value);
    case "count":
      return Number.isSafeInteger(value);
    case "boolean":
      return typeof value === "boolean";
    case "string":
      return typeof value === "string" && !unfitForField.test(value);
  }
}
