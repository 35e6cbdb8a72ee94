using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Platform.Processing.Types;

/// <summary>How payloads, checkpoints and results are JSON: snake_case, strict about types.</summary>
internal static class JobJson
{
    /// <summary>
    /// Unknown fields are refused where a payload comes in (<see cref="PayloadContract"/>), and let pass here: a trigger adds <c>event</c>, and a
    /// later version may have added what this one does not know.
    /// </summary>
    public static JsonSerializerOptions Options { get; } = new()
    {
        // Types are looked into before anything was read or written, which is what sets it otherwise.
        TypeInfoResolver = new DefaultJsonTypeInfoResolver(),
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower, allowIntegerValues: false) },
    };
}
