using System.Text.Json.Nodes;
using Platform.Contracts.Events;

namespace Platform.Contracts.Tests;

/// <summary>Writing schemas: what is new is written, what is released is guarded.</summary>
public sealed class SchemaFolderTests : IDisposable
{
    private static readonly EventContract Key = EventCatalog.All.Single(c => c.EventType == EventTypes.ApiKeyChanged);

    private readonly string _path = Directory.CreateTempSubdirectory("platform-schemas-").FullName;
    private readonly SchemaFolder _folder;

    public SchemaFolderTests()
    {
        File.WriteAllText(Path.Combine(_path, "README.md"), $"# Before\n\n{SchemaFolder.TableStart}\n{SchemaFolder.TableEnd}\n\nAfter\n");
        _folder = new(_path);
    }

    private string SchemaFile => Path.Combine(_path, "api_key.changed.schema.json");

    [Fact]
    public void A_new_event_is_missing_until_it_is_written()
    {
        Assert.Equal(["api_key.changed.schema.json is missing", "the table in README.md is stale"], _folder.Stale([Key], write: false));
        Assert.False(File.Exists(SchemaFile));
        Assert.Empty(_folder.Stale([Key], write: true));
        Assert.Empty(_folder.Stale([Key], write: false));
        Assert.Empty(_folder.Breaks([Key]));
        var readme = File.ReadAllText(Path.Combine(_path, "README.md"));
        Assert.Contains($"| `api_key.changed` | `events.audit` | {Key.When} | [schema](api_key.changed.schema.json) |", readme, StringComparison.Ordinal);
        Assert.StartsWith("# Before", readme, StringComparison.Ordinal);
        Assert.EndsWith("After\n", readme, StringComparison.Ordinal);
    }

    [Fact]
    public void A_compatible_change_is_stale_and_then_written()
    {
        _folder.Stale([Key], write: true);

        // As if it had been released before a field was added that may be left out, and with other words.
        Edit(schema =>
        {
            schema["description"] = "Older words.";
            schema["properties"]!.AsObject().Remove("actor");
        });
        Assert.Equal(["api_key.changed.schema.json is stale"], _folder.Stale([Key], write: false));
        Assert.Empty(_folder.Stale([Key], write: true));
        Assert.Empty(_folder.Stale([Key], write: false));
    }

    [Fact]
    public void An_incompatible_change_is_refused_and_the_file_stays()
    {
        _folder.Stale([Key], write: true);
        Edit(schema => schema["properties"]!["country"] = new JsonObject { ["type"] = "string" });
        var released = File.ReadAllText(SchemaFile);
        _folder.Stale([Key], write: true);
        Assert.Equal(released, File.ReadAllText(SchemaFile));
        Assert.Equal(["api_key.changed: 'country' is lost"], _folder.Breaks([Key]));
    }

    [Fact]
    public void A_dropped_event_is_a_break_and_its_file_stays()
    {
        _folder.Stale([Key], write: true);
        _folder.Stale([], write: true);
        Assert.True(File.Exists(SchemaFile));
        Assert.Equal(["api_key.changed: the event is dropped"], _folder.Breaks([]));
    }

    public void Dispose() => Directory.Delete(_path, recursive: true);

    private void Edit(Action<JsonNode> change)
    {
        var schema = JsonNode.Parse(File.ReadAllText(SchemaFile))!;
        change(schema);
        File.WriteAllText(SchemaFile, EventSchema.Text(schema));
    }
}
