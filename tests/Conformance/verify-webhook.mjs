// Reads {secret, headers, body} as JSON, one object a line, and says for each what the reference library of Standard Webhooks and
// the one of Svix make of it, a line each: "ok", or "fail" with its reason.
import { createInterface } from "node:readline";
import { Webhook as Standard } from "standardwebhooks";
import { Webhook as Svix } from "svix";

for await (const line of createInterface({ input: process.stdin })) {
  const { secret, headers, body } = JSON.parse(line);
  for (const [name, Webhook] of [["standardwebhooks", Standard], ["svix", Svix]]) {
    try {
      new Webhook(secret).verify(body, headers);
      console.log(`${name} ok`);
    } catch (e) {
      console.log(`${name} fail ${e.message.replaceAll("\n", " ")}`);
    }
  }
}
