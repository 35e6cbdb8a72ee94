using System.Text.Json;
using Platform.ServiceDefaults.Problems;
using Platform.ServiceDefaults.Requests;

namespace Platform.CoreApi.Resources;

/// <summary>
/// One operation of a batch, read by the rules of its single sister. What is wrong with it by itself is its <see cref="Fault"/>; the rest
/// depends on the state.
/// </summary>
internal sealed record BatchOperation
{
    public static readonly string[] Names = ["create", "replace", "patch", "delete", "restore"];

    public ChangeKind Kind { get; private init; } = ChangeKind.Created;

    /// <summary>What it is about; empty for a create.</summary>
    public Guid Id { get; private init; }
    public int? IfVersion { get; private init; }
    public string? Type { get; private init; }
    public JsonElement Data { get; private init; }

    /// <summary>Of a create or replace.</summary>
    public IReadOnlyDictionary<string, string> Labels { get; private init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>Of a patch.</summary>
    public JsonElement LabelsPatch { get; private init; }

    /// <summary>The version to restore.</summary>
    public int Version { get; private init; }
    public Problem? Fault { get; private init; }

    public static BatchOperation Read(JsonElement element)
    {
        if (element.ValueKind != JsonValueKind.Object)
        {
            return new() { Fault = KnownProblems.Validation("", "wrong_type", "An operation is an object.") };
        }

        var fields = new JsonFields(element);
        var name = fields.RequiredString("op", max: 16);
        if (!Names.Contains(name, StringComparer.Ordinal))
        {
            // Of an unknown operation the other fields mean nothing, so nothing is said about them.
            return new() { Fault = KnownProblems.Validation("/op", "invalid_value", $"'op' is one of {string.Join(", ", Names)}.") };
        }

        BatchOperation operation = name switch
        {
            "create" => new() { Type = ResourceInput.Type(fields), Data = ResourceInput.Data(fields), Labels = fields.OptionalStringMap("labels") },
            "replace" => Of(ChangeKind.Replaced) with
            {
                Type = fields.Has("type") ? ResourceInput.Type(fields) : null, Data = ResourceInput.Data(fields), Labels = fields.OptionalStringMap("labels"),
            },
            "patch" => Patch(PatchResource.Read(fields)),
            "delete" => Of(ChangeKind.Deleted),
            _ => Of(ChangeKind.Restored) with { Version = ResourceInput.Version(fields) },
        };
        return operation with { Fault = fields.Problem };

        BatchOperation Of(ChangeKind kind)
        {
            var text = fields.RequiredString("id");
            if (!ResourceInput.TryId(text, out var id) && text.Length > 0)
            {
                fields.Fault("id", "invalid_format", "'id' is no id of a resource.");
            }

            return new() { Kind = kind, Id = id, IfVersion = fields.OptionalInt("if_version", min: 1) };
        }

        BatchOperation Patch((JsonElement Data, JsonElement Labels) patch) =>
            Of(ChangeKind.Patched) with { Data = patch.Data, LabelsPatch = patch.Labels };
    }

    /// <summary>The next version of the current one, or why it cannot be.</summary>
    /// <param name="earlier">The version that a restore names.</param>
    public (Resource? Next, Problem? Problem) Apply(Resource current, HistoryVersion? earlier)
    {
        if (current.DeletedAt is not null && Kind != ChangeKind.Restored)
        {
            return (null, ResourceInput.NotFound());
        }

        if (IfVersion is { } version && version != current.Version)
        {
            return (null, KnownProblems.VersionMismatch(current.Version));
        }

        return Kind == ChangeKind.Replaced ? ReplaceResource.Apply(current, Type ?? current.Type, Data, Labels)
            : Kind == ChangeKind.Patched ? PatchResource.Apply(current, Data, LabelsPatch)
            : Kind == ChangeKind.Restored ? RestoreResource.Apply(current, earlier)
            : (DeleteResource.Apply(current), null);
    }
}
