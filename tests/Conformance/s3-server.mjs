// An S3 server that others wrote, for the object store's conformance suite: node s3-server.mjs <folder> <bucket> [port]. Prints its port and runs until its
// input ends, so that it does not outlive whoever started it.
import S3rver from "s3rver";

const [directory, bucket, port] = process.argv.slice(2);
const server = new S3rver({
  address: "127.0.0.1",
  port: Number(port ?? 0),
  silent: true,
  directory,
  vhostBuckets: false,
  configureBuckets: [{ name: bucket }],
});
const address = await server.run();
console.log(address.port);
process.stdin.resume();
process.stdin.on("end", () => process.exit(0));
