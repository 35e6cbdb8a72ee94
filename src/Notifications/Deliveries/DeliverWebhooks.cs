using System.Diagnostics;
using Npgsql;
using Platform.Contracts.Identifiers;
using Platform.Eventing.WorkQueues;
using Platform.Notifications.Sending;

namespace Platform.Notifications.Deliveries;

/// <summary>What one turn of a delivery came to.</summary>
/// <param name="State">The delivery's state from now on.</param>
/// <param name="Reason">Why it failed for good; null otherwise.</param>
/// <param name="Attempt">Null when nothing was sent.</param>
internal sealed record DeliveryOutcome(string State, string? Reason, AttemptResult? Attempt)
{
    /// <summary>Nothing was tried: not even the delivery's row changes.</summary>
    public static readonly DeliveryOutcome Untouched = new(DeliveryState.Pending, null, null);

    /// <summary>Its endpoint fails: it waits outside the queue, and no attempt is counted.</summary>
    public static readonly DeliveryOutcome Held = new(DeliveryState.Pending, DeliveryReason.CircuitOpen, null);
}

/// <summary>Sends what is due, each endpoint in its own lane, and decides what follows from each attempt.</summary>
internal sealed partial class DeliverWebhooks(
    NotificationsDatabase database, WebhookSender sender, EndpointLanes lanes, EndpointRates rates, EndpointCircuits circuits, RetrySchedule schedule,
    WorkSignal<NotificationsDatabase> signal, WebhookOptions options, TimeProvider clock, ILogger<DeliverWebhooks> logger) : IWorkHandler<DeliveryWork, DeliveryOutcome>
{
    /// <summary>What is being written may put something into the queue.</summary>
    private bool _putsIn;

    public async Task<IReadOnlyDictionary<Guid, DeliveryWork>> LoadAsync(IReadOnlyList<WorkItem> items, CancellationToken cancellationToken) =>
        await DeliveryWorkRows.LoadAsync(database, items, clock, cancellationToken);

    public async Task<WorkOutcome<DeliveryOutcome>> RunAsync(WorkItem item, DeliveryWork work, CancellationToken cancellationToken)
    {
        if (work.WhyNot is { } reason)
        {
            return WorkOutcome<DeliveryOutcome>.Finish(new(DeliveryState.Failed, reason, null));
        }

        var destination = work.Destination!;
        if (!destination.Gate.LetsThrough(item.Id, work))
        {
            return WorkOutcome<DeliveryOutcome>.Finish(DeliveryOutcome.Held);
        }

        var entry = await lanes.EnterAsync(work.EndpointId, destination.RateLimit, cancellationToken);
        if (entry.Lane is null)
        {
            return WorkOutcome<DeliveryOutcome>.Postpone(entry.StayAway, DeliveryOutcome.Untouched);
        }

        AttemptResult result;
        try
        {
            if (await circuits.WhyNotAsync(item, work, cancellationToken) is { } pause)
            {
                return pause > TimeSpan.Zero
                    ? WorkOutcome<DeliveryOutcome>.Postpone(pause, DeliveryOutcome.Untouched)
                    : WorkOutcome<DeliveryOutcome>.Finish(DeliveryOutcome.Held);
            }

            if (await rates.WaitAsync(item.TenantId, work.EndpointId, destination.RateLimit, cancellationToken) is { } later)
            {
                return WorkOutcome<DeliveryOutcome>.Postpone(lanes.StayAway(entry, destination.RateLimit, later), DeliveryOutcome.Untouched);
            }

            result = await SendAsync(work.Message!, destination, cancellationToken);
        }
        finally
        {
            lanes.Leave(work.EndpointId, entry);
        }

        circuits.Note(work.EndpointId, result);
        WebhookTelemetry.Attempts.Add(1, new KeyValuePair<string, object?>("outcome", result.Error ?? "succeeded"));
        WebhookTelemetry.Duration.Record(result.Duration.TotalSeconds);
        return Decide(item, work, result);
    }

    public void WriteEffects(NpgsqlBatch batch, IReadOnlyList<FinishedWork<DeliveryWork, DeliveryOutcome>> finished)
    {
        if (finished.Any(f => f.Work.IsOrdered || f.Outcome.Result == DeliveryOutcome.Held))
        {
            Volatile.Write(ref _putsIn, true);
        }

        DeliveryEffects.Write(batch, database.Schema, [.. finished.Where(f => f.Outcome.Result != DeliveryOutcome.Untouched)], options, clock);
    }

    /// <summary>The next of a subject has entered the queue.</summary>
    public void Committed()
    {
        if (Interlocked.Exchange(ref _putsIn, false))
        {
            signal.Set();
        }
    }

    private async Task<AttemptResult> SendAsync(Message message, Destination destination, CancellationToken cancellationToken)
    {
        var origin = ActivityContext.TryParse(message.TraceParent, null, isRemote: true, out var parsed) ? parsed : default;
        using var activity = WebhookTelemetry.Activities.StartActivity("deliver webhook", ActivityKind.Producer, origin);
        activity?.SetTag("webhook.event_type", message.Type);
        var result = await sender.SendAsync(
            new(
                destination.Url,
                TypeId.Format(IdPrefix.Event, message.EventId),
                WebhookBody.Of(message.Type, message.OccurredAt, destination.IsThin ? ThinData.Of(message) : message.Data),
                destination.SecretsAt(clock.GetUtcNow()),
                destination.Headers)
            {
                Timeout = destination.Timeout,
            },
            cancellationToken);
        if (!result.Succeeded)
        {
            activity?.SetStatus(ActivityStatusCode.Error, result.Error);
        }

        return result;
    }

    private WorkOutcome<DeliveryOutcome> Decide(WorkItem item, DeliveryWork work, AttemptResult result)
    {
        if (result.Succeeded)
        {
            return WorkOutcome<DeliveryOutcome>.Finish(new(DeliveryState.Succeeded, null, result));
        }

        if (schedule.After(work.Tries + item.Attempt, result, Random.Shared.NextDouble()) is { } delay)
        {
            LogRetry(item.Id, work.EndpointId, work.Attempts + 1, result.Error!, delay);
            return WorkOutcome<DeliveryOutcome>.Retry(delay, new(DeliveryState.Pending, null, result));
        }

        LogFailed(item.Id, work.EndpointId, work.Attempts + 1, result.Error!);
        return WorkOutcome<DeliveryOutcome>.Finish(new(DeliveryState.Failed, result.Error, result));
    }
}
