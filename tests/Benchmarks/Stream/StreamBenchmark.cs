using System.Diagnostics;
using Npgsql;
using Platform.Benchmarks.Paths;
using Platform.Contracts.Events;
using Platform.Embedded;
using Platform.Eventing.Outbox;
using Platform.Testing;

namespace Platform.Benchmarks.Stream;

/// <summary>
/// Events a second from an outbox through the relay and the stream to a consumer that does nothing, and the time from a commit to the consumer,
/// on PostgreSQL and on Kafka (librdkafka's mock cluster: three brokers over TCP that keep everything in memory) in turns within one run,
/// against the floor of raw multi-row inserts of the same rows. Everything shares this machine.
/// </summary>
internal static class StreamBenchmark
{
    private const int Events = 100_000;
    private const int Rounds = 3;
    private const int RowsAnInsert = 500;
    private static readonly byte[] Data = new byte[200];

    public static async Task<int> RunAsync()
    {
        var table = new ResultTable();
        var data = TemporaryFolder.Create();

        Data.AsSpan().Fill((byte)'x');
        Data[0] = Data[^1] = (byte)'"';
        try
        {
            await using var postgres = await EmbeddedPostgres.StartAsync(new EmbeddedPostgresOptions { DataDirectory = data }, CancellationToken.None);
            await MeasureAsync(postgres.ConnectionString, table);
        }
        finally
        {
            Directory.Delete(data, recursive: true);
        }

        Console.WriteLine(table);
        return 0;
    }

    private static async Task MeasureAsync(string database, ResultTable table)
    {
        // A first pass of everything that is not counted.
        await FloorAsync(database);
        var rates = new Dictionary<string, List<double>>(StringComparer.Ordinal);
        for (var round = -1; round < Rounds; round++)
        {
            foreach (var (name, kafka, inbox) in Variants())
            {
                using (kafka)
                {
                    var (drain, through) = await ThroughAsync(database, Connection(kafka), inbox);
                    if (round >= 0)
                    {
                        Note(name + ", relay and consumer", drain);
                        Note(name + ", outbox to consumer", through);
                    }
                }
            }

            var floor = await FloorAsync(database);
            if (round >= 0)
            {
                Note("floor", floor);
            }
        }

        table.Add("floor: raw inserts of the same rows, 500 a statement, one commit each", $"{Median(rates["floor"]):0}/s");
        foreach (var (name, values) in rates.Where(r => r.Key != "floor"))
        {
            table.Add(name, $"{Median(values):0}/s = {Median(values.Zip(rates["floor"], (v, f) => v / f)):P0} of the floor", Budget(name));
        }

        foreach (var (name, kafka, inbox) in Variants().Where(v => v.Inbox))
        {
            using (kafka)
            {
                var (p50, p99) = await LatencyAsync(database, Connection(kafka), inbox);
                table.Add(name + ", commit to consumer at 200/s", $"p50 {p50:0.0} ms, p99 {p99:0.0} ms", "p50 <= 3 ms, p99 <= 12 ms");
            }
        }

        void Note(string name, double rate)
        {
            if (!rates.TryGetValue(name, out var values))
            {
                rates[name] = values = [];
            }

            values.Add(rate);
            Console.Error.WriteLine($"  {name}: {rate:0}/s");
        }
    }

    private static IEnumerable<(string Name, MockKafka? Kafka, bool Inbox)> Variants()
    {
        yield return ("PostgreSQL", null, true);
        yield return ("Kafka", new MockKafka(), true);
        yield return ("PostgreSQL without inbox", null, false);
        yield return ("Kafka without inbox", new MockKafka(), false);
    }

    /// <summary>The mock answers a fetch that finds nothing only when its wait is over, where a broker answers with the next record: so the wait is short.</summary>
    private static string? Connection(MockKafka? kafka) => kafka is null ? null : $"bootstrap.servers={kafka.BootstrapServers};fetch.wait.max.ms=2";

    private static string Budget(string name) =>
        !name.EndsWith("relay and consumer", StringComparison.Ordinal) ? "" : name.StartsWith("Kafka", StringComparison.Ordinal) ? "> 50 K/s" : "> 30 K/s";

    /// <summary>First a full outbox that is worked off, then events that are written while they are worked off.</summary>
    private static async Task<(double Drain, double Through)> ThroughAsync(string database, string? kafka, bool inbox)
    {
        await ResetAsync(database);
        await using var node = await StreamNode.StartAsync(database, kafka, inbox);
        await WriteAsync(database, "bench.outbox", Events, wake: null);
        var started = Stopwatch.GetTimestamp();
        await node.StartWorkAsync();
        var joined = await ArriveAsync(node, 1);
        await ArriveAsync(node, Events);

        // Joining the group and taking the lead is not the path.
        var drain = (Events - joined) / Stopwatch.GetElapsedTime(Math.Max(started, _lastArrival)).TotalSeconds;

        started = Stopwatch.GetTimestamp();
        await WriteAsync(database, "bench.outbox", Events, node.Database.OutboxWritten.Set);
        await ArriveAsync(node, 2 * Events);
        return (drain, Events / Stopwatch.GetElapsedTime(started).TotalSeconds);
    }

