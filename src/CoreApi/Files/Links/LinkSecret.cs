using System.Security.Cryptography;
using Npgsql;
using Platform.ServiceDefaults.Hosting;

namespace Platform.CoreApi.Files.Links;

/// <summary>What links are signed with: drawn at the first start, kept in the database, so that all instances agree and a restart breaks no link.</summary>
internal sealed class LinkSecret(CoreDatabase database) : IStartupTask
{
    private byte[]? _secret;

    public byte[] Value => _secret ?? throw new InvalidOperationException("The secret is used before the start-up tasks ran.");

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        await using var connection = await database.System.OpenConnectionAsync(cancellationToken);
        await using (var draw = new NpgsqlCommand("INSERT INTO core.file_link_secret (id, secret) VALUES (1, $1) ON CONFLICT DO NOTHING", connection))
        {
            draw.Parameters.Add(new NpgsqlParameter<byte[]> { TypedValue = RandomNumberGenerator.GetBytes(32) });
            await draw.ExecuteNonQueryAsync(cancellationToken);
        }

        await using var read = new NpgsqlCommand("SELECT secret FROM core.file_link_secret WHERE id = 1", connection);
        _secret = (byte[])(await read.ExecuteScalarAsync(cancellationToken))!;
    }
}
