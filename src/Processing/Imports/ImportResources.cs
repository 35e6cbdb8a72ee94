using System.Net.Http.Headers;
using System.Text.Json;
using Platform.Processing.Peers;
using Platform.Processing.Running;
using Platform.ServiceDefaults.Authentication;
using Platform.ServiceDefaults.Peers;
using Platform.ServiceDefaults.Requests;

namespace Platform.Processing.Imports;

/// <summary>
/// <c>resources.import</c>: a stored file's rows become resources, a thousand to a request. A chunk is what follows from where it begins, its request's key
/// names that place, and the place is kept after it: a chunk that is written again after a crash is answered from what the first one left.
/// </summary>
internal sealed class ImportResources(ServiceCalls calls) : PeerHandler<ImportPayload>
{
    public const string Type = "resources.import";
    public static readonly string[] Permissions = [Scopes.FilesRead, Scopes.FilesWrite, Scopes.ResourcesWrite];

    /// <summary>How long it is certain that a request sent again is known as such: less than the day for which keys are kept.</summary>
    private static readonly TimeSpan Known = TimeSpan.FromHours(23);
    private static readonly byte[] Utf8Mark = [0xEF, 0xBB, 0xBF];

    protected override async Task RunAsync(JobRun<ImportPayload> run, CancellationToken cancellationToken)
    {
        var payload = run.Payload;
        var file = new StoredFileReader(calls, run.Caller, payload.FileId);
        await file.OpenAsync(cancellationToken);
        var scanner = new RecordScanner(file, payload.Format == ImportFormat.Csv ? (byte)payload.Separator : null);
        await SkipMarkAsync(file, scanner, cancellationToken);
        IRowReader reader = payload.Format == ImportFormat.Csv
            ? new CsvRows(await scanner.NextAsync(cancellationToken), payload.Type, payload.Mapping, payload.Separator)
            : new NdjsonRows(payload.Type, payload.Mapping);
        var state = await run.ReadCheckpointAsync<ImportState>(cancellationToken) ?? new(scanner.Offset, scanner.Line, 0, 0, 0);
        scanner.Seek(state.Offset, state.Line);
        var chunk = new ImportChunk();
        while (await FillAsync(chunk, scanner, reader, cancellationToken))
        {
            state = await AnnounceAsync(run, chunk, state, file.Size, cancellationToken);
            if (!await WriteAsync(run, chunk, state, cancellationToken))
            {
                return;
            }

            if (chunk.Faults.Count > 0)
            {
                run.Progress.Log(state.Offset, chunk.FaultsAsLines());
            }

            state = new(scanner.Offset, scanner.Line, state.Rows + chunk.Rows, state.Written + chunk.Rows - chunk.Faults.Count, state.Failed + chunk.Faults.Count);
        }

        await run.CheckpointAsync(state, 1, now: true, cancellationToken: cancellationToken);
        var (first, errors) = state.Failed > 0 ? await ImportErrors.StoreAsync(calls, run, cancellationToken) : ([], null);
        run.Succeed(new ImportResult(payload.FileId, state.Rows, state.Written, state.Failed, first, errors));
    }

    /// <summary>The next chunk; false when there is none. The scanner stands behind it.</summary>
    private static async Task<bool> FillAsync(ImportChunk chunk, RecordScanner scanner, IRowReader reader, CancellationToken cancellationToken)
    {
        chunk.Clear();
        while (!chunk.IsFull && await scanner.NextAsync(cancellationToken) is { } record)
        {
            // An empty line is none.
            if ((record.Fault is not null || !record.Content.IsEmpty) && !chunk.TryAdd(record, reader))
            {
                scanner.Seek(record.Offset, record.Line);
                break;
            }
        }

        return chunk.Rows > 0;
    }

    /// <summary>
    /// Keeps, before a chunk is sent, that it may have been. Where it stands there from an earlier attempt, the chunk is sent again under its key while that is
    /// known; after that, nobody can tell whether its rows are there.
    /// </summary>
    private static async Task<ImportState> AnnounceAsync(JobRun<ImportPayload> run, ImportChunk chunk, ImportState state, long size, CancellationToken cancellationToken)
    {
        var now = run.Claim.Clock.GetUtcNow();
        if (chunk.Count > 0 && state.SentAt is { } sent && now - sent > Known)
        {
            throw new PermanentFaultException(
                $"The rows from line {state.Line} on were sent at {Rfc3339.Format(sent)} and no answer came; it is too late to ask whether they were written. {state.Written} rows before them were. Look whether they are there, and import the rest as a file of its own. (import_uncertain)");
        }

        var announced = state with { SentAt = chunk.Count > 0 ? state.SentAt ?? now : null };
        await run.CheckpointAsync(announced, (double)state.Offset / size, $"{state.Rows} rows", now: chunk.Count > 0, cancellationToken);
        return announced;
    }

    /// <summary>False when the import has ended with it.</summary>
    private async Task<bool> WriteAsync(JobRun<ImportPayload> run, ImportChunk chunk, ImportState state, CancellationToken cancellationToken)
    {
        var stops = run.Payload.OnError == ImportFault.Stop;
        if (stops && chunk.Faults.Count > 0)
        {
            return Stop(run, chunk.Faults[0].Line, chunk.Faults[0].Fault, state);
        }

        if (chunk.Count == 0)
        {
            return true;
        }

        var body = chunk.ToBody(atomic: stops);
        var key = state.Refused == 0 ? $"{run.Id}:{state.Offset}" : $"{run.Id}:{state.Offset}:{state.Refused}";
        using var response = await calls.SendAsync("core", run.Caller, () => Request(body, key), cancellationToken);
        var answer = (int)response.StatusCode is 200 or 409 or 422 ? await response.Content.ReadAsByteArrayAsync(cancellationToken) : [];
        if (response.IsSuccessStatusCode)
        {
            BatchFaults.Add(answer, chunk);
            return true;
        }

        if (stops && BatchFaults.FirstRefused(answer, chunk) is var (line, fault) && fault is not null)
        {
            // Nothing was written. The refusal is stored under this key; a retry, after a schema has changed, asks anew.
            await run.CheckpointAsync(state with { Refused = state.Refused + 1, SentAt = null }, now: true, cancellationToken: cancellationToken);
            return Stop(run, line, fault, state);
        }

        await PeerAnswers.EnsureAsync(response, $"The rows from line {state.Line} on cannot be written", cancellationToken);
        return true;
    }

    private static bool Stop(JobRun<ImportPayload> run, long line, RowFault fault, ImportState state)
    {
        run.GiveUp($"Line {line}: {fault.Detail} ({fault.Code}). {state.Written} rows were written, nothing from line {state.Line} on.");
        return false;
    }

    private static HttpRequestMessage Request(byte[] body, string key)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, new Uri("/v1/resources:batch", UriKind.Relative)) { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        request.Headers.Add("Idempotency-Key", key);
        return request;
    }

    private static async Task SkipMarkAsync(StoredFileReader file, RecordScanner scanner, CancellationToken cancellationToken)
    {
        var head = new byte[3];
        var read = await file.ReadAsync(0, head, cancellationToken);
        if (read >= 2 && head[0] + head[1] == 0xFF + 0xFE && head[0] >= 0xFE)
        {
            throw new PermanentFaultException("The file is UTF-16; store it as UTF-8.");
        }

        if (read == 3 && head.AsSpan().SequenceEqual(Utf8Mark))
        {
            scanner.Seek(3, 1);
        }
    }
}
