using System.Text.Json;
using Platform.Processing.Templates;
using Platform.Processing.Types;
using Platform.Processing.Workflows.Expressions;
using Platform.ServiceDefaults.Problems;
using Platform.ServiceDefaults.Requests;

namespace Platform.Processing.Workflows.Definition;

/// <summary>A step's job by the rules of its type, as far as its templates can be filled in.</summary>
internal static class JobCheck
{
    private static readonly string[] IndependentOfValues = ["unknown_job_type", "unknown_field", "required"];

    /// <summary>The faults with pointers below the job. What is said about a text that is still a template, or about what holds one, does not count yet.</summary>
    public static IEnumerable<InputError> Faults(JobTypes types, JobTemplate job, Scope scope)
    {
        var payload = job.Payload;
        IReadOnlyList<string> open = [];
        if (payload.ValueKind == JsonValueKind.Object)
        {
            var rendered = Render(job, scope);
            if (rendered.Faults.Count > 0)
            {
                return rendered.Faults.Select(f => new InputError("/payload" + f.Pointer, "invalid_reference", f.Detail));
            }

            payload = rendered.Value;
            open = [.. rendered.Open.Select(o => "/payload" + o)];
        }

        return Check(types, job.Type, payload)
            .Where(f => IndependentOfValues.Contains(f.Code) || !open.Any(o => IsWithin(o, f.Pointer) || IsWithin(f.Pointer, o)));
    }

    /// <summary>The payload of a job that starts now; a fault in one sentence where its type does not take it.</summary>
    public static (byte[]? Payload, string? Fault) Fill(JobTypes types, JobTemplate job, Scope scope)
    {
        var rendered = Render(job, scope);
        if (!rendered.IsWhole)
        {
            return (null, $"The payload cannot be filled in. {rendered.Fault}");
        }

        InputError[] faults = [.. Check(types, job.Type, rendered.Value)];
        return faults.Length == 0
            ? (rendered.Json, null)
            : (null, $"The job '{job.Type}' does not take the payload. {string.Join(" ", faults.Take(5).Select(f => $"{f.Pointer}: {f.Detail}"))}");
    }

    private static Rendered Render(JobTemplate job, Scope scope) => JsonTemplate.Render(job.Payload, scope, WorkflowReferences.Dialect, JobTypes.MaxPayload);

    private static IReadOnlyList<InputError> Check(JobTypes types, string type, JsonElement payload)
    {
        var document = JsonBytes.Write(json =>
        {
            json.WriteStartObject();
            if (type.Length > 0)
            {
                json.WriteString("type", type);
            }

            if (payload.ValueKind != JsonValueKind.Undefined)
            {
                json.WritePropertyName("payload");
                payload.WriteTo(json);
            }

            json.WriteEndObject();
        });
        var fields = new JsonFields(JsonElement.Parse(document));
        types.Read(fields, submitter: null);
        return fields.Problem?.Errors ?? [];
    }

    private static bool IsWithin(string pointer, string outer) =>
        pointer.StartsWith(outer, StringComparison.Ordinal) && (pointer.Length == outer.Length || pointer[outer.Length] == '/');
}
