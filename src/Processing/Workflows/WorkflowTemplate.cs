using System.Diagnostics;
using System.Text.Json;
using Platform.Processing.Templates;
using Platform.Processing.Types;
using Platform.Processing.Workflows.Definition;
using Platform.ServiceDefaults.Authentication;
using Platform.ServiceDefaults.Requests;

namespace Platform.Processing.Workflows;

/// <summary>What a workflow is made of, whether a caller starts it or a trigger does.</summary>
/// <param name="Input">Any JSON value.</param>
/// <param name="Asked">The steps as they were asked for: a JSON list.</param>
internal sealed record WorkflowTemplate(string? Name, bool CompensatesOnFailure, ReadOnlyMemory<byte> Input, ReadOnlyMemory<byte> Asked)
{
    public const int MaxName = 128;

    private IReadOnlyList<StepDefinition>? _definition;

    /// <summary>
    /// Reads <c>{name?, steps, input?, on_failure?}</c>: names, cycles, references and payloads, as far as they can be known. To be used only where the fields have
    /// no problem in the end.
    /// </summary>
    /// <param name="submitter">On whose behalf the jobs will run.</param>
    /// <param name="scope">What references will find, given the input and the name.</param>
    public static WorkflowTemplate Read(JsonFields fields, JobTypes types, Principal submitter, Func<JsonElement, string?, Scope> scope)
    {
        var name = fields.OptionalString("name", MaxName);
        var onFailure = fields.OptionalString("on_failure", 16) ?? OnFailure.Stop;
        if (!OnFailure.All.Contains(onFailure))
        {
            fields.Fault("on_failure", "invalid_value", $"'on_failure' is one of {string.Join(", ", OnFailure.All)}.");
        }

        var given = fields.OptionalValue("input");
        var input = given.ValueKind == JsonValueKind.Undefined ? "{}"u8.ToArray() : JsonBytes.Compact(given);
        var steps = ReadSteps.Read(fields);
        new CheckSteps(steps, types, scope(JsonElement.Parse(input), name), submitter).Run(fields);
        var asked = fields.OptionalValue("steps");
        return new(name, onFailure == OnFailure.Compensate, input, asked.ValueKind == JsonValueKind.Undefined ? "[]"u8.ToArray() : JsonBytes.Compact(asked));
    }

    /// <summary>As <see cref="ToJson"/> wrote it.</summary>
    public static WorkflowTemplate Parse(byte[] stored)
    {
        var json = JsonElement.Parse(stored);
        return new(
            json.TryGetProperty("name", out var name) ? name.GetString() : null, json.GetProperty("on_failure").GetString() == OnFailure.Compensate,
            JsonBytes.Compact(json.GetProperty("input")), JsonBytes.Compact(json.GetProperty("steps")));
    }

    public byte[] ToJson() => JsonBytes.Write(json =>
    {
        json.WriteStartObject();
        if (Name is not null)
        {
            json.WriteString("name", Name);
        }

        json.WriteString("on_failure", CompensatesOnFailure ? OnFailure.Compensate : OnFailure.Stop);
        json.WriteRaw("input", Input);
        json.WriteRaw("steps", Asked);
        json.WriteEndObject();
    });

    /// <summary>A workflow of it that has not begun.</summary>
    public Workflow NewWorkflow(Guid tenant, Guid id, Guid? submittedBy, DateTimeOffset now)
    {
        _definition ??= ReadSteps.Parse(Asked);
        return new()
        {
            Tenant = tenant,
            Id = id,
            Name = Name,
            State = WorkflowState.Running,
            CompensatesOnFailure = CompensatesOnFailure,
            Input = Input,
            Asked = Asked,
            Definition = _definition,
            Steps = [.. _definition.Select(s => new Step { Name = s.Name })],
            SubmittedBy = submittedBy,
            TraceParent = Activity.Current is { IdFormat: ActivityIdFormat.W3C } activity ? activity.Id : null,
            CreatedAt = now,
        };
    }
}
