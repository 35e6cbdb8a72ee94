using System.Text.Json;
using Platform.Contracts.Identifiers;
using Platform.Processing.Workflows.Definition;
using Platform.ServiceDefaults.Requests;

namespace Platform.Processing.Workflows;

/// <summary>A workflow as the API shows it.</summary>
internal static class WorkflowDocument
{
    /// <summary>The whole graph.</summary>
    public static byte[] Write(Workflow workflow) => JsonBytes.Write(json =>
    {
        json.WriteStartObject();
        WriteHead(json, workflow);
        json.WriteRaw("input", workflow.Input);
        var asked = JsonElement.Parse(workflow.Asked.Span);
        json.WriteStartArray("steps");
        for (var i = 0; i < workflow.Steps.Count; i++)
        {
            WriteStep(json, workflow.Definition[i], asked[i], workflow.Steps[i]);
        }

        json.WriteEndArray();
        json.WriteStartArray("edges");
        foreach (var (from, to) in workflow.Definition.SelectMany(d => d.Needs.Select(n => (n, d.Name))))
        {
            json.WriteStartObject();
            json.WriteString("from", from);
            json.WriteString("to", to);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    });

    /// <summary>Without the steps.</summary>
    public static void WriteSummary(Utf8JsonWriter json, Workflow workflow)
    {
        json.WriteStartObject();
        WriteHead(json, workflow);
        json.WriteEndObject();
    }

    private static void WriteHead(Utf8JsonWriter json, Workflow workflow)
    {
        json.WriteString("id", workflow.PublicId);
        json.WriteString("name", workflow.Name);
        json.WriteString("state", workflow.State);
        json.WriteString("on_failure", workflow.CompensatesOnFailure ? OnFailure.Compensate : OnFailure.Stop);
        json.WriteString("unique_key", workflow.UniqueKey);
        json.WriteString("failed_step", workflow.FailedStep);
        json.WriteString("error", workflow.Error);
        json.WriteString("trigger_id", workflow.TriggerId is { } trigger ? TypeId.Format(IdPrefix.Trigger, trigger) : null);
        json.WriteString("submitted_by", workflow.SubmittedBy is { } key ? TypeId.Format(IdPrefix.ApiKey, key) : null);
        json.WriteString("created_at", Rfc3339.Format(workflow.CreatedAt));
        WriteTime(json, "finished_at", workflow.FinishedAt);
    }

    private static void WriteStep(Utf8JsonWriter json, StepDefinition definition, JsonElement asked, Step step)
    {
        json.WriteStartObject();
        json.WriteString("name", step.Name);
        json.WriteString("kind", definition.Kind);
        json.WriteString("state", step.State);
        json.WriteStartArray("needs");
        foreach (var need in definition.Needs)
        {
            json.WriteStringValue(need);
        }

        json.WriteEndArray();
        foreach (var name in (string[])["job", "when", "for_each", "timer", "approval", "compensate"])
        {
            json.WritePropertyName(name);
            if (asked.TryGetProperty(name, out var value))
            {
                value.WriteTo(json);
            }
            else
            {
                json.WriteNullValue();
            }
        }

        json.WriteBoolean("continue_on_failure", definition.ContinuesOnFailure);
        WriteJob(json, "job_id", step.JobId);
        WriteElements(json, step);
        json.WriteRaw("result", step.Result);
        json.WriteString("error", step.Error);
        WriteTime(json, "due_at", step.DueAt);
        WriteTime(json, "started_at", step.StartedAt);
        WriteTime(json, "finished_at", step.FinishedAt);
        WriteCompensation(json, step);
        json.WriteEndObject();
    }

    private static void WriteElements(Utf8JsonWriter json, Step step)
    {
        if (step.Elements is not { } elements)
        {
            json.WriteNull("elements");
            return;
        }

        json.WriteStartArray("elements");
        foreach (var element in elements)
        {
            json.WriteStartObject();
            WriteJob(json, "job_id", element.JobId);
            json.WriteString("state", element.State);
            json.WriteString("error", element.Error);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteCompensation(Utf8JsonWriter json, Step step)
    {
        if (step.Compensation is null)
        {
            json.WriteNull("compensation");
            return;
        }

        json.WriteStartObject("compensation");
        json.WriteString("state", step.Compensation);
        WriteJob(json, "job_id", step.CompensationJobId);
        json.WriteString("error", step.CompensationError);
        json.WriteEndObject();
    }

    private static void WriteJob(Utf8JsonWriter json, string name, Guid? id) => json.WriteString(name, id is { } job ? TypeId.Format(IdPrefix.Job, job) : null);

    private static void WriteTime(Utf8JsonWriter json, string name, DateTimeOffset? time) => json.WriteString(name, time is { } t ? Rfc3339.Format(t) : null);
}
