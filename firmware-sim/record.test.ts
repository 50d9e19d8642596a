import { once } from "node:events";
import { PassThrough } from "node:stream";
import { text } from "node:stream/consumers";
import { describe, expect, it } from "vitest";
import { type Publication, writeRecords } from "./record.ts";

const publications = (count: number): Publication[] =>
  Array.from({ length: count }, (_, i) => ({
    at: 1_767_225_600_000 + i,
    topic: "fortrolig/v1/jobcentre/k1/state",
    payload: JSON.stringify({ seq: i, note: '"quoted" \\ back' }),
  }));

describe("records", () => {
  it("are JSON lines that give back what was written, in order", async () => {
    const stream = new PassThrough();
    const read = text(stream);
    expect(await writeRecords(publications(5000), stream)).toBe(5000);
    stream.end();
    const lines = (await read).trimEnd().split("\n");
    expect(lines.map((line) => JSON.parse(line))).toEqual(publications(5000));
  });

  it("are made ahead of who takes them, but not without bound", async () => {
    const stream = new PassThrough();
    let made = 0;
    function* counted() {
      for (const publication of publications(20_000)) {
        made += 1;
        yield publication;
      }
    }
    const writing = writeRecords(counted(), stream, 600_000);
    await once(stream, "readable");
    for (let before = -1; before < made; ) {
      before = made;
      await new Promise(setImmediate);
    }
    // Of 112 to 116 characters each.
    expect(made).toBeGreaterThan(5000);
    expect(made).toBeLessThan(10_000);
    stream.resume();
    await writing;
    expect(made).toBe(20_000);
  });

  it.for(["before", "while"])("tell the fault of the disk, %s it is written", async (when) => {
    const stream = new PassThrough();
    const writing = writeRecords(publications(20_000), stream, 600_000);
    if (when === "while") await once(stream, "readable");
    stream.destroy(new Error("no space left"));
    await expect(writing).rejects.toThrow("no space left");
  });

  it("end with an error when the reader goes away", async () => {
    const stream = new PassThrough();
    const writing = writeRecords(publications(20_000), stream);
    stream.destroy();
    await expect(writing).rejects.toThrow("the reader has gone");
  });
});
