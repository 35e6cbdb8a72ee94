using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Platform.Eventing.Database;
using Platform.Eventing.Streams.Postgres;

namespace Platform.Eventing.Streams;

/// <summary>
/// The engine that events may have travelled by before: PostgreSQL while Kafka is in use, and Kafka while PostgreSQL is although Kafka is
/// configured. Nobody appends to it; what a group has not read of it yet comes before anything on the current one.
/// </summary>
internal sealed class PreviousStream(IEventStream? stream, DataSources sources)
{
    /// <summary>The engine; null when there was none.</summary>
    public IEventStream? Stream => stream;

    /// <summary>False while there is nothing that could be read.</summary>
    public async Task<bool> ExistsAsync(CancellationToken cancellationToken)
    {
        if (stream is not PostgresStream)
        {
            return stream is not null;
        }

        await using var command = sources.Get(sources.StreamConnectionString, AccessScope.System)
            .CreateCommand($"SELECT to_regclass('{StreamSchema.Schema}.partition') IS NOT NULL");
        return await command.ExecuteScalarAsync(cancellationToken) is true;
    }
}
