using System.Text.Json;
using Npgsql;
using Platform.Contracts.Identifiers;
using Platform.Processing.Jobs;
using Platform.Processing.Versioned;
using Platform.Processing.Workflows;
using Platform.ServiceDefaults.Idempotency;
using Platform.ServiceDefaults.Problems;
using Platform.ServiceDefaults.Requests;

namespace Platform.Processing.Triggers;

/// <summary>What a caller can set of a trigger. It starts either a job or a workflow.</summary>
/// <param name="EventType">A pattern: <c>resource.created</c>, <c>resource.*</c> or <c>*</c>.</param>
/// <param name="About">Of events of jobs: which jobs; null for all.</param>
/// <param name="Labels">A flat JSON object of strings; empty for every event of the type.</param>
internal sealed record TriggerSettings(
    string EventType, JobsMeant? About, ReadOnlyMemory<byte> Labels, JobTemplate? Job, WorkflowTemplate? Workflow, bool Paused);

/// <summary>Jobs of a type, of a queue, or both; null for any.</summary>
internal sealed record JobsMeant(string? Type, string? Queue);

/// <summary>Starts a job or a workflow for each event of a type whose labels include all of these.</summary>
/// <param name="SubmittedBy">The API key on whose behalf its jobs run: the last one that set it.</param>
internal sealed record Trigger(Guid Id, TriggerSettings Settings, Guid? SubmittedBy, long Version, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt)
    : IVersioned<Trigger>
{
    public static string Table => "processing.trigger";

    public string PublicId => TypeId.Format(IdPrefix.Trigger, Id);

    public string Location => "/v1/triggers/" + PublicId;

    public static bool TryId(string text, out Guid id) => TypeId.TryParse(IdPrefix.Trigger, text, out id);

    public static Problem NotFound() => KnownProblems.NotFound("trigger");

    public static NpgsqlBatchCommand Insert(Guid tenant, Trigger created) => TriggerRows.Insert(tenant, created);

    public static NpgsqlBatchCommand Update(Guid tenant, Trigger changed) => TriggerRows.Update(tenant, changed);

    public static Task<Trigger?> LockAsync(WriteTransaction transaction, Guid id, CancellationToken cancellationToken) =>
        TriggerRows.LockAsync(transaction, id, cancellationToken);

    public byte[] ToJson() => JsonBytes.Write(WriteTo);

    /// <summary>What a caller can set, as it could have been sent.</summary>
    public byte[] SettingsJson() => JsonBytes.Write(json =>
    {
        json.WriteStartObject();
        WriteSettings(json);
        json.WriteEndObject();
    });

    public void WriteTo(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("id", PublicId);
        WriteSettings(json);
        json.WriteNumber("version", Version);
        json.WriteString("created_at", Rfc3339.Format(CreatedAt));
        json.WriteString("updated_at", Rfc3339.Format(UpdatedAt));
        json.WriteEndObject();
    }

    private void WriteSettings(Utf8JsonWriter json)
    {
        json.WriteString("event_type", Settings.EventType);
        if (Settings.About is { } about)
        {
            json.WriteStartObject("about");
            json.WriteString("type", about.Type);
            json.WriteString("queue", about.Queue);
            json.WriteEndObject();
        }
        else
        {
            json.WriteNull("about");
        }

        json.WriteRaw("labels", JsonBytes.Compact(JsonElement.Parse(Settings.Labels.Span)));
        json.WritePropertyName("job");
        JobTemplate.Write(json, Settings.Job);
        json.WriteRaw("workflow", Settings.Workflow?.ToJson());
        json.WriteBoolean("paused", Settings.Paused);
    }
}
