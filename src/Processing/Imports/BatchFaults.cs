using System.Text.Json;

namespace Platform.Processing.Imports;

/// <summary>What the Core API says of a chunk's rows.</summary>
internal static class BatchFaults
{
    /// <summary>Adds the rows that were not written to the chunk's faults.</summary>
    public static void Add(byte[] answer, ImportChunk chunk)
    {
        // The rule, and then there is no need to read through the thousand resources that it shows.
        if (answer.AsSpan().EndsWith("\"failed\":0}"u8))
        {
            return;
        }

        using var document = JsonDocument.Parse(answer);
        foreach (var result in document.RootElement.GetProperty("results").EnumerateArray())
        {
            if (result.TryGetProperty("error", out var error))
            {
                chunk.Faults.Add((chunk.LineOf(result.GetProperty("index").GetInt32()), Read(error)));
            }
        }
    }

    /// <summary>The first row that an atomic batch was refused for; no fault when it was refused for another reason.</summary>
    public static (long Line, RowFault? Fault) FirstRefused(byte[] problem, ImportChunk chunk)
    {
        using var document = JsonDocument.Parse(problem);
        if (document.RootElement.GetProperty("code").GetString() != "batch_failed")
        {
            return default;
        }

        var first = document.RootElement.GetProperty("errors")[0];
        var index = int.Parse(first.GetProperty("pointer").GetString()!.Split('/')[2]);
        return (chunk.LineOf(index), new(first.GetProperty("code").GetString()!, first.GetProperty("detail").GetString()!));
    }

    private static RowFault Read(JsonElement error) => new(
        error.GetProperty("code").GetString()!, error.GetProperty("detail").GetString()!,
        error.TryGetProperty("errors", out var errors) && errors.GetArrayLength() > 0 ? errors.Clone() : null);
}
