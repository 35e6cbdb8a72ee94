// Validates with Ajv. A line of input is {"schema": ..., "instances": [...]}; its line of output is 1 or 0 for each instance, or "refused".
import readline from "node:readline";
import Ajv2020 from "ajv/dist/2020.js";
import addFormats from "ajv-formats";

for await (const line of readline.createInterface({ input: process.stdin })) {
  const { schema, instances } = JSON.parse(line);
  const ajv = addFormats(new Ajv2020({ strict: false, allErrors: false, logger: false, ownProperties: true }));
  try {
    const validate = ajv.compile(schema);
    console.log(instances.map((instance) => (validate(instance) ? "1" : "0")).join(""));
  } catch (error) {
    console.log("refused");
  }
}
