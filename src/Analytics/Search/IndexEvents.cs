using Platform.Eventing.Consumers;

namespace Platform.Analytics.Search;

/// <summary>Keeps the search index in step with the events.</summary>
internal sealed class IndexEvents(ISearchIndex index) : IEventHandler
{
    /// <summary>Bytes of event data that are handed to the index at once: a batch of long documents must not fill the memory.</summary>
    private const int MaxChunk = 2 * 1024 * 1024;

    public async Task HandleAsync(ConsumerBatch batch, CancellationToken cancellationToken)
    {
        var changes = new List<SearchDocument>(batch.Events.Count * 2);
        var size = 0;
        foreach (var received in batch.Events)
        {
            changes.AddRange(EventDocument.Of(received));
            size += received.Data.Length;
            if (size >= MaxChunk)
            {
                await index.ApplyAsync(changes, batch.Connection, cancellationToken);
                changes.Clear();
                size = 0;
            }
        }

        await index.ApplyAsync(changes, batch.Connection, cancellationToken);
    }
}
