using System.Reflection;
using Platform.Contracts.Events;

namespace Platform.Contracts.Tests;

/// <summary>The contract with those who read the events: what is released stays, and what is new is written down.</summary>
public sealed class EventContractTests
{
    private static readonly SchemaFolder Docs = new(Path.Combine(Root(), "docs", "events"));

    [Fact]
    public void Every_event_is_in_the_catalog()
    {
        var declared = typeof(IEvent).Assembly.GetTypes().Where(t => t.IsAssignableTo(typeof(IEvent)) && t is { IsInterface: false, IsAbstract: false });
        Assert.Equal(declared.Select(t => t.Name).Order(StringComparer.Ordinal), EventCatalog.All.Select(c => c.Data.Name).Order(StringComparer.Ordinal));
        Assert.Distinct(EventCatalog.All.Select(c => c.EventType));
    }

    [Fact]
    public void Every_wire_name_belongs_to_one_event_and_every_topic_exists()
    {
        var names = typeof(EventTypes).GetFields(BindingFlags.Public | BindingFlags.Static).Select(f => (string)f.GetRawConstantValue()!);
        Assert.Equal(names.Order(StringComparer.Ordinal), EventCatalog.All.Select(c => c.EventType).Order(StringComparer.Ordinal));
        Assert.All(EventCatalog.All, c => Assert.All(c.Topics, t => Assert.Contains(t, Topics.All)));
    }

    [Fact]
    public void No_released_event_has_changed_incompatibly()
    {
        var breaks = Docs.Breaks(EventCatalog.All);
        Assert.True(breaks.Count == 0, $"""
            Released events changed in a way that breaks their readers:
              {string.Join("\n  ", breaks)}
            Give the changed event a new name (resource.created.v2) and keep this one. Nothing overwrites these schemas.
            """);
    }

    [Fact]
    public void Every_schema_is_written_down_and_current()
    {
        var stale = Docs.Stale(EventCatalog.All, write: Environment.GetEnvironmentVariable(SchemaFolder.WriteVariable) == "1");
        Assert.True(stale.Count == 0, $"""
            docs/events does not say what the code says:
              {string.Join("\n  ", stale)}
            Write it with {SchemaFolder.WriteVariable}=1 ./test Contracts.Tests and commit the files.
            """);
    }

    private static string Root()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Platform.sln")))
            {
                return folder.FullName;
            }
        }

        throw new InvalidOperationException($"No Platform.sln above {AppContext.BaseDirectory}.");
    }
}
