using System.Collections.Concurrent;
using System.Diagnostics;
using Npgsql;
using Platform.Eventing.Outbox;
using Platform.Faults.Host;
using Platform.Testing;

namespace Platform.Faults;

/// <summary>
/// Counts at the source: writers that commit numbered events of their keys at a steady rate, and what was acknowledged. An
/// event whose commit got no answer may be there or not, but never twice; its number is not used again.
/// </summary>
internal sealed class Ledger : IAsyncDisposable
{
    private const int Keys = 40;
    private const int Writers = 4;
    private const int EventsOfTransaction = 5;
    private readonly NpgsqlDataSource _source;
    private readonly ConcurrentDictionary<string, Account> _accounts = new(StringComparer.Ordinal);
    private readonly CancellationTokenSource _stopping = new();
    private Task _writing = Task.CompletedTask;

    public Ledger(TestDatabase database) =>
        _source = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(database.ConnectionString) { MaxPoolSize = 20, MaxAutoPrepare = 20, AutoPrepareMinUsages = 2 });

    /// <summary>What was tried and acknowledged, by key.</summary>
    public IReadOnlyDictionary<string, Account> Accounts => _accounts;

    public int Acknowledged => _accounts.Values.Sum(a => a.AcknowledgedCount);

    public int Unanswered => _accounts.Values.Sum(a => a.Attempted) - Acknowledged;

    /// <summary>Writes until <see cref="StopAsync"/>.</summary>
    /// <param name="rate">Events per second.</param>
    public async Task StartAsync(int rate)
    {
        var keys = Enumerable.Range(0, Keys).Select(k => $"key{k}").ToArray();
        await OpenAsync(keys);
        var pause = TimeSpan.FromSeconds((double)Writers * EventsOfTransaction / rate);
        _writing = Task.WhenAll(keys.Chunk(Keys / Writers).Select(own => Task.Run(() => WriteAsync(own, pause))));
    }

    /// <summary>Accounts of keys that the caller writes by itself.</summary>
    public async Task OpenAsync(params string[] keys)
    {
        await using var insert = _source.CreateCommand("INSERT INTO ledger.aggregate (key) SELECT unnest($1::text[])");
        insert.Parameters.Add(new() { Value = keys });
        await insert.ExecuteNonQueryAsync();
        foreach (var key in keys)
        {
            _accounts[key] = new();
        }
    }

    /// <summary>Locks the key's row, draws the next number and the position, and leaves the transaction open.</summary>
    public async Task<OpenEntry> BeginAsync(string key)
    {
        var connection = await _source.OpenConnectionAsync();
        var transaction = await connection.BeginTransactionAsync();
        await using var rowLock = new NpgsqlCommand("SELECT key FROM ledger.aggregate WHERE key = $1 FOR UPDATE", connection) { Parameters = { new() { Value = key } } };
        await rowLock.ExecuteScalarAsync();
        var n = _accounts[key].Next();
        await using var batch = new NpgsqlBatch(connection);
        OutboxWriter.Append(batch, LedgerDatabase.Name, LedgerEvents.Entry(key, n));
        await batch.ExecuteNonQueryAsync();
        return new(connection, transaction, () => _accounts[key].Acknowledge(n));
    }

    public Task<NpgsqlConnection> ConnectAsync() => _source.OpenConnectionAsync().AsTask();

    public async Task StopAsync()
    {
        await _stopping.CancelAsync();
        await _writing;
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _stopping.Dispose();
        await _source.DisposeAsync();
    }

    private async Task WriteAsync(string[] keys, TimeSpan pause)
    {
        for (var turn = 0; !_stopping.IsCancellationRequested; turn++)
        {
            var started = Stopwatch.GetTimestamp();
            var entries = keys.Skip(turn * EventsOfTransaction % keys.Length).Take(EventsOfTransaction).Select(k => (Key: k, N: _accounts[k].Next())).ToArray();
            try
            {
                await CommitAsync(entries);
                foreach (var (key, n) in entries)
                {
                    _accounts[key].Acknowledge(n);
                }
            }
            catch (Exception e) when (e is NpgsqlException or TimeoutException)
            {
                await Task.Delay(50);
            }

            if (pause - Stopwatch.GetElapsedTime(started) is { Ticks: > 0 } rest)
            {
                await Task.Delay(rest);
            }
        }
    }

    private async Task CommitAsync((string Key, int N)[] entries)
    {
        await using var connection = await _source.OpenConnectionAsync();
        await using var batch = new NpgsqlBatch(connection);
        batch.BatchCommands.Add(new("SELECT key FROM ledger.aggregate WHERE key = ANY($1) ORDER BY key FOR UPDATE")
        {
            Parameters = { new() { Value = entries.Select(e => e.Key).ToArray() } },
        });
        OutboxWriter.AppendMany(batch, LedgerDatabase.Name, [.. entries.Select(e => LedgerEvents.Entry(e.Key, e.N))]);
        await batch.ExecuteNonQueryAsync();
    }

    /// <summary>One key's numbers. Written by one at a time: the holder of the key's row.</summary>
    internal sealed class Account
    {
        private readonly HashSet<int> _acknowledged = [];
        private int _attempted;
        private int _count;

        public int Attempted => Volatile.Read(ref _attempted);
        public int AcknowledgedCount => Volatile.Read(ref _count);

        /// <summary>Only after the writers stopped.</summary>
        public IReadOnlySet<int> Acknowledged => _acknowledged;

        public int Next() => Interlocked.Increment(ref _attempted);

        public void Acknowledge(int n)
        {
            lock (_acknowledged)
            {
                _acknowledged.Add(n);
            }

            Interlocked.Increment(ref _count);
        }
    }
}

/// <summary>A transaction that has its position in the outbox and is not committed.</summary>
internal sealed record OpenEntry(NpgsqlConnection Connection, NpgsqlTransaction Transaction, Action Acknowledge)
{
    public async Task CommitAsync()
    {
        await Transaction.CommitAsync();
        Acknowledge();
        await Connection.DisposeAsync();
    }
}
