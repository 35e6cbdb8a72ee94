// Reads {secret, headers, body} as JSON, one object a line, and says for each whether the reference library of Standard
// Webhooks accepts it: "ok", or "fail" with its reason.
import { createInterface } from "node:readline";
import { Webhook } from "standardwebhooks";

for await (const line of createInterface({ input: process.stdin })) {
  const { secret, headers, body } = JSON.parse(line);
  try {
    new Webhook(secret).verify(body, headers);
    console.log("ok");
  } catch (e) {
    console.log(`fail ${e.message}`);
  }
}
