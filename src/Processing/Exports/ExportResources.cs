using System.Globalization;
using System.Text.Json;
using Platform.Processing.Peers;
using Platform.Processing.Running;
using Platform.ServiceDefaults.Authentication;
using Platform.ServiceDefaults.Peers;

namespace Platform.Processing.Exports;

/// <summary>
/// <c>resources.export</c>: lists resources by creation and streams them into files. What is there all the while is in them exactly once. After each file the
/// job keeps where the next one begins; a file of an attempt that ended before it could say so is deleted by the next.
/// </summary>
internal sealed class ExportResources(ServiceCalls calls) : PeerHandler<ExportPayload>
{
    public const string Type = "resources.export";

    /// <summary>A file ends at the first page behind this many bytes.</summary>
    private const long MaxFile = 48 * 1024 * 1024;

    public static readonly string[] Permissions = [Scopes.ResourcesRead, Scopes.FilesRead, Scopes.FilesWrite];

    protected override async Task RunAsync(JobRun<ExportPayload> run, CancellationToken cancellationToken)
    {
        var state = await run.ReadCheckpointAsync<ExportState>(cancellationToken) ?? new(null, 0, [], Done: false);
        await DeleteOthersAsync(run, state, cancellationToken);
        var total = await CountAsync(run, cancellationToken);
        while (!state.Done)
        {
            var next = state;
            var extension = run.Payload.Format == ExportFormat.Csv ? "csv" : "ndjson";
            var name = $"export-{run.Id}-{(state.Files.Count + 1).ToString("000", CultureInfo.InvariantCulture)}.{extension}";

            // The content of a second try may be another one: what changed meanwhile.
            var file = new StreamedFile(
                name, extension == "csv" ? "text/csv" : "application/x-ndjson", run, $"{run.Id}:{run.Claim.Item.Token}:{state.Files.Count}:{Guid.CreateVersion7(run.Claim.Clock.GetUtcNow())}",
                async (stream, token) => next = await WriteAsync(run, state, total, stream, token));
            var id = await file.StoreAsync(calls, cancellationToken);
            state = next with { Files = [.. state.Files, new(id, next.Rows - state.Rows)] };
            await run.CheckpointAsync(state, now: true, cancellationToken: cancellationToken);
        }

        run.Succeed(new ExportResult(state.Rows, state.Files));
    }

    /// <summary>One file, from where the state says. Returns where it ended.</summary>
    private async Task<ExportState> WriteAsync(JobRun<ExportPayload> run, ExportState state, long? total, Stream stream, CancellationToken cancellationToken)
    {
        var rows = new RowWriter(run.Payload);
        var header = rows.Header();
        await stream.WriteAsync(header, cancellationToken);
        for (long bytes = header.Length; !state.Done && bytes < MaxFile;)
        {
            using var page = await ReadAsync(run, state.Cursor, cancellationToken);
            var data = page.RootElement.GetProperty("data");
            var content = rows.Rows(data);
            await stream.WriteAsync(content, cancellationToken);
            await stream.FlushAsync(cancellationToken);
            bytes += content.Length;
            state = state with
            {
                Cursor = page.RootElement.GetProperty("next_cursor").GetString(),
                Rows = state.Rows + data.GetArrayLength(),
                Done = !page.RootElement.GetProperty("has_more").GetBoolean(),
            };
            await run.ReportAsync(total > 0 ? Math.Min(0.99, (double)state.Rows / total.Value) : 0, $"{state.Rows} rows", cancellationToken: cancellationToken);
        }

        return state;
    }

    private async Task<JsonDocument> ReadAsync(JobRun<ExportPayload> run, string? cursor, CancellationToken cancellationToken)
    {
        var address = run.Payload.ToQuery() + (cursor is null ? "" : "&cursor=" + Uri.EscapeDataString(cursor));
        using var response = await calls.SendAsync("core", run.Caller, () => new(HttpMethod.Get, new Uri(address, UriKind.Relative)), cancellationToken);
        await PeerAnswers.EnsureAsync(response, "The resources cannot be listed", cancellationToken);
        return await JsonDocument.ParseAsync(await response.Content.ReadAsStreamAsync(cancellationToken), cancellationToken: cancellationToken);
    }

    /// <summary>How many there are, for the progress; null where nobody has counted them.</summary>
    private async Task<long?> CountAsync(JobRun<ExportPayload> run, CancellationToken cancellationToken)
    {
        if (run.Payload.Type is not { } type || run.Payload.Labels is { Count: > 0 })
        {
            return null;
        }

        using var response = await calls.SendAsync("core", run.Caller, () => new(HttpMethod.Get, new Uri("/v1/resource-types/" + Uri.EscapeDataString(type), UriKind.Relative)), cancellationToken);
        if (!response.IsSuccessStatusCode)
        {
            return null;
        }

        using var document = await JsonDocument.ParseAsync(await response.Content.ReadAsStreamAsync(cancellationToken), cancellationToken: cancellationToken);
        return document.RootElement.GetProperty("count").GetInt64();
    }

    /// <summary>Files of this job that it does not know of: an attempt ended between a file and its checkpoint.</summary>
    private async Task DeleteOthersAsync(JobRun<ExportPayload> run, ExportState state, CancellationToken cancellationToken)
    {
        using var response = await calls.SendAsync("core", run.Caller, () => new(HttpMethod.Get, new Uri($"/v1/files?limit=200&label=job:{run.Id}", UriKind.Relative)), cancellationToken);
        await PeerAnswers.EnsureAsync(response, "The files of this job cannot be listed", cancellationToken);
        using var page = await JsonDocument.ParseAsync(await response.Content.ReadAsStreamAsync(cancellationToken), cancellationToken: cancellationToken);
        foreach (var id in page.RootElement.GetProperty("data").EnumerateArray().Select(f => f.GetProperty("id").GetString()!).Except(state.Files.Select(f => f.FileId), StringComparer.Ordinal))
        {
            using var deleted = await calls.SendAsync("core", run.Caller, () => new(HttpMethod.Delete, new Uri("/v1/files/" + id, UriKind.Relative)), cancellationToken);
        }
    }
}

/// <summary>Where an export is: after a file.</summary>
/// <param name="Cursor">Of the list; null for its beginning.</param>
internal sealed record ExportState(string? Cursor, long Rows, IReadOnlyList<ExportedFile> Files, bool Done);

internal sealed record ExportedFile(string FileId, long Rows);

internal sealed record ExportResult(long Rows, IReadOnlyList<ExportedFile> Files);
