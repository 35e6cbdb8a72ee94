using System.Text;
using Platform.Benchmarks.Load;

var port = int.Parse(args[0]);
var auth = args[1];
for (var i = 0; i < 3; i++)
{
    var run = i;
    var result = await ClosedLoop.RunAsync(port, 16, TimeSpan.FromSeconds(5), (c, n) =>
    {
        var body = """{"type":"order","data":{"customer":"c-1001","total":129.95,"currency":"EUR","lines":[{"sku":"A1","qty":2},{"sku":"B2","qty":1}]},"labels":{}}""";
        return Encoding.ASCII.GetBytes($"POST /v1/resources HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {auth}\r\nContent-Type: application/json\r\nIdempotency-Key: {run}-{c}-{n}-{Environment.ProcessId}\r\nContent-Length: {body.Length}\r\n\r\n{body}");
    }, 201);
    Console.WriteLine(result);
}
