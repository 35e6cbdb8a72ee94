// Input, one JSON a line: {brokers, topic, key, headers, value, times}. Publishes the record with kafkajs `times` times and prints "ok".
import { createInterface } from "node:readline";
import { Kafka, logLevel, Partitioners } from "kafkajs";

for await (const line of createInterface({ input: process.stdin })) {
  const { brokers, topic, key, headers, value, times } = JSON.parse(line);
  const kafka = new Kafka({ clientId: "witness", brokers: brokers.split(","), logLevel: logLevel.NOTHING });
  const producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner });
  await producer.connect();
  for (let i = 0; i < times; i++) {
    await producer.send({ topic, messages: [{ key, headers, value }] });
  }
  await producer.disconnect();
  console.log("ok");
}
