using System.Text;
using System.Text.Json;
using Platform.ServiceDefaults.Requests;

namespace Platform.Processing.Types;

/// <summary>Something that a job can do.</summary>
internal interface IJobType
{
    /// <summary>As in <c>type</c>.</summary>
    string Name { get; }

    /// <summary>True when the payload may be any object.</summary>
    bool TakesAnything { get; }

    /// <summary>Takes the payload's fields and notes what is wrong with them.</summary>
    void Check(JsonFields payload);

    /// <summary>One attempt. Failures of the work are results; the token ends with the job's timeout, its cancellation and the process.</summary>
    Task<AttemptResult> RunAsync(JobAttempt attempt, CancellationToken cancellationToken);
}

/// <param name="Id"><c>job_...</c></param>
internal sealed record JobAttempt(string Id, int Number, ReadOnlyMemory<byte> Payload)
{
    public JsonDocument ParsePayload() => JsonDocument.Parse(Payload);
}

/// <summary>How an attempt ended.</summary>
/// <param name="Result">JSON; null for none.</param>
/// <param name="Error">Null for success.</param>
internal sealed record AttemptResult(byte[]? Result, string? Error)
{
    private const int MaxError = 2000;

    /// <summary>No further attempt can succeed.</summary>
    public bool IsHopeless { get; init; }

    /// <summary>The other side asked not to be called before this.</summary>
    public TimeSpan? NotBefore { get; init; }

    public static AttemptResult Success(byte[]? result) => new(result, null);

    /// <summary>The error is made fit to be stored: short, without NUL and without half a character.</summary>
    public static AttemptResult Failure(string error)
    {
        var text = error.Length > MaxError ? error[..MaxError] : error;
        return new(null, Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text)).Replace('\0', ' '));
    }
}
