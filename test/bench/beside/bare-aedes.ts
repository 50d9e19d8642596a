/** aedes as its README starts it; says on which port. */
import { createServer } from "node:net";
import { Aedes } from "aedes";

const aedes = await Aedes.createBroker();
const server = createServer(aedes.handle);
server.listen(0, "127.0.0.1", () => {
  const address = server.address();
  if (typeof address === "object" && address) process.stdout.write(`port ${address.port}\n`);
});
process.once("SIGTERM", () => process.exit(0));
