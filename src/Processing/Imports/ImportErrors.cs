using System.Text.Json;
using Platform.Processing.Peers;
using Platform.Processing.Running;
using Platform.ServiceDefaults.Peers;

namespace Platform.Processing.Imports;

/// <summary>The faults of all rows, out of the job's log into a file of the organization.</summary>
internal static class ImportErrors
{
    private const int Shown = 100;

    public static async Task<(IReadOnlyList<JsonElement> First, string File)> StoreAsync(ServiceCalls calls, JobRun run, CancellationToken cancellationToken)
    {
        var first = new List<JsonElement>();
        var upload = new StreamedFile($"import-errors-{run.Id}.ndjson", "application/x-ndjson", run, run.Id + ":errors", async (stream, token) =>
        {
            first.Clear();
            await foreach (var piece in ProgressRows.ReadLogAsync(run.Claim, token))
            {
                await stream.WriteAsync(piece, token);
                for (var at = 0; first.Count < Shown && at < piece.Length;)
                {
                    var end = at + piece.AsSpan(at).IndexOf((byte)'\n');
                    using var line = JsonDocument.Parse(piece.AsMemory(at, end - at));
                    first.Add(line.RootElement.Clone());
                    at = end + 1;
                }
            }
        });
        return (first, await upload.StoreAsync(calls, cancellationToken));
    }
}
