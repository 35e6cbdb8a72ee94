// Input: {brokers, topic, count}. Reads a topic from its beginning with kafkajs and prints, for each of the first `count` records, one line of
// JSON: partition, offset, key, and the event as the CloudEvents SDK understands and validates it.
import { createInterface } from "node:readline";
import { CloudEvent, Kafka as Binding } from "cloudevents";
import { Kafka, logLevel } from "kafkajs";

for await (const line of createInterface({ input: process.stdin })) {
  const { brokers, topic, count } = JSON.parse(line);
  const kafka = new Kafka({ clientId: "witness", brokers: brokers.split(","), logLevel: logLevel.NOTHING });
  const consumer = kafka.consumer({ groupId: `witness-${process.pid}` });
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  let left = count;
  await new Promise((resolve, reject) => {
    consumer.on(consumer.events.CRASH, ({ payload }) => reject(payload.error));
    consumer.run({
      eachMessage: async ({ partition, message }) => {
        if (left <= 0) return;
        const headers = Object.fromEntries(Object.entries(message.headers).map(([name, value]) => [name, value.toString()]));
        const record = { partition, offset: message.offset, key: message.key?.toString() };
        try {
          const event = Binding.toEvent({ headers, value: message.value.toString(), key: record.key });
          event.validate();
          console.log(JSON.stringify({ ...record, valid: event instanceof CloudEvent, event: JSON.parse(event.toString()) }));
        } catch (e) {
          console.log(JSON.stringify({ ...record, valid: false, error: e.message, headers }));
        }
        if (--left === 0) resolve();
      },
    }).catch(reject);
  });
  await consumer.disconnect();
}
