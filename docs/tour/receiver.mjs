// A webhook receiver: verifies what arrives with the public Standard Webhooks library and prints a line for each.
// Usage: node receiver.mjs PORT SECRET
import { createServer } from 'node:http';
import { Webhook } from 'standardwebhooks';

const [port, secret] = process.argv.slice(2);
const webhook = new Webhook(secret);

createServer((request, response) => {
  const chunks = [];
  request.on('data', chunk => chunks.push(chunk));
  request.on('end', () => {
    try {
      const event = webhook.verify(Buffer.concat(chunks).toString(), request.headers);
      console.log(`verified ${event.type} ${event.data.id ?? ''}`);
      response.writeHead(204).end();
    } catch (error) {
      console.log(`refused: ${error.message}`);
      response.writeHead(400).end();
    }
  });
}).listen(Number(port), '127.0.0.1');
