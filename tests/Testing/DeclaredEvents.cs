using System.Text.Json;
using System.Text.Json.Serialization;
using Npgsql;
using Platform.Contracts.Events;
using Xunit;

namespace Platform.Testing;

/// <summary>Holds what a service really says against what it declared, also where it writes the JSON by hand.</summary>
public static class DeclaredEvents
{
    private static readonly JsonSerializerOptions Strict = new(EventJson.Default.Options)
    {
        TypeInfoResolver = EventJson.Default,
        NumberHandling = JsonNumberHandling.Strict,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        RespectNullableAnnotations = true,
        PropertyNameCaseInsensitive = false,
    };

    /// <summary>The types of all events of a topic in the stream, each of which has the declared fields and no other.</summary>
    public static async Task<IReadOnlyList<string>> CheckAsync(TestDatabase database, Topic topic)
    {
        await using var connection = new NpgsqlConnection(database.AdminConnectionString);
        await connection.OpenAsync();
        await using var select = new NpgsqlCommand(
            $"SELECT headers::json->>'ce_type', payload FROM stream.{topic.Name.Replace('.', '_')} ORDER BY partition, stream_offset", connection);
        await using var reader = await select.ExecuteReaderAsync();
        var types = new List<string>();
        while (await reader.ReadAsync())
        {
            var type = reader.GetString(0);
            var contract = EventCatalog.All.Single(c => c.EventType == type);
            Assert.Contains(topic, contract.Topics);
            Assert.NotNull(JsonSerializer.Deserialize(reader.GetFieldValue<byte[]>(1), Strict.GetTypeInfo(contract.Data)));
            types.Add(type);
        }

        return types;
    }
}