    private static long _lastArrival;

    private static async Task<long> ArriveAsync(StreamNode node, long count)
    {
        var deadline = Stopwatch.GetTimestamp() + (120 * Stopwatch.Frequency);
        while (node.Handler.Count < count)
        {
            if (Stopwatch.GetTimestamp() > deadline)
            {
                throw new TimeoutException($"{node.Handler.Count} of {count} events arrived.");
            }

            await Task.Delay(1);
        }

        if (count == 1)
        {
            _lastArrival = Stopwatch.GetTimestamp();
        }

        return node.Handler.Count;
    }

    private static async Task<(double P50, double P99)> LatencyAsync(string database, string? kafka, bool inbox)
    {
        await ResetAsync(database);
        await using var node = await StreamNode.StartAsync(database, kafka, inbox);
        await node.StartWorkAsync();
        await WriteAsync(database, "bench.outbox", 2000, node.Database.OutboxWritten.Set);
        await ArriveAsync(node, 2000);
        var arrivals = node.Handler.Arrivals = new();
        var committed = new List<(Guid Id, long At)>();
        await using var connection = new NpgsqlConnection(database);
        await connection.OpenAsync();
        var pace = Stopwatch.GetTimestamp();
        for (var i = 0; i < 2000; i++)
        {
            var message = Message(i);
            await using var batch = new NpgsqlBatch(connection);
            OutboxWriter.Append(batch, "bench", message);
            await batch.ExecuteNonQueryAsync();
            committed.Add((message.Id, Stopwatch.GetTimestamp()));
            node.Database.OutboxWritten.Set();
            pace += Stopwatch.Frequency / 200;
            if (Stopwatch.GetElapsedTime(Stopwatch.GetTimestamp(), pace) is { Ticks: > 0 } rest)
            {
                await Task.Delay(rest);
            }
        }

        await ArriveAsync(node, 4000);
        var latencies = committed.Select(c => Stopwatch.GetElapsedTime(c.At, arrivals[c.Id]).TotalMilliseconds).Order().ToArray();
        return (latencies[latencies.Length / 2], latencies[latencies.Length * 99 / 100]);
    }

    private static async Task<double> FloorAsync(string database)
    {
        await using (var connection = new NpgsqlConnection(database))
        {
            await connection.OpenAsync();
            await using var prepare = new NpgsqlCommand("""
                CREATE SCHEMA IF NOT EXISTS floor;
                DROP TABLE IF EXISTS floor.outbox;
                CREATE TABLE floor.outbox (position bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, topic text NOT NULL, partition int NOT NULL, key text NOT NULL,
                    id uuid NOT NULL, headers json NOT NULL, payload bytea NOT NULL, created_at timestamptz NOT NULL DEFAULT now());
                """, connection);
            await prepare.ExecuteNonQueryAsync();
        }

        var started = Stopwatch.GetTimestamp();
        await WriteAsync(database, "floor.outbox", Events, wake: null);
        return Events / Stopwatch.GetElapsedTime(started).TotalSeconds;
    }

    private static async Task WriteAsync(string database, string table, int count, Action? wake)
    {
        await using var connection = new NpgsqlConnection(database);
        await connection.OpenAsync();
        for (var written = 0; written < count; written += RowsAnInsert)
        {
            var messages = Enumerable.Range(written, Math.Min(RowsAnInsert, count - written)).Select(Message).ToArray();
            await using var batch = new NpgsqlBatch(connection);
            OutboxWriter.AppendMany(batch, table[..table.IndexOf('.', StringComparison.Ordinal)], messages);
            await batch.ExecuteNonQueryAsync();
            wake?.Invoke();
        }
    }

    private static OutboxMessage Message(int number) =>
        OutboxMessage.FromJson(EventTypes.ResourceUpdated, Topics.Core, "bench", Guid.Empty, $"res_{number % 1000}", Data, TimeProvider.System);

    private static async Task ResetAsync(string database)
    {
        await using var connection = new NpgsqlConnection(database);
        await connection.OpenAsync();
        await using var drop = new NpgsqlCommand("DROP SCHEMA IF EXISTS bench CASCADE; DROP SCHEMA IF EXISTS stream CASCADE", connection);
        await drop.ExecuteNonQueryAsync();
    }

    private static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        return sorted[sorted.Length / 2];
    }
}
