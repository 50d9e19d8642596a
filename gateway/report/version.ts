/** Version of the software, from package.json. */
import project from "../../package.json" with { type: "json" };

export const version: string = project.version;
export const softwareVersion: string = `${project.name} ${version}`;
