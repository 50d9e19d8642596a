/** Version of the software, from package.json. */
import project from "../../package.json" with { type: "json" };

export const softwareVersion: string = `${project.name} ${project.version}`;
