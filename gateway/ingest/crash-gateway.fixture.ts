/** A process for acknowledged.test.ts: broker, ingest and journal in `folder`; says its port, and waits to be killed. */
import { systemClock } from "../clock.ts";
import { openJournal } from "../journal/open-journal.ts";
import { openEmbeddedBroker } from "./embedded-broker.ts";
import { createIngest } from "./ingest.ts";
import { site } from "./sample.fixture.ts";

const journal = await openJournal(process.argv[2]!);
const broker = await openEmbeddedBroker({ host: "127.0.0.1", port: 0, site });
const publish: Parameters<typeof createIngest>[0]["publish"] = (...said) => void broker.publish(...said);
const ingest = createIngest({ site, journal, clock: systemClock, publish, onStored: () => {} });
broker.onMessages((messages) => ingest.receiveAll(messages, Date.now()));
console.log(broker.url);
