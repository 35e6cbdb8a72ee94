using Npgsql;
using Platform.ServiceDefaults.Idempotency;
using Platform.ServiceDefaults.Problems;

namespace Platform.Processing.Versioned;

/// <summary>Something that callers set, change and delete, and that counts its versions: a schedule, a trigger.</summary>
internal interface IVersioned<TSelf>
    where TSelf : class, IVersioned<TSelf>
{
    Guid Id { get; }

    /// <summary>Its path.</summary>
    string Location { get; }

    /// <summary>Counts what was set; also the entity tag.</summary>
    long Version { get; }

    /// <summary>The document.</summary>
    byte[] ToJson();

    /// <summary>What a caller can set, as it could have been sent.</summary>
    byte[] SettingsJson();

    static abstract string Table { get; }
    static abstract bool TryId(string text, out Guid id);
    static abstract Problem NotFound();
    static abstract NpgsqlBatchCommand Insert(Guid tenant, TSelf created);
    static abstract NpgsqlBatchCommand Update(Guid tenant, TSelf changed);

    /// <summary>In a caller's transaction, the row locked until its end; null when it is not there or another tenant's.</summary>
    static abstract Task<TSelf?> LockAsync(WriteTransaction transaction, Guid id, CancellationToken cancellationToken);
}
