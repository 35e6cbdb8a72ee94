using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Text.Json;
using Npgsql;
using Platform.CoreApi.ResourceTypes.Schemas;
using Platform.ServiceDefaults.Hosting;
using Platform.ServiceDefaults.Problems;

namespace Platform.CoreApi.ResourceTypes;

/// <summary>
/// The schemas of all types, as far as this process needs them: which types have one is known beforehand, so that a type without costs a
/// look into a table; a schema is read and compiled at its first use. One number in the database moves with each change, and
/// is looked at four times a second. A write that finds the last look older than <see cref="Fresh"/> looks itself: no
/// instance goes by a schema that was replaced more than a second ago, also when its background work hangs.
/// </summary>
internal sealed class TypeSchemas(CoreDatabase database, TimeProvider clock) : IStartupTask
{
    private static readonly TimeSpan Fresh = TimeSpan.FromMilliseconds(750);
    private readonly SemaphoreSlim _looking = new(1, 1);
    private readonly ConcurrentDictionary<(Guid, string), Compiled> _compiled = new();
    private FrozenDictionary<(Guid Tenant, string Type), long> _revisions = FrozenDictionary<(Guid, string), long>.Empty;
    private long _epoch = -1;
    private long _lookedAt;
    private long _changes = 1;
    private long _changesSeen;

    private bool IsFresh => Volatile.Read(ref _changesSeen) == Volatile.Read(ref _changes) && clock.GetElapsedTime(Volatile.Read(ref _lookedAt)) <= Fresh;

    /// <summary>Before the first request.</summary>
    public Task RunAsync(CancellationToken cancellationToken) => LookAsync(always: true, cancellationToken);

    /// <summary>The next write looks again, whatever the time: this process changed a type.</summary>
    public void Invalidate() => Interlocked.Increment(ref _changes);

    /// <summary>Every fault of the data, with pointers that begin with <c>/data</c>; null when it is valid or its type has no schema.</summary>
    public async ValueTask<Problem?> CheckAsync(Guid tenant, string type, JsonElement data, CancellationToken cancellationToken) =>
        await FindAsync(tenant, type, cancellationToken) is { } schema && schema.Faults(data, "/data") is { Count: > 0 } faults
            ? KnownProblems.Validation(faults)
            : null;

    /// <inheritdoc cref="CheckAsync(Guid, string, JsonElement, CancellationToken)"/>
    public async ValueTask<Problem?> CheckAsync(Guid tenant, string type, ReadOnlyMemory<byte> data, CancellationToken cancellationToken)
    {
        if (await FindAsync(tenant, type, cancellationToken) is not { } schema)
        {
            return null;
        }

        using var document = JsonDocument.Parse(data);
        return schema.Faults(document.RootElement, "/data") is { Count: > 0 } faults ? KnownProblems.Validation(faults) : null;
    }

    /// <summary>Looks whether anything changed, and reads which types have a schema when it did.</summary>
    /// <param name="always">Also when somebody else has just looked.</param>
    internal async Task LookAsync(bool always, CancellationToken cancellationToken)
    {
        await _looking.WaitAsync(cancellationToken);
        try
        {
            if (IsFresh && !always)
            {
                return;
            }

            // What is seen is as of now; a change that comes while it is read is not seen yet.
            var now = clock.GetTimestamp();
            var changes = Volatile.Read(ref _changes);
            await ReadAsync(cancellationToken);
            Volatile.Write(ref _lookedAt, now);
            Volatile.Write(ref _changesSeen, changes);
        }
        finally
        {
            _looking.Release();
        }
    }

    private async ValueTask<JsonSchema?> FindAsync(Guid tenant, string type, CancellationToken cancellationToken)
    {
        if (!IsFresh)
        {
            await LookAsync(always: false, cancellationToken);
        }

        if (!_revisions.TryGetValue((tenant, type), out var revision))
        {
            return null;
        }

        return _compiled.TryGetValue((tenant, type), out var compiled) && compiled.Revision >= revision
            ? compiled.Schema
            : await CompileAsync(tenant, type, cancellationToken);
    }

    private async Task ReadAsync(CancellationToken cancellationToken)
    {
        await using var look = database.System.CreateCommand("SELECT epoch FROM core.type_epoch");
        var epoch = (long)(await look.ExecuteScalarAsync(cancellationToken))!;
        if (epoch == _epoch)
        {
            return;
        }

        var revisions = new Dictionary<(Guid, string), long>();
        await using var list = database.System.CreateCommand("SELECT tenant_id, type, revision FROM core.type_definition WHERE schema IS NOT NULL");
        await using var reader = await list.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            revisions[(reader.GetGuid(0), reader.GetString(1))] = reader.GetInt64(2);
        }

        _revisions = revisions.ToFrozenDictionary();
        foreach (var gone in _compiled.Keys.Where(k => !revisions.ContainsKey(k)))
        {
            _compiled.TryRemove(gone, out _);
        }

        _epoch = epoch;
    }

    private async Task<JsonSchema?> CompileAsync(Guid tenant, string type, CancellationToken cancellationToken)
    {
        await using var select = database.System.CreateCommand(
            "SELECT schema::text, revision FROM core.type_definition WHERE tenant_id = $1 AND type = $2 AND schema IS NOT NULL");
        select.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = tenant });
        select.Parameters.Add(new NpgsqlParameter<string> { TypedValue = type });
        await using var reader = await select.ExecuteReaderAsync(cancellationToken);
        if (!await reader.ReadAsync(cancellationToken))
        {
            return null;
        }

        using var document = JsonDocument.Parse(reader.GetString(0));
        var (schema, faults) = JsonSchema.Compile(document.RootElement);
        var compiled = new Compiled(reader.GetInt64(1), schema
            ?? throw new InvalidOperationException($"The schema of the type '{type}' was accepted once and is not now: {faults[0].Detail}"));
        _compiled[(tenant, type)] = compiled;
        return compiled.Schema;
    }

    private sealed record Compiled(long Revision, JsonSchema Schema);
}
