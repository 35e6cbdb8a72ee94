using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Platform.Contracts.Events;
using Platform.Contracts.Identifiers;
using Platform.Eventing.Outbox;
using Platform.Testing;

namespace Platform.CoreApi.Tests.Feed;

/// <summary>Events as a service says them: through the outbox, the stream and the group to the feed.</summary>
internal static class Publishing
{
    public static Guid NewTenant() => TypeId.New(TimeProvider.System);

    /// <summary>Events of some subjects in turn; each says in <c>n</c> which one of its subject it is.</summary>
    /// <param name="first">Number of the first one.</param>
    public static async Task PublishAsync(
        this TestService service, Guid tenant, int count, string type = EventTypes.ResourceCreated, int first = 0, int subjects = 4, int padding = 0)
    {
        var filler = new string('x', padding);
        var messages = Enumerable.Range(first, count).Select(i => OutboxMessage.FromJson(
            type, Topics.Core, "core", tenant, $"res_{i % subjects}", Encoding.UTF8.GetBytes($$"""{"n":{{i / subjects}},"filler":"{{filler}}"}"""), TimeProvider.System));
        await service.PublishAsync([.. messages]);
    }

    public static async Task PublishAsync(this TestService service, params IReadOnlyList<OutboxMessage> messages)
    {
        var database = service.Services.GetRequiredService<CoreDatabase>();
        foreach (var chunk in messages.Chunk(500))
        {
            await database.AppendAsync(chunk);
        }
    }

    public static async Task PublishAsync(this TestService service, Guid tenant, string type, string subject, string data) =>
        await service.PublishAsync([OutboxMessage.FromJson(type, Topics.Core, "core", tenant, subject, Encoding.UTF8.GetBytes(data), TimeProvider.System)]);

    /// <summary>Until the feed of the tenant has so many events.</summary>
    public static Task RecordedAsync(this TestService service, Guid tenant, long count) => Eventually.IsTrueAsync(
        async () => await service.Database.ScalarAsync<long>($"SELECT COALESCE(max(position), 0) FROM core.feed_head WHERE tenant_id = '{tenant}'") == count,
        $"{count} events in the feed");
}
