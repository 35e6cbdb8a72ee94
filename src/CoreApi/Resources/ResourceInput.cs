using System.Text.Json;
using Platform.Contracts.Identifiers;
using Platform.ServiceDefaults.Problems;
using Platform.ServiceDefaults.Requests;

namespace Platform.CoreApi.Resources;

/// <summary>The rules for what a resource may hold, the same on every way in.</summary>
internal static class ResourceInput
{
    private const int MaxType = 64;

    /// <summary>Reads <c>type</c>: <c>[a-z][a-z0-9_.-]{0,63}</c>.</summary>
    public static string Type(JsonFields fields)
    {
        var type = fields.RequiredString("type", MaxType);
        if (type.Length > 0 && !IsType(type))
        {
            fields.Fault("type", "invalid_format", NoType("type"));
        }

        return type;
    }

    /// <summary>Reads <c>data</c>, a JSON object.</summary>
    public static JsonElement Data(JsonFields fields)
    {
        var data = fields.RequiredValue("data");
        if (data.ValueKind is not (JsonValueKind.Object or JsonValueKind.Undefined))
        {
            fields.Fault("data", "wrong_type", "'data' must be an object.");
        }

        return data;
    }

    public static bool IsType(string type) =>
        type.Length is > 0 and <= MaxType && char.IsAsciiLetterLower(type[0])
        && type.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '_' or '.' or '-');

    public static string NoType(string field) => $"'{field}' must match [a-z][a-z0-9_.-]{{0,63}}.";

    /// <summary>The id of a path; what is not one of ours is not there.</summary>
    public static bool TryId(string text, out Guid id) => TypeId.TryParse(IdPrefix.Resource, text, out id);

    /// <summary>Reads <c>version</c>, the number of a version.</summary>
    public static int Version(JsonFields fields)
    {
        if (!fields.Has("version"))
        {
            fields.Fault("version", "required", "'version' is required.");
        }

        return fields.OptionalInt("version", min: 1) ?? 0;
    }

    public static Problem NotFound() => KnownProblems.NotFound("resource");

    public static Problem NoSuchVersion() => KnownProblems.NotFound("version of such a resource");
}
