using System.Collections.Concurrent;
using System.Security.Cryptography;
using Npgsql;
using Platform.Eventing.Database;

namespace Platform.Eventing.Streams.Postgres;

/// <summary>
/// Who is alive in a consumer group: each member holds an advisory lock (group, member) on a session of its own, and the
/// members are the locks that are granted. A member that dies takes its lock with it at once; no lease has to run out.
/// </summary>
internal sealed class MembershipSession : IAsyncDisposable
{
    /// <summary>All groups share the session: a server that hangs must not hold them up for long.</summary>
    private const int TimeoutSeconds = 5;
    private readonly ConcurrentDictionary<string, Session> _sessions = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, int> _members = new(StringComparer.Ordinal);

    /// <summary>Takes part in <paramref name="group"/> as <paramref name="member"/> (again, after a lost session) and returns the members in a fixed order.</summary>
    public Task<int[]> JoinAsync(string connectionString, string group, int member, CancellationToken cancellationToken) =>
        For(connectionString).JoinAsync(GroupKey(group), member, cancellationToken);

    /// <summary>Leaves; the others take over at their next look.</summary>
    public Task LeaveAsync(string connectionString, string group, int member) => For(connectionString).LeaveAsync(GroupKey(group), member);

    /// <summary>This process's number in a group: the same after a failure, so that the others keep their shares.</summary>
    public int MemberOf(string group) => _members.GetOrAdd(group, _ => RandomNumberGenerator.GetInt32(1, int.MaxValue));

    public async ValueTask DisposeAsync()
    {
        foreach (var session in _sessions.Values)
        {
            await session.DisposeAsync();
        }
    }

    private Session For(string connectionString) => _sessions.GetOrAdd(connectionString, c => new(Settings(c)));

    private static string Settings(string connectionString) =>
        new NpgsqlConnectionStringBuilder(DataSources.Dedicated(connectionString)) { Timeout = TimeoutSeconds, CommandTimeout = TimeoutSeconds }.ConnectionString;

    private static int GroupKey(string group) => (int)(Outbox.Partitioner.Murmur2(System.Text.Encoding.UTF8.GetBytes("platform.group." + group)) & 0x7fffffff);

    private sealed class Session(string connectionString) : IAsyncDisposable
    {
        private readonly SemaphoreSlim _gate = new(1, 1);
        private readonly HashSet<(int, int)> _held = [];
        private NpgsqlConnection? _connection;

        public async Task<int[]> JoinAsync(int group, int member, CancellationToken cancellationToken)
        {
            await _gate.WaitAsync(cancellationToken);
            try
            {
                var connection = await OpenAsync(cancellationToken);
                if (!_held.Contains((group, member)))
                {
                    await using var acquire = new NpgsqlCommand($"SELECT pg_try_advisory_lock({group}, {member})", connection);
                    if (await acquire.ExecuteScalarAsync(cancellationToken) is true)
                    {
                        _held.Add((group, member));
                    }
                }

                await using var members = new NpgsqlCommand("""
                    SELECT objid::bigint::int FROM pg_locks
                    WHERE locktype = 'advisory' AND objsubid = 2 AND granted AND classid = $1::bigint::oid
                      AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
                    ORDER BY 1
                    """, connection)
                {
                    Parameters = { new NpgsqlParameter<long> { TypedValue = group } },
                };
                await using var reader = await members.ExecuteReaderAsync(cancellationToken);
                var result = new List<int>();
                while (await reader.ReadAsync(cancellationToken))
                {
                    result.Add(reader.GetInt32(0));
                }

                return [.. result];
            }
            catch
            {
                await CloseAsync();
                throw;
            }
            finally
            {
                _gate.Release();
            }
        }

        public async Task LeaveAsync(int group, int member)
        {
            await _gate.WaitAsync();
            try
            {
                if (_connection is not null && _held.Remove((group, member)))
                {
                    await using var release = new NpgsqlCommand($"SELECT pg_advisory_unlock({group}, {member})", _connection);
                    await release.ExecuteNonQueryAsync();
                }
            }
            catch (Exception)
            {
                // The session is broken, in whatever way: closing it gives the lock up.
                await CloseAsync();
            }
            finally
            {
                _gate.Release();
            }
        }

        public async ValueTask DisposeAsync()
        {
            await CloseAsync();
            _gate.Dispose();
        }

        private async Task<NpgsqlConnection> OpenAsync(CancellationToken cancellationToken)
        {
            if (_connection is null)
            {
                // Kept before it is open, so that a failure to open closes it as any other failure does.
                _connection = new NpgsqlConnection(connectionString);
                await _connection.OpenAsync(cancellationToken);
            }

            return _connection;
        }

        private async Task CloseAsync()
        {
            _held.Clear();
            if (_connection is { } connection)
            {
                _connection = null;
                await connection.DisposeAsync();
            }
        }
    }
}
